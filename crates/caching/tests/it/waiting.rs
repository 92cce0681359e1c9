//! What a loader waits for, so that all callers meet while it runs.

use std::time::{Duration, Instant};

use tuneup_caching::Info;

const LONG: Duration = Duration::from_secs(60);

/// Lets a loader go on when so many callers wait for it.
pub(crate) fn until_waited_for(info: impl Fn() -> Info, callers: u64) {
    let deadline = Instant::now() + LONG;
    while !is_waited_for(&info, callers, deadline) {
        std::thread::yield_now();
    }
}

/// As [`until_waited_for`], for a loader that is a future.
pub(crate) async fn until_waited_for_async(info: impl Fn() -> Info, callers: u64) {
    let deadline = Instant::now() + LONG;
    while !is_waited_for(&info, callers, deadline) {
        tokio::task::yield_now().await;
    }
}

fn is_waited_for(info: impl Fn() -> Info, callers: u64, deadline: Instant) -> bool {
    let waits = info().waits;
    assert!(
        Instant::now() < deadline,
        "{waits} of {callers} callers wait"
    );
    waits >= callers
}
