//! What decides what the steps of a release make: who goes on with another of these would hand over what was never proved.

use std::env;

use tuneup_packaging::SigningKey;

use super::Options;

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
        match options.knowledge.advisories {
            Some(_) => "with advisories",
            None => "without advisories",
        }
        .to_owned(),
    ];
    let left_out = options.knowledge.not_applicable.iter();
    let mut left_out: Vec<String> = left_out
        .map(|(id, reason)| format!("without {id}={reason}"))
        .collect();
    // Their order says nothing.
    left_out.sort();
    parts.extend(left_out);
    if let Ok(seconds) = env::var("SOURCE_DATE_EPOCH") {
        parts.push(format!("at {seconds} s"));
    }
    parts.join(", ")
}
