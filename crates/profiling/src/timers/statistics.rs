//! What is kept for a name, and what is known of it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tuneup_measure::{Histogram, Scale};

use super::{Grades, nesting::Share};

/// How far a percentile may be off: half of what it would be by default takes half of the memory.
const RELATIVE_ERROR: f64 = 1.0 / 32.0;

/// What is known of the timers of one name; from [`Timers::stats`](crate::Timers::stats).
///
/// ```
/// use tuneup_profiling::Timers;
///
/// let timers = Timers::new();
/// timers.start("load").stop();
/// let load = timers.get("load").unwrap();
/// assert_eq!((load.count, load.min), (1, load.max));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TimerStats {
    /// The name.
    pub name: String,
    /// How many have ended.
    pub count: u64,
    /// The time for which one ran, of all threads added up: a timer inside another of its name in the same thread is
    /// not counted twice, and not before the outer one ends.
    pub total: Duration,
    /// The time for which one was the innermost of its thread: what timers inside it took is left out.
    pub self_time: Duration,
    /// The mean of their times.
    pub mean: Duration,
    /// The shortest; exact.
    pub min: Duration,
    /// Half of them took at most this; within 3.2 %, as the other percentile.
    #[doc(alias = "median")]
    pub p50: Duration,
    /// 95 of 100 took at most this.
    pub p95: Duration,
    /// The longest; exact.
    pub max: Duration,
    /// The grade of the mean; `None` if no grades were set.
    pub grade: Option<String>,
}

/// A name and its times.
pub(super) struct Timer {
    name: Arc<str>,
    times: Mutex<Times>,
}

struct Times {
    /// Times of single timers in ticks; `None` until the first has ended.
    histogram: Option<Histogram>,
    self_ticks: u64,
    total_ticks: u64,
}

impl Timer {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            times: Mutex::new(Times {
                histogram: None,
                self_ticks: 0,
                total_ticks: 0,
            }),
        }
    }

    /// Counts a timer that ran for `ticks`.
    pub(super) fn add(&self, ticks: u64, share: Share) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.histogram.get_or_insert_with(histogram).record(ticks);
        times.self_ticks = times.self_ticks.saturating_add(share.self_ticks);
        times.total_ticks = times.total_ticks.saturating_add(share.total_ticks);
    }

    /// What is known of it; `None` if none has ended.
    pub(super) fn stats(&self, scale: &Scale, grades: Option<&Grades>) -> Option<TimerStats> {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = times.histogram.as_ref()?;
        let [min, p50, p95, max] = histogram.quantiles(&[0.0, 0.5, 0.95, 1.0])?;
        let mean = histogram.sum() / u128::from(histogram.count());
        let mean = scale.duration(u64::try_from(mean).unwrap_or(u64::MAX));
        Some(TimerStats {
            name: self.name.to_string(),
            count: histogram.count(),
            total: scale.duration(times.total_ticks),
            self_time: scale.duration(times.self_ticks),
            mean,
            min: scale.duration(min),
            p50: scale.duration(p50),
            p95: scale.duration(p95),
            max: scale.duration(max),
            grade: grades.map(|grades| grades.of(mean).to_owned()),
        })
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timer").field(&self.name).finish()
    }
}

fn histogram() -> Histogram {
    let options = Histogram::builder().relative_error(RELATIVE_ERROR);
    // The error is one that is allowed; were it not, a finer histogram would do as well.
    options.build().unwrap_or_default()
}
