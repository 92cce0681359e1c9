//! The hit ratio of late.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{concurrent::Counts, timeline::Timeline};

/// So many samples make a window.
const SAMPLES: u32 = 32;

/// Counts as they were at some times of late: at most one sample for each 32nd part of the window.
#[derive(Debug)]
pub(super) struct Window {
    length: Duration,
    samples: Mutex<VecDeque<(u64, Counts)>>,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        Self {
            length,
            samples: Mutex::default(),
        }
    }

    /// Takes a sample if the last one is old enough. Whoever meets another thread here goes on.
    pub(super) fn sample(&self, timeline: &Timeline, counts: impl FnOnce() -> Counts) {
        let Ok(mut samples) = self.samples.try_lock() else {
            return;
        };
        let now = timeline.now();
        let spacing = timeline.ticks(self.length / SAMPLES);
        if samples
            .back()
            .is_none_or(|(then, _)| now.saturating_sub(*then) >= spacing)
        {
            samples.push_back((now, counts()));
            self.forget_old(&mut samples, timeline, now);
        }
    }

    /// Keeps one sample that is as old as the window or older.
    fn forget_old(&self, samples: &mut VecDeque<(u64, Counts)>, timeline: &Timeline, now: u64) {
        let length = timeline.ticks(self.length);
        while samples.len() > SAMPLES as usize + 2
            || samples
                .get(1)
                .is_some_and(|(then, _)| now.saturating_sub(*then) >= length)
        {
            samples.pop_front();
        }
    }

    /// What was counted since the oldest sample of the window, and how long ago that was.
    pub(super) fn since(&self, timeline: &Timeline, counts: Counts) -> (Counts, Duration) {
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        let now = timeline.now();
        self.forget_old(&mut samples, timeline, now);
        match samples.front() {
            Some((then, before)) => (counts.since(before), timeline.between(*then, now)),
            None => (counts, Duration::ZERO),
        }
    }
}
