//! Simulations: what policies would hit in caches of given sizes, exactly.

mod builder;
mod optimal;
mod replay;
mod report;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use rayon::prelude::*;

pub(crate) use self::replay::Replay;
pub use self::{
    builder::SimulationBuilder,
    report::{Outcome, SimulationReport},
};
use self::{optimal::NextUses, replay::LruSizes};
use crate::{Error, Policy, Trace};

/// Who decides which entry goes.
///
/// ```
/// use tuneup_caching::{Policy, Replacement};
///
/// assert_eq!(Replacement::from(Policy::Lru), Replacement::Policy(Policy::Lru));
/// assert_eq!(Replacement::Optimal.to_string(), "optimal");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replacement {
    /// A policy that a [`Cache`](crate::Cache) can have.
    Policy(Policy),
    /// What is needed again latest goes: nothing that takes in every key can hit more. It has to know the future, so it is a bound and
    /// no policy. Belady, "A study of replacement algorithms for a virtual-storage computer" (1966).
    #[doc(alias = "Belady")]
    #[doc(alias = "MIN")]
    #[doc(alias = "OPT")]
    Optimal,
}

impl From<Policy> for Replacement {
    fn from(policy: Policy) -> Self {
        Self::Policy(policy)
    }
}

impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Optimal => f.pad("optimal"),
            Self::Policy(Policy::S3Fifo) => f.pad("S3-FIFO"),
            Self::Policy(Policy::Adaptive) => f.pad("adaptive"),
            Self::Policy(Policy::Sieve) => f.pad("SIEVE"),
            Self::Policy(Policy::Lru) => f.pad("LRU"),
            Self::Policy(Policy::Fifo) => f.pad("FIFO"),
        }
    }
}

/// What each policy hits at each size: exactly, from a cold start, each entry using one unit of the capacity.
///
/// As [`Simulation`] with nothing but policies and sizes set; that has the costs.
///
/// # Errors
/// As [`SimulationBuilder::build`].
///
/// ```
/// use tuneup_caching::{Policy, Trace, simulate};
///
/// let trace = Trace::from_keys([1, 2, 3, 1, 2, 3])?;
/// let report = simulate(&trace, [Policy::Lru, Policy::Fifo], [2, 3])?;
/// assert_eq!(report.hits(Policy::Lru, 2), Some(0));
/// assert_eq!(report.hits(Policy::Lru, 3), Some(3));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
pub fn simulate<R: Into<Replacement>>(
    trace: &Trace,
    policies: impl IntoIterator<Item = R>,
    sizes: impl IntoIterator<Item = u64>,
) -> Result<SimulationReport, Error> {
    Simulation::builder(trace)
        .policies(policies)
        .sizes(sizes)
        .build()?
        .run()
}

/// Replays a trace against policies and sizes.
///
/// The policies are those of [`Cache`](crate::Cache), the same code; what a cache of several shards or threads does may
/// differ a little. All pairs of a policy and a size run side by side, on the threads of the
/// [rayon](https://docs.rs/rayon) pool that [`run`](Self::run) is called on.
///
/// A pair costs O(1) a request, and 12 bytes a key while it runs. From eight sizes on LRU is simulated at all of them at once, in O(log keys) a
/// request. The optimum costs four bytes a request, once, and two bits a request and size.
///
/// ```
/// use std::ops::ControlFlow;
/// use tuneup_caching::{Policy, Replacement, Simulation, Trace};
///
/// let trace = Trace::from_keys((0..1000_u64).map(|request| request * request % 101))?;
/// let report = Simulation::builder(&trace)
///     .policies([Policy::Lru, Policy::Sieve])
///     .policies([Replacement::Optimal])
///     .sizes([10, 20])
///     .on_progress(|progress| {
///         assert!(progress.done <= progress.total);
///         ControlFlow::Continue(())
///     })
///     .build()?
///     .run()?;
/// assert!(report.hits(Policy::Lru, 20) <= report.hits(Replacement::Optimal, 20));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[must_use = "a simulation does nothing before run"]
pub struct Simulation<'a> {
    trace: &'a Trace,
    policies: Vec<Replacement>,
    sizes: Vec<u64>,
    on_progress: Option<OnProgress<'a>>,
}

type OnProgress<'a> = Box<dyn Fn(SimulationProgress) -> ControlFlow<()> + Send + Sync + 'a>;

/// How far a [`Simulation`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulationProgress {
    /// Requests that were simulated, over all policies and sizes.
    pub done: u64,
    /// Requests that have to be.
    pub total: u64,
}

/// So many requests between two looks at whether to go on: some milliseconds.
const CHUNK: usize = 1 << 17;
/// From so many sizes on, finding stack distances takes less than simulating each size.
const MANY_SIZES: usize = 8;

/// What one thread does at a time.
enum Task {
    One(Replacement, u64),
    Lru,
}

impl<'a> Simulation<'a> {
    /// A simulation of this trace; policies and sizes have to follow.
    pub fn builder(trace: &'a Trace) -> SimulationBuilder<'a> {
        SimulationBuilder::new(trace)
    }

    /// Runs all of it, and blocks until it is done or stopped.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the callback for progress says so.
    ///
    /// # Panics
    /// When the callback panics.
    pub fn run(&self) -> Result<SimulationReport, Error> {
        let tasks = self.tasks();
        let progress = Progress {
            done: AtomicU64::new(0),
            total: tasks.len() as u64 * self.trace.len() as u64,
            is_stopped: AtomicBool::new(false),
            tell: self.on_progress.as_deref(),
        };
        let next_uses = self
            .policies
            .contains(&Replacement::Optimal)
            .then(|| NextUses::new(self.trace));
        let outcomes: Option<Vec<Vec<Outcome>>> = tasks
            .par_iter()
            .map(|task| self.perform(task, next_uses.as_ref(), &progress))
            .collect();
        let mut outcomes: Vec<Outcome> = outcomes
            .ok_or(Error::Stopped)?
            .into_iter()
            .flatten()
            .collect();
        let place = |policy| self.policies.iter().position(|other| *other == policy);
        outcomes.sort_by_key(|outcome| (place(outcome.policy), outcome.size));
        Ok(SimulationReport {
            requests: self.trace.len() as u64,
            distinct: self.trace.distinct(),
            outcomes,
        })
    }

    fn tasks(&self) -> Vec<Task> {
        let lru = Replacement::Policy(Policy::Lru);
        let mut tasks = Vec::new();
        for &policy in &self.policies {
            if policy == lru && self.sizes.len() >= MANY_SIZES {
                tasks.push(Task::Lru);
            } else {
                tasks.extend(self.sizes.iter().map(|&size| Task::One(policy, size)));
            }
        }
        tasks
    }

    fn perform(
        &self,
        task: &Task,
        next_uses: Option<&NextUses>,
        progress: &Progress<'_>,
    ) -> Option<Vec<Outcome>> {
        let requests = self.trace.len() as u64;
        match *task {
            Task::Lru => {
                let mut sizes = LruSizes::new(self.trace, &self.sizes);
                for chunk in self.trace.ids().chunks(CHUNK) {
                    sizes.feed(chunk);
                    progress.advance(chunk.len())?;
                }
                let outcome = |(size, hits)| Outcome {
                    policy: Policy::Lru.into(),
                    size,
                    hits,
                    requests,
                };
                Some(sizes.hits().map(outcome).collect())
            }
            Task::One(policy, size) => {
                let mut replay = Replay::new(policy, size, self.trace, next_uses);
                let mut hits = 0;
                for chunk in self.trace.ids().chunks(CHUNK) {
                    hits += replay.feed(chunk);
                    progress.advance(chunk.len())?;
                }
                Some(vec![Outcome {
                    policy,
                    size,
                    hits,
                    requests,
                }])
            }
        }
    }
}

impl fmt::Debug for Simulation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("trace", self.trace)
            .field("policies", &self.policies)
            .field("sizes", &self.sizes)
            .finish_non_exhaustive()
    }
}

struct Progress<'a> {
    done: AtomicU64,
    total: u64,
    is_stopped: AtomicBool,
    tell: Option<&'a (dyn Fn(SimulationProgress) -> ControlFlow<()> + Send + Sync + 'a)>,
}

impl Progress<'_> {
    /// None when the simulation has to stop.
    fn advance(&self, requests: usize) -> Option<()> {
        let requests = requests as u64;
        let done = self.done.fetch_add(requests, Relaxed) + requests;
        let total = self.total;
        if let Some(tell) = self.tell
            && !self.is_stopped.load(Relaxed)
            && tell(SimulationProgress { done, total }).is_break()
        {
            self.is_stopped.store(true, Relaxed);
        }
        (!self.is_stopped.load(Relaxed)).then_some(())
    }
}
