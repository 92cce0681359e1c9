//! How often something dear may be done.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// The share of a core that one dear reading may take: a hundredth.
const PAUSE_PER_COST: u32 = 100;

/// Lets a reading happen again when a hundred times of the processor time that it has taken has passed: some are cheap for one process and dear for
/// another, and some hold locks that the process wants.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Option<Instant>,
}

impl Pace {
    /// Does it if it is due; the first time it is.
    pub(super) fn run<T>(&mut self, read: impl FnOnce() -> T) -> Option<T> {
        let begun = Instant::now();
        if self.next.is_some_and(|next| begun < next) {
            return None;
        }
        // By the clock on the wall, a machine that is busy with others would let it happen hardly ever.
        let used = used();
        let result = read();
        self.next = Some(begun + self::used().saturating_sub(used) * PAUSE_PER_COST);
        Some(result)
    }
}

/// Processor time of this thread; it has such a clock on every Linux.
fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dear_is_not_done_again_at_once() {
        let mut pace = Pace::default();
        let dear = || {
            let begun = used();
            while used() - begun < Duration::from_millis(50) {}
            Instant::now()
        };
        let begun = Instant::now();
        assert!(pace.run(dear).is_some());
        assert!(pace.next.unwrap() - begun >= Duration::from_secs(5));
        assert!(pace.run(dear).is_none());
    }

    /// As where others have the processors.
    #[test]
    fn waiting_is_not_dear() {
        let mut pace = Pace::default();
        let waits = || std::thread::sleep(Duration::from_millis(200));
        let begun = Instant::now();
        assert!(pace.run(waits).is_some());
        let pause = pace.next.unwrap() - begun;
        assert!(pause < Duration::from_secs(20), "{pause:?}");
    }
}
