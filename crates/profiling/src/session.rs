//! A session: it records until it is finished, and loses nothing if it is not.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tuneup_recorder::Options;

use crate::{
    Error, Profile,
    aggregate::{self, SessionFacts},
};

mod ending;
mod keeping;
mod saver;
#[cfg(all(unix, feature = "signals"))]
mod signals;

pub(crate) use self::keeping::Keeping;
use self::saver::Saver;

/// A session that is recording, from [`ProfilerBuilder::start`](crate::ProfilerBuilder::start).
///
/// May be shared and moved between threads. When it is dropped, recording ends, and the profile goes where
/// [`save_to`](crate::ProfilerBuilder::save_to) said, or nowhere.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let work = || profile_fn("work", || ());
/// let session = Profiler::builder().start()?;
/// work();
/// let so_far = session.snapshot();
/// work();
/// let profile = session.finish();
/// assert_eq!(so_far.function("work").unwrap().calls, 1);
/// assert_eq!(profile.function("work").unwrap().calls, 2);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[must_use = "the session ends where it is dropped: bind it to a name that lives until then"]
#[derive(Debug)]
pub struct Session {
    active: Arc<Active>,
    /// Ends before the session does.
    saver: Option<Saver>,
}

/// What the session shares with whoever may have to save it.
#[derive(Debug)]
pub(crate) struct Active {
    /// `None` once it has ended.
    recorder: Mutex<Option<tuneup_recorder::Session>>,
    facts: SessionFacts,
    keeping: Option<Keeping>,
    #[cfg(all(unix, feature = "signals"))]
    guards_signals: bool,
}

impl Session {
    pub(crate) fn start(
        options: Options,
        program: String,
        sample_rate_hz: Option<f64>,
        keeping: Option<Keeping>,
        interval: Option<Duration>,
        guards_signals: bool,
    ) -> Result<Self, Error> {
        let mut recorder =
            tuneup_recorder::Session::start(options).ok_or(Error::AlreadyRecording)?;
        if let Some(hz) = sample_rate_hz {
            let period = Duration::from_secs_f64(1.0 / hz);
            recorder
                .sample_every(period)
                .map_err(|source| Error::Sampler {
                    what: "the system started no thread".to_owned(),
                    mend: "raise the limit of threads, or leave the sampler out".to_owned(),
                    source,
                })?;
        }
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let active = Arc::new(Active {
            facts: SessionFacts {
                program,
                started_unix_ns: u64::try_from(since_epoch.unwrap_or_default().as_nanos())
                    .unwrap_or(u64::MAX),
                cost: recorder.call_cost(),
                sample_rate_hz: sample_rate_hz.unwrap_or(0.0),
            },
            recorder: Mutex::new(Some(recorder)),
            keeping,
            #[cfg(all(unix, feature = "signals"))]
            guards_signals,
        });
        if active.keeping.is_some() {
            ending::guard(&active);
        }
        if guards_signals {
            ending::guard_signals()?;
        }
        let saver = interval
            .map(|interval| Saver::start(&active, interval))
            .transpose()?;
        Ok(Self { active, saver })
    }

    /// The profile so far; recording goes on. Calls in progress count, with their time up to now.
    ///
    /// May be called from any thread at any time. Threads are not stopped for it: of a thread that goes
    /// on, figures that belong together may be a call apart. O(nodes + functions); allocates the profile.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// let inside = profile_fn("work", || session.snapshot());
    /// assert_eq!(inside.function("work").unwrap().calls, 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Profile {
        self.active.snapshot()
    }

    /// Ends the session and gives what it recorded, calls in progress included. Nothing is saved: the
    /// profile is the caller's.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("work", || ());
    /// assert_eq!(session.finish().function("work").unwrap().calls, 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use = "the profile is gone where it is dropped"]
    pub fn finish(mut self) -> Profile {
        self.saver = None;
        // The recorder is gone only if the process is ending and has saved the profile already.
        self.active.end().unwrap_or_else(|| self.active.snapshot())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.saver = None;
        self.active.end_and_keep();
    }
}

impl Active {
    fn lock(&self) -> MutexGuard<'_, Option<tuneup_recorder::Session>> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Profile {
        match &*self.lock() {
            Some(recorder) => aggregate::profile(&recorder.read(), &self.facts),
            None => aggregate::empty(&self.facts),
        }
    }

    /// Ends the recording, once.
    fn end(&self) -> Option<Profile> {
        let recorder = self.lock().take()?;
        ending::release(self);
        let profile = aggregate::profile(&recorder.read(), &self.facts);
        Some(profile)
    }

    /// Ends the recording, once, and saves it where it was asked to be.
    fn end_and_keep(&self) {
        let Some(recorder) = self.lock().take() else {
            return;
        };
        ending::release(self);
        let Some(keeping) = &self.keeping else {
            return;
        };
        let profile = aggregate::profile(&recorder.read(), &self.facts);
        if let Err(error) = keeping.save(&profile) {
            ending::complain(&error);
        }
    }

    /// Saves the recording as it is now and lets it go on.
    fn keep_snapshot(&self) -> Result<(), Error> {
        match &self.keeping {
            Some(keeping) => keeping.save_and_rotate(&self.snapshot()),
            None => Ok(()),
        }
    }

    pub(crate) fn path(&self) -> Option<&PathBuf> {
        self.keeping.as_ref().map(Keeping::path)
    }
}
