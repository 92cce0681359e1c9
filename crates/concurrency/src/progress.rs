//! How far a parallel map has come.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// Often enough for people who watch.
const DEFAULT_INTERVAL: Duration = Duration::from_millis(100);

/// How many items have an outcome.
///
/// See [`Progress`] for an example. For files it is [`LinesProgress`](crate::LinesProgress), for futures `GatherProgress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemsProgress {
    /// How many items are done.
    pub done: usize,
    /// How many there are; `None` if nobody said so.
    pub total: Option<usize>,
}

/// Counts the items that are done, and tells somebody about it now and then.
///
/// It goes around the function of any map, [`par::map`](crate::par::map) and its relatives, [`ParImap`](crate::ParImap), `Executor::map`, so that
/// maps that nobody watches cost nothing. One that is used for several maps counts them together. A clone is the same count. `Send` and `Sync`.
///
/// The report is called by a thread that has just done an item: after the first item that is done when the interval is over, and after the
/// last, if the [total](Self::with_total) is known. Between two calls is at least the interval, but before the last; while a call lasts, the thread
/// does no item, and the others go on. If the report panics, the item has. Items whose function panics are not counted.
///
/// **Cost:** an atomic addition and a look at the clock an item, some 30 ns; threads that do nothing else wait for each other, some 130 ns an item each
/// of two. For items of a microsecond and more. (Two-core Intel Xeon virtual machine, `cargo xtask bench concurrency/progress`.)
///
/// ```
/// use tuneup_concurrency::{Progress, par};
///
/// let words = ["parallel", "map"];
/// let progress = Progress::new(|progress| println!("{} of {:?}", progress.done, progress.total))
///     .with_total(words.len());
/// // The type of the argument has to be written down.
/// let lengths = par::map(&words, progress.counting(|word: &&str| word.len()));
/// assert_eq!(lengths, [8, 3]);
/// assert_eq!(progress.done(), 2);
/// ```
#[derive(Clone)]
#[doc(alias = "tqdm")]
#[doc(alias = "ProgressBar")]
#[must_use = "it counts what goes through `counting`"]
pub struct Progress {
    shared: Arc<Shared>,
    total: Option<usize>,
    interval: Duration,
}

struct Shared {
    done: AtomicUsize,
    start: Instant,
    /// When the next report is due, from the start.
    due_ns: AtomicU64,
    report: Box<dyn Fn(ItemsProgress) + Send + Sync>,
}

impl Progress {
    /// Counts from 0, and calls `report` every 100 ms at most. The first interval begins now.
    ///
    /// See the example of [`Progress`].
    pub fn new(report: impl Fn(ItemsProgress) + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                done: AtomicUsize::new(0),
                start: Instant::now(),
                due_ns: AtomicU64::new(nanoseconds(DEFAULT_INTERVAL)),
                report: Box::new(report),
            }),
            total: None,
            interval: DEFAULT_INTERVAL,
        }
    }

    /// How many items there are: it is told with each report, and there is one after the last.
    ///
    /// See the example of [`Progress`].
    pub fn with_total(mut self, items: usize) -> Self {
        self.total = Some(items);
        self
    }

    /// How long there is no further report after one; with zero, there is one for each item. 100 ms by default. Not for use while items are counted.
    ///
    /// ```
    /// use std::{
    ///     sync::atomic::{AtomicUsize, Ordering::Relaxed},
    ///     time::Duration,
    /// };
    /// use tuneup_concurrency::{ParImap, Progress};
    ///
    /// static REPORTS: AtomicUsize = AtomicUsize::new(0);
    /// let progress = Progress::new(|_| {
    ///     REPORTS.fetch_add(1, Relaxed);
    /// })
    /// .with_interval(Duration::ZERO);
    /// assert_eq!((0..9).par_imap(progress.counting(|n: u64| n * n)).sum::<u64>(), 204);
    /// assert_eq!(REPORTS.load(Relaxed), 9);
    /// ```
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self.shared.due_ns.store(nanoseconds(interval), Relaxed);
        self
    }

    /// The function, with its calls counted when they return.
    ///
    /// See the example of [`Progress`].
    pub fn counting<T, R, F: Fn(T) -> R>(&self, f: F) -> impl Fn(T) -> R + use<T, R, F> {
        let progress = self.clone();
        move |item| {
            let result = f(item);
            progress.count();
            result
        }
    }

    /// How many items are done until now.
    ///
    /// See the example of [`Progress`].
    #[must_use]
    pub fn done(&self) -> usize {
        self.shared.done.load(Relaxed)
    }

    fn count(&self) {
        let done = self.shared.done.fetch_add(1, Relaxed) + 1;
        if self.total == Some(done) || self.is_due() {
            (self.shared.report)(ItemsProgress {
                done,
                total: self.total,
            });
        }
    }

    /// Whether a report is due; of several threads that ask at a time one is told so.
    fn is_due(&self) -> bool {
        if self.interval.is_zero() {
            return true;
        }
        let due_ns = self.shared.due_ns.load(Relaxed);
        let now_ns = nanoseconds(self.shared.start.elapsed());
        let next_ns = now_ns.saturating_add(nanoseconds(self.interval));
        let exchange = || {
            self.shared
                .due_ns
                .compare_exchange(due_ns, next_ns, Relaxed, Relaxed)
        };
        now_ns >= due_ns && exchange().is_ok()
    }
}

/// Up to 500 years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("done", &self.done())
            .field("total", &self.total)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
