//! What to record, and where a profile goes when nobody takes it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tuneup_measure::Clock;
use tuneup_recorder::{NODE_LIMITS, Options};

use crate::{
    Error,
    session::{Keeping, Session},
};

/// What is recorded of each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Detail {
    /// Calls, call tree, times, and the distribution of single calls: minimum, maximum, percentiles.
    #[default]
    Full,
    /// Without the distribution: somewhat less time, and 5 KiB less for each function and thread.
    Flat,
    /// Calls and call tree without any look at the clock: for programs of very short functions. Times
    /// come from a sampler; see [`ProfilerBuilder::sample_rate`].
    Counted,
}

/// The start of a profiling session: [`Profiler::builder`].
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("work", || (0..1000_u64).sum::<u64>());
/// let profile = session.finish();
/// assert_eq!(profile.function("work").unwrap().calls, 1);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[doc(alias = "cProfile")]
#[derive(Debug)]
pub struct Profiler;

impl Profiler {
    /// Options with their defaults: full detail, no sampler, nothing saved by itself.
    ///
    /// ```
    /// let session = tuneup_profiling::Profiler::builder().start()?;
    /// # drop(session);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn builder() -> ProfilerBuilder {
        ProfilerBuilder {
            options: Options::default(),
            sample_rate_hz: None,
            saving: None,
            interval: None,
            kept_files: 1,
            filter: None,
            guards_signals: false,
            program: None,
        }
    }
}

/// Options of a session, from [`Profiler::builder`].
#[must_use = "nothing is recorded before `start`"]
#[derive(Debug)]
pub struct ProfilerBuilder {
    options: Options,
    sample_rate_hz: Option<f64>,
    saving: Option<PathBuf>,
    interval: Option<Duration>,
    kept_files: u32,
    filter: Option<String>,
    guards_signals: bool,
    program: Option<String>,
}

const RATES_HZ: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
const KEPT_FILES: std::ops::RangeInclusive<u32> = 1..=1000;

impl ProfilerBuilder {
    /// What is recorded of each call. Default: [`Detail::Full`].
    ///
    /// ```
    /// use tuneup_profiling::{Detail, Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().detail(Detail::Flat).start()?;
    /// profile_fn("work", || ());
    /// let profile = session.finish();
    /// assert!(profile.function("work").unwrap().distribution.is_none());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn detail(mut self, detail: Detail) -> Self {
        self.options.timed = detail != Detail::Counted;
        self.options.distribution = detail == Detail::Full;
        self
    }

    /// Lets a thread look where all threads are, so many times a second; 1 to 10 000. Default: none.
    ///
    /// A rate that shares no period with the program, such as 99 or 999, is not fooled by its timers.
    /// Costs the program about 2 µs a second for each thread and look.
    ///
    /// ```
    /// use tuneup_profiling::Profiler;
    ///
    /// let session = Profiler::builder().sample_rate(999.0).start()?;
    /// assert_eq!(session.finish().sampling.unwrap().rate_hz, 999.0);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "py-spy")]
    pub fn sample_rate(mut self, hz: f64) -> Self {
        self.sample_rate_hz = Some(hz);
        self
    }

    /// The nodes of the call tree of each thread; 16 to 1 048 576, 64 bytes each when used. Calls that find
    /// it full are counted for their function and under `(other)`. Default: 16 384.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().max_nodes(16).start()?;
    /// fn descend(depth: u32) {
    ///     if depth > 0 {
    ///         profile_fn("descend", || descend(depth - 1));
    ///     }
    /// }
    /// descend(100);
    /// let profile = session.finish();
    /// assert_eq!(profile.function("descend").unwrap().calls, 100);
    /// assert_eq!(profile.folded_calls, 85);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn max_nodes(mut self, nodes: usize) -> Self {
        self.options.max_nodes = nodes;
        self
    }

    /// Another clock than the machine's best: a [mock](Clock::mock) for tests, the system's where the
    /// counter of a virtual machine is not to be trusted. A clock that is not the counter costs more.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_measure::Clock;
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let (clock, mock) = Clock::mock();
    /// let session = Profiler::builder().clock(clock).start()?;
    /// profile_fn("wait", || mock.advance(Duration::from_millis(5)));
    /// let profile = session.finish();
    /// assert_eq!(profile.function("wait").unwrap().cumulative, Duration::from_millis(5));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.options.clock = clock;
        self
    }

    /// Where the profile goes when nobody takes it with [`finish`](Session::finish): if the session is dropped, if
    /// the process ends by `process::exit` or because `main` returned or panicked, and before a signal
    /// of [`guard_signals`](Self::guard_signals) ends it. The extension is the format, as in
    /// [`Profile::save`](crate::Profile::save); `{pid}` stands for the number of the process.
    ///
    /// The folder must exist and be writable when the session starts. If saving fails all the same,
    /// standard error says so: nobody else is left to be told.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("profile.folded");
    /// let session = Profiler::builder().save_to(&path).start()?;
    /// profile_fn("work", || ());
    /// drop(session);
    /// assert!(path.exists());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn save_to(mut self, path: impl AsRef<Path>) -> Self {
        self.saving = Some(path.as_ref().to_owned());
        self
    }

    /// Saves to the path of [`save_to`](Self::save_to) again and again, so that a process that is killed loses at
    /// most so much; at least 100 ms. Default: only at the end.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_profiling::Profiler;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("profile.folded");
    /// let session = Profiler::builder().save_to(&path).interval(Duration::from_secs(60)).start()?;
    /// # drop(session);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Keeps so many of the files that [`interval`](Self::interval) writes, 1 to 1000: the newest under the path
    /// itself, older ones with `.1`, `.2` and so on before the extension. Each reaches back to the start;
    /// the [`diff`](crate::Profile::diff) of two is what lay between them. Default: 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_profiling::Profiler;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("profile.folded");
    /// let builder = Profiler::builder().save_to(&path).interval(Duration::from_secs(60));
    /// let session = builder.keep_files(24).start()?;
    /// # drop(session);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn keep_files(mut self, files: u32) -> Self {
        self.kept_files = files;
        self
    }

    /// Saves only functions that match the regular expression, as [`Profile::filter`](crate::Profile::filter) does.
    ///
    /// ```
    /// use tuneup_profiling::{Error, Profiler};
    ///
    /// let refused = Profiler::builder().filter("(").start();
    /// assert!(matches!(refused, Err(Error::Filter { .. })));
    /// ```
    pub fn filter(mut self, pattern: impl Into<String>) -> Self {
        self.filter = Some(pattern.into());
        self
    }

    /// Whether SIGINT and SIGTERM are held up until the profile is saved; then they do what they do by
    /// default. A second signal does not wait. On Unix, with the feature `signals`, and a path to
    /// [save to](Self::save_to). Default: no.
    ///
    /// ```no_run
    /// use tuneup_profiling::Profiler;
    ///
    /// let session = Profiler::builder().save_to("profile.json").guard_signals(true).start()?;
    /// # drop(session);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[cfg(all(unix, feature = "signals"))]
    pub fn guard_signals(mut self, guard: bool) -> Self {
        self.guards_signals = guard;
        self
    }

    /// The name of the program in the profile. Default: that of its file.
    ///
    /// ```
    /// use tuneup_profiling::Profiler;
    ///
    /// let session = Profiler::builder().program("ingest").start()?;
    /// assert_eq!(session.finish().program, "ingest");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.program = Some(name.into());
        self
    }

    /// Begins to record.
    ///
    /// Takes about a tenth of a millisecond, in which it finds out what recording a call costs here. Calls
    /// that are in progress already are not recorded; those that they make are.
    ///
    /// # Errors
    /// [`Error::AlreadyRecording`] if another session is; [`Error::OutOfRange`], [`Error::Filter`],
    /// [`Error::UnknownExtension`], [`Error::FormatDisabled`] and [`Error::Write`] for options that cannot
    /// work; [`Error::Sampler`] and [`Error::Signals`] if the system refuses a thread or a handler.
    ///
    /// ```
    /// use tuneup_profiling::{Error, Profiler};
    ///
    /// let session = Profiler::builder().start()?;
    /// assert!(matches!(Profiler::builder().start(), Err(Error::AlreadyRecording)));
    /// # drop(session);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn start(self) -> Result<Session, Error> {
        self.check_ranges()?;
        let keeping = Keeping::new(self.saving, self.kept_files, self.filter)?;
        Session::start(
            self.options,
            self.program.unwrap_or_else(program_name),
            self.sample_rate_hz,
            keeping,
            self.interval,
            self.guards_signals,
        )
    }

    fn check_ranges(&self) -> Result<(), Error> {
        let refuse = |option, value: String, allowed| {
            Err(Error::OutOfRange {
                option,
                value,
                allowed,
            })
        };
        if let Some(hz) = self.sample_rate_hz
            && !RATES_HZ.contains(&hz)
        {
            return refuse(
                "the sampling rate",
                hz.to_string(),
                "1 to 10000 samples a second",
            );
        }
        if !NODE_LIMITS.contains(&self.options.max_nodes) {
            let nodes = self.options.max_nodes.to_string();
            return refuse("the number of nodes", nodes, "16 to 1048576");
        }
        if let Some(interval) = self.interval
            && interval < SHORTEST_INTERVAL
        {
            return refuse("the interval", format!("{interval:?}"), "100 ms and longer");
        }
        if self.interval.is_some() && self.saving.is_none() {
            let value = "set without a path".to_owned();
            return refuse("the interval", value, "with a path from `save_to`");
        }
        if !KEPT_FILES.contains(&self.kept_files) {
            let files = self.kept_files.to_string();
            return refuse("the number of files kept", files, "1 to 1000");
        }
        if self.guards_signals && self.saving.is_none() {
            let value = "on without a path".to_owned();
            return refuse("the guard of signals", value, "with a path from `save_to`");
        }
        Ok(())
    }
}

fn program_name() -> String {
    let path = std::env::current_exe().ok();
    let name = path.as_deref().and_then(Path::file_name);
    name.map_or_else(
        || "program".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
