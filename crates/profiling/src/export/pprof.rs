//! The call tree for pprof.

use std::path::Path;

use tuneup_report::Pprof;

use super::call_paths::{CallPaths, Quantity};
use super::format::refused;
use crate::{Error, Profile};

pub(super) fn encode(profile: &Profile, path: &Path) -> Result<Vec<u8>, Error> {
    let paths = CallPaths::of(profile);
    let main = paths.main_quantity();
    let quantities = quantities(&paths, main);
    let values = quantities.iter().map(|&quantity| named(quantity));
    let mut pprof = Pprof::new(&profile.program, &values.collect::<Vec<_>>())
        .during(profile.started_unix_ns, profile.duration)
        .comment(concat!("tuneup-profiling ", env!("CARGO_PKG_VERSION")))
        .shown_first(named(main).0);
    if let Some(sampling) = profile.sampling.filter(|sampling| sampling.rate_hz > 0.0) {
        let period = (1e9 / sampling.rate_hz).round() as i64;
        pprof = pprof.period(("wall", "nanoseconds"), period);
    }
    let places = places(profile, &paths, &mut pprof);
    paths.for_each_stack(&quantities, |stack, values| {
        // The innermost comes first.
        let stack = stack.iter().rev().map(|&frame| places[frame]);
        let values = values.iter().map(|&value| signed(value));
        pprof.sample(&stack.collect::<Vec<_>>(), &values.collect::<Vec<_>>());
    });
    pprof.into_gzip().map_err(|error| refused(path, error))
}

/// What is known of the stacks, the number of calls first, as is the custom.
fn quantities(paths: &CallPaths<'_>, main: Quantity) -> Vec<Quantity> {
    let mut quantities = vec![Quantity::Calls];
    if main == Quantity::Time {
        quantities.push(Quantity::Time);
    }
    if paths.has_allocations() {
        quantities.extend([Quantity::Blocks, Quantity::Bytes]);
    }
    if paths.has_samples() {
        quantities.extend([Quantity::Samples, Quantity::CpuSamples]);
    }
    quantities
}

/// The name and unit of a column of values.
fn named(quantity: Quantity) -> (&'static str, &'static str) {
    match quantity {
        Quantity::Calls => ("calls", "count"),
        Quantity::Time => ("time", "nanoseconds"),
        Quantity::Blocks => ("allocations", "count"),
        Quantity::Bytes => ("allocated", "bytes"),
        Quantity::Samples => ("samples", "count"),
        Quantity::CpuSamples => ("cpu_samples", "count"),
    }
}

/// One place for each function: the line is that of its name, as the lines of calls are not known.
fn places(profile: &Profile, paths: &CallPaths<'_>, pprof: &mut Pprof) -> Vec<u64> {
    let place = |frame: usize| {
        let known = profile.functions.get(frame);
        let (file, line) = known.map_or(("", 0), |known| (&*known.file, known.line));
        let function = pprof.function(paths.frame_name(frame), file, line);
        pprof.place(&[(function, line)])
    };
    (0..paths.frame_count()).map(place).collect()
}

/// The format has no unsigned values.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
