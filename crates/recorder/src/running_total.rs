//! A total that also says whether something is being added to it right now.

use crate::sync::Counter;

/// A sum of times (or of anything that only grows) in one word, which a reader can complete at any moment.
///
/// While an interval runs, its begin is taken off in advance. As a begin is greater than any total before it, the word
/// is negative then: one load tells a reader all, the total, whether an interval runs, and when it began. Two words,
/// whatever their order, would leave moments in which the interval counts twice or not at all.
///
/// Begins are below 2⁶³ and greater than the total: the counter of a processor has counted since before the process began,
/// and what may begin at 0 is moved up by [`ORIGIN`].
#[derive(Debug, Default)]
#[repr(transparent)]
pub(crate) struct RunningTotal(Counter);

/// What is added to a clock, or to a counter, that may begin at 0.
pub(crate) const ORIGIN: u64 = 1 << 62;

impl RunningTotal {
    /// For the owner: an interval begins, at what `begin` says once all else is done. None may be running.
    #[inline(always)]
    pub(crate) fn begin_with(&self, begin: impl FnOnce() -> u64) {
        let total = self.0.get();
        self.0.set(total.wrapping_sub(begin()));
    }

    /// For the owner: an interval begins at `begin`. None may be running.
    pub(crate) fn begin(&self, begin: u64) {
        self.begin_with(|| begin);
    }

    /// For the owner: the interval that began at `begin` ends, and was as long as `length` says once all else is done.
    #[inline(always)]
    pub(crate) fn end_with(&self, begin: u64, length: impl FnOnce() -> u64) {
        let before = self.before(begin);
        self.0.set(before.wrapping_add(length()));
    }

    /// For the owner: the interval that began at `begin` was as long as `length`.
    pub(crate) fn end(&self, begin: u64, length: u64) {
        self.end_with(begin, || length);
    }

    /// For the owner: the total without the interval that runs and began at `begin`.
    #[inline(always)]
    pub(crate) fn before(&self, begin: u64) -> u64 {
        self.0.get().wrapping_add(begin)
    }

    pub(crate) fn reset(&self) {
        self.0.set(0);
    }

    /// For anybody: the word, to be [`complete`](Word::complete)d with a `now` that is read after it.
    pub(crate) fn read(&self) -> Word {
        Word(self.0.get())
    }
}

/// A total as it was at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word(u64);

impl Word {
    /// Whether an interval was running.
    pub(crate) fn is_running(self) -> bool {
        self.0.cast_signed() < 0
    }

    /// The total, with what runs counted up to `now`.
    pub(crate) fn complete(self, now: u64) -> u64 {
        if !self.is_running() {
            return self.0;
        }
        let total = self.0.wrapping_add(now).cast_signed();
        // A `now` of another core's counter may lie before the begin.
        u64::try_from(total).unwrap_or(0)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_the_sum_of_its_intervals_at_any_moment(
            intervals in prop::collection::vec((0_u64..1 << 40, 0_u64..1 << 40), 1..20),
            part in 0_u64..1 << 40,
        ) {
            let total = RunningTotal::default();
            let (mut now, mut sum) = (ORIGIN, 0);
            for (pause, length) in intervals {
                now += pause;
                total.begin(now);
                prop_assert!(total.read().is_running());
                prop_assert_eq!(total.read().complete(now + part), sum + part);
                prop_assert_eq!(total.before(now), sum);
                total.end(now, length);
                now += length;
                sum += length;
                prop_assert!(!total.read().is_running());
                prop_assert_eq!(total.read().complete(now + part), sum);
            }
        }
    }

    #[test]
    fn a_counter_that_is_behind_takes_nothing_off() {
        let total = RunningTotal::default();
        total.begin(ORIGIN + 100);
        assert_eq!(total.read().complete(ORIGIN + 90), 0);
    }
}
