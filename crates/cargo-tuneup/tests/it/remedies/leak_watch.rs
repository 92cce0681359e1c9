//! Sites that never stop growing.

use tuneup_memory::{Error, LeakReport, LeakWatch, Trace, TraceOptions, TrackingAllocator};

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();

pub fn watch(mut work: impl FnMut()) -> Result<LeakReport, Error> {
    let trace = Trace::start(TraceOptions::sampling(512 << 10))?;
    let mut watch = LeakWatch::new();
    for _ in 0..20 {
        work();
        watch.observe(&trace.snapshot());
    }
    Ok(watch.report())
}
