//! A heap profile for pprof, in the four values that heap profiles have there, and what lived at the peak.

use std::{collections::HashMap, io};

use tuneup_report::Pprof;

use crate::snapshot::Snapshot;

const VALUES: [(&str, &str); 6] = [
    ("alloc_objects", "count"),
    ("alloc_space", "bytes"),
    ("inuse_objects", "count"),
    ("inuse_space", "bytes"),
    ("peak_objects", "count"),
    ("peak_space", "bytes"),
];

pub(super) fn encode(snapshot: &Snapshot) -> io::Result<Vec<u8>> {
    let names = snapshot.names();
    let started_unix_ns = snapshot
        .taken_unix_ns
        .saturating_sub(snapshot.elapsed.as_nanos() as u64);
    let interval = i64::try_from(snapshot.interval_bytes).unwrap_or(i64::MAX);
    let mut pprof = Pprof::new(&snapshot.program, &VALUES)
        .during(started_unix_ns, snapshot.elapsed)
        .period(("space", "bytes"), interval)
        .shown_first("inuse_space")
        .comment(concat!("tuneup-memory ", env!("CARGO_PKG_VERSION")));
    let functions = names.functions.iter();
    let functions = functions
        .map(|function| pprof.function(&function.name, &function.file, function.line))
        .collect::<Vec<_>>();
    let mut places = HashMap::<u64, u64>::new();
    let other = pprof.function(super::OTHER_STACKS, "", 0);
    let other = pprof.place(&[(other, 0)]);
    for stack in &snapshot.stacks {
        let site = names.site(&stack.calls);
        // The way to the allocator is left out, but for what was inlined where the site is.
        let first = stack.calls.iter().position(|call| {
            let frames = names.frames.get(call);
            frames.is_some_and(|frames| frames.iter().any(|frame| Some(*frame) == site))
        });
        let mut path = Vec::new();
        for call in &stack.calls[first.unwrap_or(0)..] {
            path.push(*places.entry(*call).or_insert_with(|| {
                let frames = names.frames.get(call).map_or(&[][..], Vec::as_slice);
                let frames = frames
                    .iter()
                    .map(|frame| (functions[frame.function], frame.line));
                pprof.place(&frames.collect::<Vec<_>>())
            }));
        }
        if path.is_empty() {
            path.push(other);
        }
        let sums = [&stack.sums.allocated, &stack.sums.live, &stack.sums.at_peak];
        let values = sums.map(|sums| [sums.blocks, sums.bytes]).concat();
        let values = values.iter().map(|value| value.round() as i64);
        pprof.sample(&path, &values.collect::<Vec<_>>());
    }
    pprof.into_gzip()
}
