//! What stacks had at several moments, in bounded memory.

use std::{collections::HashMap, time::Duration};

use crate::Snapshot;

/// Live bytes and blocks of stacks over time.
#[derive(Debug)]
pub(super) struct History {
    pub(super) most_moments: usize,
    pub(super) most_series: usize,
    /// When snapshots were taken, from the begin of the trace.
    pub(super) moments: Vec<Duration>,
    pub(super) series: HashMap<Key, Series>,
    /// Series that were given up for others.
    pub(super) dropped: u64,
    /// Of so many snapshots one is kept.
    stride: u64,
    observed: u64,
}

/// A stack: the calls, from the innermost outwards, and the scope.
pub(super) type Key = (Vec<u64>, u32);

/// What a stack had.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    /// The moment of its first snapshot.
    pub(super) first_seen: Duration,
    /// Live bytes at each moment.
    pub(super) bytes: Vec<f64>,
    /// Live blocks at the last one.
    pub(super) blocks: f64,
    /// The variance of the live bytes at the last one: 0 where every block was traced.
    pub(super) variance: f64,
}

impl History {
    pub(super) fn new(most_moments: usize, most_series: usize) -> Self {
        Self {
            most_moments,
            most_series,
            moments: Vec::new(),
            series: HashMap::new(),
            dropped: 0,
            stride: 1,
            observed: 0,
        }
    }

    pub(super) fn observe(&mut self, snapshot: &Snapshot) {
        let is_older = |last: &Duration| snapshot.elapsed < *last;
        if self.moments.last().is_some_and(is_older) {
            *self = Self::new(self.most_moments, self.most_series);
        }
        self.observed += 1;
        if !(self.observed - 1).is_multiple_of(self.stride) {
            return;
        }
        if self.moments.len() >= self.most_moments {
            self.thin();
        }
        self.moments.push(snapshot.elapsed);
        for stack in &snapshot.stacks {
            let is_known = self
                .series
                .contains_key(&(stack.calls.clone(), stack.scope));
            if !is_known && stack.sums.live.bytes <= 0.0 {
                continue;
            }
            let key = (stack.calls.clone(), stack.scope);
            let before = self.moments.len() - 1;
            let series = self.series.entry(key).or_insert_with(|| Series {
                first_seen: snapshot.elapsed,
                bytes: vec![0.0; before],
                ..Series::default()
            });
            series.bytes.resize(before, 0.0);
            series.bytes.push(stack.sums.live.bytes);
            series.blocks = stack.sums.live.blocks;
            series.variance = stack.sums.live.bytes_variance;
        }
        let moments = self.moments.len();
        for series in self
            .series
            .values_mut()
            .filter(|series| series.bytes.len() < moments)
        {
            series.bytes.resize(moments, 0.0);
            (series.blocks, series.variance) = (0.0, 0.0);
        }
        self.forget_the_smallest();
    }

    /// Keeps every second moment, and of what comes too.
    fn thin(&mut self) {
        fn halve<T>(values: &mut Vec<T>) {
            let mut place = 0;
            values.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        halve(&mut self.moments);
        self.series
            .values_mut()
            .for_each(|series| halve(&mut series.bytes));
        self.stride *= 2;
    }

    fn forget_the_smallest(&mut self) {
        let excess = self.series.len().saturating_sub(self.most_series);
        if excess == 0 {
            return;
        }
        let latest = |series: &Series| series.bytes.last().copied().unwrap_or(0.0);
        let mut sizes = self.series.values().map(latest).collect::<Vec<_>>();
        let (_, limit, _) = sizes.select_nth_unstable_by(excess - 1, f64::total_cmp);
        let limit = *limit;
        let mut left = excess;
        self.series.retain(|_, series| {
            let goes = left > 0 && latest(series) <= limit;
            left -= usize::from(goes);
            !goes
        });
        self.dropped += excess as u64;
    }
}
