//! `--self-test`: the statistics of the tools, on this machine.

use std::process::ExitCode;

use tuneup_benchmarking::self_test;
use tuneup_report::{Progress, Terminal};

/// Comparisons of a function with itself.
const SAME: usize = 200;

/// Comparisons of a function with a slower copy.
const PLANTED: usize = 100;

/// Runs the self-test; the exit code says whether everything is as it should be.
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let bar = Progress::stderr((SAME + PLANTED + 8) as u64, "self-test");
    let found = self_test(SAME, PLANTED, &mut |step| {
        bar.set_message(step);
        bar.inc(1);
    })?;
    bar.finish();
    println!("{}", found.table().render(&Terminal::detect()));
    Ok(if found.is_passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(super::REGRESSED)
    })
}
