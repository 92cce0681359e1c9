//! A recording session, from its start to its end.

use std::{io, sync::atomic::Ordering, time::Duration};

use tuneup_measure::{Clock, Ticks};

use crate::{
    calibration::{self, CallCost},
    options::Options,
    processor_clock::{self, Runnable},
    recording::{self, Recording},
    registry,
    sampler::Sampler,
    thread_block::session_ticks,
};

/// A session that is recording. It ends when it is dropped; what was recorded is gone then.
///
/// There is at most one in a process.
///
/// ```
/// use tuneup_recorder::{Options, Session, Site, SiteKind, enter};
///
/// static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
/// let session = Session::start(Options::default()).unwrap();
/// drop(enter(&SITE));
/// let recording = session.read();
/// assert_eq!(recording.threads[0].nodes[1].calls, 1);
/// ```
#[must_use = "the session ends where it is dropped"]
#[derive(Debug)]
pub struct Session {
    number: u64,
    clock: Clock,
    began: Ticks,
    /// What the process had run when it began.
    runnable: Option<Runnable>,
    cost: CallCost,
    sampler: Option<Sampler>,
}

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sampler").finish_non_exhaustive()
    }
}

impl Session {
    /// Begins to record; `None` if a session is recording already.
    ///
    /// Takes about a tenth of a millisecond, in which it finds out what recording a call costs. Calls
    /// that are in progress already are not recorded; those that they make are.
    ///
    /// ```
    /// use tuneup_recorder::{Options, Session};
    ///
    /// let session = Session::start(Options::default());
    /// assert!(Session::start(Options::default()).is_none());
    /// # drop(session);
    /// ```
    #[must_use]
    pub fn start(options: Options) -> Option<Self> {
        let cost = calibration::measure(&options)?;
        let clock = options.clock.clone();
        // The system is asked before the lock is taken: that allocates.
        let runnable = processor_clock::runnable();
        let number = registry::lock().begin(options)?;
        Some(Self {
            number,
            began: clock.now(),
            runnable,
            clock,
            cost,
            sampler: None,
        })
    }

    /// Lets a thread look, `period` after `period`, where all threads are.
    ///
    /// # Errors
    /// What the system says if it starts no thread.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_recorder::{Options, Session};
    ///
    /// let mut session = Session::start(Options::default()).unwrap();
    /// session.sample_every(Duration::from_millis(1))?;
    /// assert!(session.read().sampler.is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn sample_every(&mut self, period: Duration) -> io::Result<()> {
        // The old one ends first: two would write the same counters.
        self.sampler = None;
        self.sampler = Some(Sampler::start(self.number, period.max(SHORTEST_PERIOD))?);
        Ok(())
    }

    /// What was recorded until now. Threads are not stopped; O(nodes + sites × 5 KiB).
    ///
    /// ```
    /// use tuneup_recorder::{Options, Session};
    ///
    /// let session = Session::start(Options::default()).unwrap();
    /// assert_eq!(session.read().unrecorded_calls, 0);
    /// ```
    #[must_use]
    pub fn read(&self) -> Recording {
        let runnable = processor_clock::runnable()
            .zip(self.runnable)
            .map(|(now, then)| now.since(then));
        let registry = registry::lock();
        let clock = &self.clock;
        let (threads, too_deep) =
            recording::read_threads(&registry, self.number, || session_ticks(clock));
        Recording {
            ticks: clock.now().saturating_sub(self.began),
            scale: clock.scale(),
            runnable_ns: runnable.map(|runnable| runnable.ns),
            delayed_ns: runnable.map(|runnable| runnable.delayed_ns),
            arguments: recording::read_arguments(&threads),
            threads,
            unrecorded_calls: registry::unrecorded_calls() + too_deep,
            sampler: self.sampler.as_ref().map(Sampler::read),
        }
    }

    /// What recording one call costs here, as measured at the start.
    ///
    /// ```
    /// use tuneup_recorder::{Options, Session};
    ///
    /// let session = Session::start(Options::default()).unwrap();
    /// println!("{} ns", session.call_cost().inside_ns + session.call_cost().outside_ns);
    /// ```
    #[must_use]
    pub fn call_cost(&self) -> CallCost {
        self.cost
    }
}

/// Whether a session is recording now. One relaxed load.
///
/// ```
/// use tuneup_recorder::{Options, Session, is_recording};
///
/// let session = Session::start(Options::default());
/// assert!(is_recording());
/// # drop(session);
/// ```
#[inline]
#[must_use]
pub fn is_recording() -> bool {
    registry::SESSION.load(Ordering::Relaxed) != 0
}

/// A sampler that looks more often does nothing else.
const SHORTEST_PERIOD: Duration = Duration::from_micros(50);

impl Drop for Session {
    fn drop(&mut self) {
        self.sampler = None;
        registry::lock().end();
    }
}
