//! What a thread has done with its time, as the system has counted it.

use std::time::{Duration, Instant};

/// The processor time of the calling thread; `None` where the system does not tell.
#[cfg(unix)]
pub(super) fn processor_time() -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a value that lives during the call.
    let outcome = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    if outcome != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanoseconds))
}

/// Only Unix is asked.
#[cfg(not(unix))]
pub(super) fn processor_time() -> Option<Duration> {
    None
}

/// How long the calling thread was ready to run and had no processor (the second field of `/proc/thread-self/schedstat`); zero where the
/// system does not tell. On a machine that is busy this would else pass for waiting.
pub(super) fn queued_time() -> Duration {
    let queued_ns = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_ascii_whitespace().nth(1)?.parse().ok());
    Duration::from_nanos(queued_ns.unwrap_or(0))
}

/// A time on the wall, and what the thread had of a processor in it.
///
/// The processor clock is read outside of the other one: reading it takes a call of the system, which would else count as waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopwatch {
    start: Instant,
    processor: Option<Duration>,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        let processor = processor_time();
        Self {
            start: Instant::now(),
            processor,
        }
    }

    /// On the wall, and of the processor.
    pub(super) fn stop(self) -> (Duration, Option<Duration>) {
        let wall = self.start.elapsed();
        let processor = self
            .processor
            .and_then(|start| Some(processor_time()?.saturating_sub(start)));
        (wall, processor)
    }
}
