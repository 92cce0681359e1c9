//! Sessions that last as long as a block of iterations: a process has one at most, and some cases are to run without any.

use std::hint::black_box;

use tuneup_profiling::{Detail, Profiler, Session};

/// A session for [`Cases::within`](tuneup_benchmarking::harness::Cases::within). The first calls, which make what the calling
/// thread keeps of them, are behind it.
pub(super) fn recording<T>(
    detail: Detail,
    first: impl Fn() -> T + 'static,
) -> impl Fn() -> Session + 'static {
    move || {
        let session = start(detail);
        black_box(first());
        session
    }
}

pub(super) fn start(detail: Detail) -> Session {
    let builder = Profiler::builder().detail(detail);
    builder.start().expect("no other session records")
}
