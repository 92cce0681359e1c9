//! How fast something grows that is held to a limit by time.

use std::time::{Duration, Instant};

/// A quota of processor time holds for periods of a tenth of a second, within which it may be used up at once: less than several of them say
/// nothing about the limit.
const WINDOW: Duration = Duration::from_millis(500);

/// A count, from one look to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    since: Option<(Instant, u64)>,
    per_s: Option<f64>,
}

impl Rate {
    /// By second, over half a second at least; none before that has passed.
    pub(super) fn update(&mut self, now: Instant, count: u64) -> Option<f64> {
        let Some((since, before)) = self.since else {
            self.since = Some((now, count));
            return None;
        };
        let elapsed = now - since;
        if elapsed >= WINDOW {
            self.per_s = Some(count.saturating_sub(before) as f64 / elapsed.as_secs_f64());
            self.since = Some((now, count));
        }
        self.per_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_no_rate() {
        let mut rate = Rate::default();
        let begun = Instant::now();
        let mut at = |ms, count| rate.update(begun + Duration::from_millis(ms), count);
        assert_eq!(at(0, 100), None);
        assert_eq!(at(50, 900), None);
        assert_eq!(at(1_000, 1_100), Some(1_000.0));
        assert_eq!(at(1_010, 9_100), Some(1_000.0), "the last one holds");
        assert_eq!(at(2_000, 0), Some(0.0), "begun anew");
    }
}
