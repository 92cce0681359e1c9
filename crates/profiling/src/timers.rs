//! Named timers, nested and from many threads.

mod builder;
mod grades;
mod nesting;
mod running;
mod statistics;
mod table;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use tuneup_measure::{Clock, Scale};

use self::statistics::Timer;
pub use self::{
    builder::TimersBuilder,
    grades::{Grades, GradesBuilder},
    running::RunningTimer,
    statistics::TimerStats,
};

/// What times are counted under when there are too many names.
const OTHER: &str = "(other)";

/// Times by name: start one, do something, stop it, as often and in as many threads as you like.
///
/// Timers that run inside another in the same thread are taken off its self time, so that self times add up to the time
/// in which any timer ran. Starting and stopping cost two readings of the clock and two short locks, neither of which is
/// held while the timed code runs; a name that is new, and the first timers of a thread, allocate. For functions that
/// are called millions of times there is [`Profiler`](crate::Profiler).
///
/// ```
/// use tuneup_profiling::Timers;
///
/// let timers = Timers::new();
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let _load = timers.start("load");
///             for _ in 0..3 {
///                 timers.time("parse", || "1 2 3".split(' ').count());
///             }
///         });
///     }
/// });
/// let parse = timers.get("parse").unwrap();
/// assert_eq!(parse.count, 6);
/// assert!(timers.get("load").unwrap().self_time <= timers.get("load").unwrap().total);
/// println!("{}", timers.table());
/// ```
pub struct Timers {
    /// Which timers of a thread belong together.
    id: u64,
    clock: Clock,
    max_names: usize,
    grades: Option<Grades>,
    names: RwLock<HashMap<Arc<str>, Arc<Timer>>>,
}

impl Timers {
    /// Timers for up to 1024 names, without grades.
    ///
    /// ```
    /// assert!(tuneup_profiling::Timers::new().stats().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with(TimersBuilder::default())
    }

    /// Options: how many names there may be, grades, another clock.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::builder().max_names(16).build()?;
    /// timers.start("load").stop();
    /// assert_eq!(timers.stats().len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn builder() -> TimersBuilder {
        TimersBuilder::default()
    }

    fn with(options: TimersBuilder) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            clock: options.clock,
            max_names: options.max_names,
            grades: options.grades,
            names: RwLock::new(HashMap::new()),
        }
    }

    /// Starts a timer, which counts when it is stopped or dropped.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::new();
    /// {
    ///     let _timer = timers.start("load");
    /// }
    /// let took = timers.start("load").stop();
    /// println!("it took {took:?}");
    /// assert_eq!(timers.get("load").unwrap().count, 2);
    /// ```
    pub fn start(&self, name: &str) -> RunningTimer<'_> {
        RunningTimer::start(self, self.timer(name))
    }

    /// Times a call. If it panics, the time up to there is counted.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::new();
    /// assert_eq!(timers.time("add", || 1 + 1), 2);
    /// assert_eq!(timers.get("add").unwrap().count, 1);
    /// ```
    pub fn time<T>(&self, name: &str, f: impl FnOnce() -> T) -> T {
        let _timer = self.start(name);
        f()
    }

    /// What is known of one name; `None` if no timer of that name has ended.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::new();
    /// let running = timers.start("load");
    /// assert!(timers.get("load").is_none(), "it has not ended");
    /// running.stop();
    /// assert_eq!(timers.get("load").unwrap().count, 1);
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<TimerStats> {
        let timer = self.known(name)?;
        self.stats_of(&timer, &self.clock.scale())
    }

    /// What is known of all names of which a timer has ended, those with the most time first. Timers that run at this
    /// moment are not in it.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::new();
    /// timers.time("outer", || timers.time("inner", || ()));
    /// assert_eq!(timers.stats().len(), 2);
    /// ```
    #[must_use]
    pub fn stats(&self) -> Vec<TimerStats> {
        let timers: Vec<Arc<Timer>> = self.read().values().cloned().collect();
        let scale = self.clock.scale();
        let mut stats: Vec<TimerStats> = timers
            .iter()
            .filter_map(|timer| self.stats_of(timer, &scale))
            .collect();
        stats.sort_by(|left, right| (right.total, &left.name).cmp(&(left.total, &right.name)));
        stats
    }

    /// Forgets all times and names. Timers that run at this moment count for nothing.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::new();
    /// timers.start("load").stop();
    /// timers.clear();
    /// assert!(timers.stats().is_empty());
    /// ```
    #[doc(alias = "reset")]
    pub fn clear(&self) {
        self.names
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn stats_of(&self, timer: &Timer, scale: &Scale) -> Option<TimerStats> {
        timer.stats(scale, self.grades.as_ref())
    }

    /// The timer of this name, or that of all others if there are too many.
    fn timer(&self, name: &str) -> Arc<Timer> {
        if let Some(timer) = self.known(name) {
            return timer;
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been here since.
        let is_new = !names.contains_key(name);
        let name = if is_new && names.len() >= self.max_names {
            OTHER
        } else {
            name
        };
        if let Some(timer) = names.get(name) {
            return Arc::clone(timer);
        }
        let name: Arc<str> = name.into();
        let timer = Arc::new(Timer::new(Arc::clone(&name)));
        names.insert(name, Arc::clone(&timer));
        timer
    }

    fn known(&self, name: &str) -> Option<Arc<Timer>> {
        self.read().get(name).cloned()
    }

    /// Nothing panics while it holds the lock, so that a poisoned one is as good as new.
    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<Arc<str>, Arc<Timer>>> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Timers {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers")
            .field("names", &self.read().len())
            .field("max_names", &self.max_names)
            .field("grades", &self.grades)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
