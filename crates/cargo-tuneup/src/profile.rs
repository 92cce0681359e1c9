//! `cargo tuneup profile`: every call of a program, without an edit.

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Args, ValueEnum};
use tuneup_measure::parse_duration;
use tuneup_profiling::Profile;
use tuneup_recorder::Dump;

use crate::{
    format::Stream,
    injection::{Program, Run, Target, Wish},
    view::View,
};

/// What is built, run and recorded.
#[derive(Args)]
#[command(
    after_help = "The packages of the workspace are compiled from a shadow of their sources, below the target folder; sources, manifests and the lock file are not\n\
    touched, and a program that does not depend on tuneup needs not begin to. The table is on standard error, the exit code is the program's.\n\n\
    Example: cargo tuneup profile --bin server --fn '^server::' -o profile.html -- --port 8080"
)]
pub(crate) struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    wish: Wish,
    /// How much is recorded of each call
    #[arg(long, value_enum, default_value_t = Detail::Full)]
    detail: Detail,
    /// End the program after so long, by SIGTERM
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    #[command(flatten)]
    view: View,
    /// What the program is given
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Detail {
    /// Its time, and the distribution of the times of its function
    Full,
    /// Its time, a few nanoseconds cheaper
    Flat,
    /// That it was made
    Counted,
}

impl Detail {
    /// As the runtime has it.
    fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Flat => "flat",
            Self::Counted => "counted",
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    options.view.check()?;
    let recorded = record(&Order {
        target: &options.target,
        wish: &options.wish,
        detail: options.detail.word(),
        duration: options.duration,
        arguments: &options.arguments,
    })?;
    if let Some(profile) = &recorded.profile {
        if options.wish.has_lines() {
            options.view.tell_with_lines(profile, Stream::Error)?;
        } else {
            options.view.tell(profile, Stream::Error)?;
        }
        recorded.program.tell_skipped();
    }
    Ok(recorded.code)
}

/// What is recorded of which program.
pub(crate) struct Order<'a> {
    pub(crate) target: &'a Target,
    pub(crate) wish: &'a Wish,
    /// As the runtime has it.
    pub(crate) detail: &'static str,
    pub(crate) duration: Option<Duration>,
    pub(crate) arguments: &'a [String],
}

/// A program that was recorded.
pub(crate) struct Recorded {
    /// Its own.
    pub(crate) code: ExitCode,
    /// None if it has left nothing, which is told then.
    pub(crate) profile: Option<Profile>,
    pub(crate) program: Program,
}

/// Builds the program, runs it, and reads what it has recorded.
pub(crate) fn record(order: &Order<'_>) -> Result<Recorded> {
    // One folder for calls and lines: what both compile alike is compiled once.
    let program = Program::build("profile", order.target, order.wish)?;
    let ended = program.run(&Run {
        arguments: order.arguments,
        environment: &[("TUNEUP_DETAIL", order.detail)],
        duration: order.duration,
    })?;
    let profile = match ended.recorded("recording")? {
        Some(recorded) => {
            let dump = Dump::read(&recorded.bytes)?;
            let profile = Profile::from_dump(&dump, program.name(), recorded.written);
            Some(profile.with_sources_below(program.root()))
        }
        None => {
            eprintln!(
                "nothing was recorded: the program was killed, or no function of it could be recorded"
            );
            None
        }
    };
    Ok(Recorded {
        code: ended.code,
        profile,
        program,
    })
}
