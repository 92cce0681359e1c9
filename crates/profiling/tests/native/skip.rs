//! Tests that need what a machine may not give.

use std::io::Write as _;

use tuneup_profiling::{Error, NativeSamplerBuilder, RunningNativeSampler};

/// Says past the capture of the test harness that a test was left out.
pub(crate) fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}

/// A sampler at work, or `None` where the kernel does not allow one.
pub(crate) fn start(test: &str, builder: NativeSamplerBuilder) -> Option<RunningNativeSampler> {
    match builder.start() {
        Ok(sampler) => Some(sampler),
        Err(error @ Error::Sampler { .. }) => {
            skipped(test, &error.to_string());
            None
        }
        Err(error) => panic!("{error}"),
    }
}
