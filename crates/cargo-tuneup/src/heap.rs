//! `cargo tuneup heap`: what a program allocates, without an edit.

pub(crate) mod difference;
mod source;
pub(crate) mod view;

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::Args;
use tuneup_measure::{Bytes, parse_bytes, parse_duration};
use tuneup_memory::Snapshot;
use tuneup_recorder::HeapDump;

use self::view::View;
use crate::{
    format::Stream,
    injection::{Program, Run, Target},
};

/// What is built, run and recorded.
#[derive(Args)]
#[command(
    after_help = "The program is compiled with an allocator around its own, or around the system's, with frame pointers and with names for its code; sources, manifests and the\n\
    lock file are not touched, and a program that does not depend on tuneup needs not begin to. The table is on standard error, the exit code is the program's.\n\n\
    Every block is recorded: a program that does little but allocate takes two to four times as long, and some hundred bytes for each block that lives. With\n\
    --sample it takes hardly longer, and sites have errors: 10 % where a hundred samples were.\n\n\
    A temporary block is freed before its thread allocates the next one: a buffer that is kept would do.\n\n\
    Example: cargo tuneup heap --bin server -o heap.html --sort temporary -- --port 8080"
)]
pub(crate) struct Options {
    #[command(flatten)]
    target: Target,
    /// Record one block in so many allocated bytes, as 512KiB, instead of every block
    #[arg(long, value_name = "BYTES", value_parser = interval)]
    sample: Option<u64>,
    /// End the program after so long, by SIGTERM
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    #[command(flatten)]
    view: View,
    /// What the program is given
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

fn interval(text: &str) -> Result<u64, String> {
    match parse_bytes(text) {
        Ok(Bytes(bytes)) if bytes >= 2 => Ok(bytes),
        Ok(_) => Err("2 or more; without --sample every block is recorded".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    options.view.check()?;
    let program = Program::build_tracked(&options.target)?;
    let interval = options.sample.unwrap_or(1).to_string();
    let ended = program.run(&Run {
        arguments: &options.arguments,
        environment: &[("TUNEUP_HEAP", &interval)],
        duration: options.duration,
    })?;
    let recorded = ended.recorded("heap")?;
    let dump = recorded
        .map(|recorded| {
            Ok::<_, anyhow::Error>((HeapDump::read(&recorded.bytes)?, recorded.written))
        })
        .transpose()?;
    let Some((dump, written)) = dump.filter(|(dump, _)| dump.trace.counted.allocated_blocks > 0)
    else {
        tell_nothing(&program);
        return Ok(ended.code);
    };
    let snapshot = Snapshot::from_dump(&dump, program.name(), written)
        .rename_files(|file| source::short(file, program.root()));
    options.view.tell(&snapshot, Stream::Error)?;
    Ok(ended.code)
}

/// Why there may be nothing, and what to do about it.
fn tell_nothing(program: &Program) {
    let reasons = program.why_untracked();
    if reasons.is_empty() {
        return eprintln!(
            "nothing was recorded: the program was killed, or has become another one by exec; let it end, or end it by --duration"
        );
    }
    eprintln!("nothing was recorded, because the program's blocks could not be tracked:");
    for reason in reasons {
        eprintln!("  {reason}");
    }
    eprintln!(
        "write the allocator as `#[global_allocator] static NAME: TYPE = VALUE;`, or build without it: often it is a feature (--features) or a `cfg`"
    );
}
