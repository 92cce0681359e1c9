//! Profiles of programs that have no profiler in them, only a recorder.

use std::time::{Duration, SystemTime};

use tuneup_recorder::Dump;

use crate::{
    Profile,
    aggregate::{self, SessionFacts},
};

impl Profile {
    /// The profile of what another program has recorded, and [written](tuneup_recorder::Recording::write_dump) at `ended`.
    ///
    /// O(nodes + functions).
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use tuneup_profiling::Profile;
    /// use tuneup_recorder::{Dump, Options, Session, Site, SiteKind, enter};
    ///
    /// static WORK: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
    /// let session = Session::start(Options::default()).unwrap();
    /// drop(enter(&WORK));
    /// let mut bytes = Vec::new();
    /// session.read().write_dump(session.call_cost(), &mut bytes)?;
    ///
    /// let dump = Dump::read(&bytes).unwrap();
    /// let profile = Profile::from_dump(&dump, "server", SystemTime::now());
    /// assert_eq!(profile.function("work").unwrap().calls, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn from_dump(dump: &Dump, program: impl Into<String>, ended: SystemTime) -> Self {
        let lasted = dump.recording.scale.duration(dump.recording.ticks);
        let since_epoch = ended
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let started = since_epoch.checked_sub(lasted).unwrap_or(Duration::ZERO);
        let facts = SessionFacts {
            program: program.into(),
            started_unix_ns: u64::try_from(started.as_nanos()).unwrap_or(u64::MAX),
            cost: dump.cost,
            sample_rate_hz: 0.0,
        };
        aggregate::profile(&dump.recording, &facts)
    }
}
