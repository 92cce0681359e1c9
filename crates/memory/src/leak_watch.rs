//! Which sites grow and never stop.

mod series;
mod suspect;

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tuneup_recorder::without_tracing;

use self::series::History;
pub use self::suspect::{LeakReport, Suspect};
use crate::{Error, Snapshot};

/// Looks at snapshots, one after the other, for sites whose live bytes grow and never stop. Memory is bounded: of at most
/// [`snapshots`](Self::with_snapshots) moments, what at most [`stacks`](Self::with_stacks) stacks had; when there are more
/// moments, every second one is forgotten.
///
/// A site is suspected if the line through its live bytes rises ([`TheilSen`](tuneup_measure::TheilSen), whose slope a few
/// wild points do not move), with a confidence of 99 %, over all of the time since it was first seen and over the second
/// half of that alone, and where blocks are sampled by more than three standard errors of the estimates. A cache that is
/// full, or a pool, rises at first and no more; while a cache is still filling, nothing can tell it from a leak. A site that was seen in fewer than ten snapshots is not suspected yet.
///
/// ```
/// use std::time::Duration;
/// use tuneup_memory::{LeakWatch, Trace, TraceOptions, TrackingAllocator};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let trace = Trace::start(TraceOptions::exact())?;
/// let mut watch = LeakWatch::new();
/// let mut leak = Vec::new();
/// for _ in 0..20 {
///     leak.push(vec![0_u8; 1000]);
///     watch.observe(&trace.snapshot());
/// }
/// let report = watch.report();
/// println!("{report}");
/// assert!(report.suspects[0].live_bytes >= 20_000.0);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug)]
pub struct LeakWatch {
    history: History,
}

impl Default for LeakWatch {
    fn default() -> Self {
        Self::new()
    }
}

impl LeakWatch {
    /// Nothing was observed yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            history: History::new(120, 4096),
        }
    }

    /// The most moments that are kept, 16 to 4096. Default: 120.
    #[must_use]
    pub fn with_snapshots(mut self, most: usize) -> Self {
        self.history.most_moments = most.clamp(16, 4096);
        self
    }

    /// The most stacks that are kept, 16 to 1 048 576: those with the most live bytes. Default: 4096.
    #[must_use]
    pub fn with_stacks(mut self, most: usize) -> Self {
        self.history.most_series = most.clamp(16, 1 << 20);
        self
    }

    /// Takes note of a snapshot: later ones of one trace, in their order. One that is older than the last is of another trace: with
    /// it the watch begins anew. O(stacks).
    pub fn observe(&mut self, snapshot: &Snapshot) {
        // What the watch keeps for itself is not what it looks for.
        without_tracing(|| self.history.observe(snapshot));
    }

    /// The sites that are suspected, that with the fastest growth first. Looks names up, and O(moments²) for each site.
    #[must_use]
    pub fn report(&self) -> LeakReport {
        without_tracing(|| suspect::report(&self.history))
    }

    /// Observes the trace that is running from now on, in a thread of its own which sleeps in between.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for an interval below a millisecond; [`Error::NotTracing`] if no trace is running;
    /// [`Error::Thread`] if the thread cannot be started.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_memory::{LeakWatch, Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// let trace = Trace::start(TraceOptions::default())?;
    /// let watch = LeakWatch::new().start(Duration::from_secs(60))?;
    /// // … the program …
    /// println!("{}", watch.report());
    /// assert!(watch.report().suspects.is_empty());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn start(self, interval: Duration) -> Result<RunningLeakWatch, Error> {
        if interval < Duration::from_millis(1) {
            return Err(Error::OutOfRange {
                option: "interval",
                value: format!("{interval:?}"),
                allowed: "1 ms or more",
            });
        }
        Snapshot::take()?;
        let shared = Arc::new(Shared {
            watch: Mutex::new(self),
            observed: AtomicU64::new(0),
            is_stopped: Mutex::new(false),
            stopped: Condvar::new(),
        });
        let thread = {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("tuneup-leaks".to_owned())
                .spawn(move || without_tracing(|| shared.run(interval)))
                .map_err(|source| Error::Thread { source })?
        };
        Ok(RunningLeakWatch {
            shared,
            thread: Some(thread),
        })
    }
}

struct Shared {
    watch: Mutex<LeakWatch>,
    observed: AtomicU64,
    is_stopped: Mutex<bool>,
    stopped: Condvar,
}

/// What was locked is a history that was changed as a whole, or a flag.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn run(&self, interval: Duration) {
        let mut is_stopped = lock(&self.is_stopped);
        while !*is_stopped {
            drop(is_stopped);
            if let Ok(snapshot) = Snapshot::take() {
                lock(&self.watch).observe(&snapshot);
                self.observed.fetch_add(1, Ordering::Relaxed);
            }
            is_stopped = lock(&self.is_stopped);
            if !*is_stopped {
                let waited = self.stopped.wait_timeout(is_stopped, interval);
                is_stopped = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

/// A [`LeakWatch`] in a thread of its own, from [`LeakWatch::start`]. It ends when this is dropped, which waits for the snapshot
/// that is being taken. While no trace runs it observes nothing; one watch is for one trace.
#[must_use = "the watch ends when it is dropped"]
pub struct RunningLeakWatch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for RunningLeakWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningLeakWatch")
            .field("observed", &self.observed())
            .finish_non_exhaustive()
    }
}

impl RunningLeakWatch {
    /// How many snapshots were observed so far.
    #[must_use]
    pub fn observed(&self) -> u64 {
        self.shared.observed.load(Ordering::Relaxed)
    }

    /// The sites that are suspected now; see [`LeakWatch::report`]. The watch waits meanwhile.
    #[must_use]
    pub fn report(&self) -> LeakReport {
        tuneup_recorder::without_tracing(|| lock(&self.shared.watch).report())
    }
}

impl Drop for RunningLeakWatch {
    fn drop(&mut self) {
        *lock(&self.shared.is_stopped) = true;
        self.shared.stopped.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in there was reported by the panic hook.
            let _ = thread.join();
        }
    }
}
