//! What to measure, how thoroughly, and how to be told and stopped.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Error;

/// What a run of the suite measures: made by [`Plan::new`], adjusted field by field, run by [`Plan::measure`] or [`Plan::gate`].
///
/// ```
/// use tuneup_benchmarking::suite::{Effort, Plan};
///
/// let mut plan = Plan::new("/projects/mine", "my-benches");
/// plan.features = vec!["peers".to_owned()];
/// plan.filters = vec!["duplicates".to_owned()];
/// plan.effort = Effort::quick();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The workspace with the bench package.
    pub workspace: PathBuf,
    /// The package whose bench files are run.
    pub package: String,
    /// Features of that package: what brings the peers in.
    pub features: Vec<String>,
    /// Where results, logs and the other build of a gate go.
    pub output: PathBuf,
    /// Words that select groups and cases by name; empty for all.
    pub filters: Vec<String>,
    /// How thoroughly.
    pub effort: Effort,
    /// Set it to stop at the next point where nothing is lost.
    pub stop: Stop,
    /// Environment variables for the bench executables, such as the folder of a corpus.
    pub environment: Vec<(String, String)>,
}

impl Plan {
    /// All benches of a package, at full effort, with results below `target/tuneup` of the workspace.
    ///
    /// ```
    /// use tuneup_benchmarking::suite::Plan;
    /// let plan = Plan::new("/projects/mine", "my-benches");
    /// assert_eq!(plan.output, std::path::Path::new("/projects/mine/target/tuneup"));
    /// assert_eq!(plan.effort.name, "full");
    /// ```
    pub fn new(workspace: impl Into<PathBuf>, package: impl Into<String>) -> Self {
        let workspace = workspace.into();
        Self {
            output: workspace.join("target/tuneup"),
            workspace,
            package: package.into(),
            features: Vec::new(),
            filters: Vec::new(),
            effort: Effort::full(),
            stop: Stop::default(),
            environment: Vec::new(),
        }
    }
}

/// How much time measuring takes: one of two, or one of these adjusted field by field.
///
/// ```
/// use std::time::Duration;
/// use tuneup_benchmarking::suite::Effort;
///
/// let mut effort = Effort::quick();
/// effort.comparison = Duration::from_secs(2);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Effort {
    /// `quick` or `full`.
    pub name: &'static str,
    /// Criterion's warm-up of a case.
    pub warm_up: Duration,
    /// Criterion's measurement of a case.
    pub measurement: Duration,
    /// Criterion's samples of a case, at least 10.
    pub samples: usize,
    /// Interleaved comparison: time for each case of a group.
    pub comparison: Duration,
    /// Interleaved comparison: fresh processes that share this time; 0 counts as 1.
    pub comparison_processes: usize,
    /// Complexity fit: time for each case.
    pub complexity: Duration,
    /// Gate: sets of fresh processes in a session, at least 1. Below seven, one process with an unlucky memory layout decides the interval.
    pub processes: usize,
}

impl Effort {
    /// About three seconds for a case.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Effort;
    /// assert_eq!(Effort::full().name, "full");
    /// assert!(Effort::full().processes > Effort::quick().processes);
    /// ```
    #[must_use]
    pub fn full() -> Self {
        Self {
            name: "full",
            warm_up: Duration::from_millis(300),
            measurement: Duration::from_millis(1_000),
            samples: 50,
            comparison: Duration::from_millis(800),
            comparison_processes: 5,
            complexity: Duration::from_millis(800),
            processes: 9,
        }
    }

    /// About one second for a case.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Effort;
    /// assert_eq!(Effort::quick().name, "quick");
    /// assert!(Effort::quick().measurement < Effort::full().measurement);
    /// ```
    #[must_use]
    pub fn quick() -> Self {
        Self {
            name: "quick",
            warm_up: Duration::from_millis(50),
            measurement: Duration::from_millis(250),
            samples: 20,
            comparison: Duration::from_millis(300),
            comparison_processes: 3,
            complexity: Duration::from_millis(300),
            processes: 7,
        }
    }

    pub(super) fn criterion_arguments(&self) -> [String; 8] {
        [
            "--warm-up-time".to_owned(),
            self.warm_up.as_secs_f64().to_string(),
            "--measurement-time".to_owned(),
            self.measurement.as_secs_f64().to_string(),
            "--sample-size".to_owned(),
            self.samples.to_string(),
            "--nresamples".to_owned(),
            "2000".to_owned(),
        ]
    }
}

/// A flag that a signal handler may set; a run then ends early and keeps what has finished. Clones are the same flag.
///
/// ```
/// use tuneup_benchmarking::suite::Plan;
/// let plan = Plan::new(".", "my-benches");
/// let stop = plan.stop.clone(); // for another thread
/// stop.set();
/// assert!(plan.stop.is_set());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// The flag itself, for a signal handler to set.
    ///
    /// ```
    /// use std::sync::atomic::Ordering;
    /// use tuneup_benchmarking::suite::Stop;
    /// let stop = Stop::default();
    /// stop.flag().store(true, Ordering::Relaxed); // signal_hook::flag::register(SIGINT, stop.flag())
    /// assert!(stop.is_set());
    /// ```
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Asks to stop. It cannot be taken back.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Stop;
    /// let stop = Stop::default();
    /// stop.set();
    /// assert!(stop.is_set());
    /// ```
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked to stop.
    ///
    /// ```
    /// assert!(!tuneup_benchmarking::suite::Stop::default().is_set());
    /// ```
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.is_set() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// What a run is doing, for a progress bar.
///
/// ```no_run
/// use tuneup_benchmarking::suite::{Event, Plan};
///
/// let results = Plan::new(".", "my-benches").measure(&mut |event| match event {
///     Event::Planned { steps } => eprintln!("{steps} steps more"),
///     Event::Step { name } => eprintln!("{name} …"),
///     _ => {}
/// })?;
/// # let _ = results;
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// So many steps lie ahead.
    Planned {
        /// Steps.
        steps: usize,
    },
    /// A step begins.
    Step {
        /// What it measures.
        name: String,
    },
}
