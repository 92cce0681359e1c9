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
    let program = Program::build("profile", &options.target, &options.wish)?;
    let ended = program.run(&Run {
        arguments: &options.arguments,
        environment: &[("TUNEUP_DETAIL", options.detail.word())],
        duration: options.duration,
    })?;
    let Some(recorded) = ended.recorded("recording")? else {
        eprintln!(
            "nothing was recorded: the program was killed or has aborted, or no function of it could be recorded"
        );
        return Ok(ended.code);
    };
    let dump = Dump::read(&recorded.bytes)?;
    let profile = Profile::from_dump(&dump, program.name(), recorded.written);
    options.view.tell(&profile, Stream::Error)?;
    program.tell_skipped();
    Ok(ended.code)
}
