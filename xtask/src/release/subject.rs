//! What decides what the steps of a release make: who goes on with another of these would hand over what was never proved.

use std::env;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use tuneup_packaging::SigningKey;

use super::Options;
use crate::ready::Knowledge;

/// What the checklist is told, and what of it decides how it comes out.
pub(crate) struct Told {
    pub(super) knowledge: Knowledge,
    /// Checks and reasons, sorted: their order says nothing.
    left_out: Vec<String>,
    has_advisories: bool,
}

impl Args for Told {
    fn augment_args(command: Command) -> Command {
        Knowledge::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Knowledge::augment_args_for_update(command)
    }
}

impl FromArgMatches for Told {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let left_out = matches.get_many::<(String, String)>("not_applicable");
        let left_out = left_out.into_iter().flatten();
        let mut left_out: Vec<String> = left_out
            .map(|(id, reason)| format!("{id}={reason}"))
            .collect();
        left_out.sort();
        Ok(Self {
            knowledge: Knowledge::from_arg_matches(matches)?,
            left_out,
            has_advisories: matches.contains_id("advisories"),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What a release is of, in a line. Whether it is handed over in the end is not in it: what was proved without that is handed over as it is.
pub(super) fn subject(options: &Options, commit: &str, key: Option<&SigningKey>) -> String {
    let registry = options.registry.as_deref();
    let mut parts = vec![
        format!("{} of commit {commit}", options.raise),
        format!("for the registry {}", registry.unwrap_or("of Cargo")),
        match key {
            Some(key) => format!("signed by {}", key.public_key()),
            None => "unsigned".to_owned(),
        },
        match options.told.has_advisories {
            true => "with advisories",
            false => "without advisories",
        }
        .to_owned(),
    ];
    parts.extend(
        options
            .told
            .left_out
            .iter()
            .map(|one| format!("without {one}")),
    );
    if let Ok(seconds) = env::var("SOURCE_DATE_EPOCH") {
        parts.push(format!("at {seconds} s"));
    }
    parts.join(", ")
}
