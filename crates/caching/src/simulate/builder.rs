//! How a simulation is set up.

use std::{fmt, ops::ControlFlow};

use super::{OnProgress, Replacement, Simulation, SimulationProgress};
use crate::{Error, Trace};

/// Sets up a [`Simulation`].
#[must_use = "a simulation is made by build"]
pub struct SimulationBuilder<'a> {
    trace: &'a Trace,
    policies: Vec<Replacement>,
    sizes: Vec<u64>,
    on_progress: Option<OnProgress<'a>>,
}

impl<'a> SimulationBuilder<'a> {
    pub(super) fn new(trace: &'a Trace) -> Self {
        Self {
            trace,
            policies: Vec::new(),
            sizes: Vec::new(),
            on_progress: None,
        }
    }

    /// Adds policies: [`Policy`](crate::Policy), or [`Replacement`], which has the optimum too. One that is there already is not added
    /// again.
    pub fn policies<R: Into<Replacement>>(mut self, policies: impl IntoIterator<Item = R>) -> Self {
        for policy in policies.into_iter().map(Into::into) {
            if !self.policies.contains(&policy) {
                self.policies.push(policy);
            }
        }
        self
    }

    /// Adds sizes, in entries, from 1. One that is there already is not added again.
    pub fn sizes(mut self, sizes: impl IntoIterator<Item = u64>) -> Self {
        self.sizes.extend(sizes);
        self
    }

    /// Has `tell` called every 131,072 simulated requests, on the thread that simulated them, by several threads at a
    /// time; if it breaks, the simulation stops within milliseconds. None by default.
    #[doc(alias = "cancel")]
    pub fn on_progress(
        mut self,
        tell: impl Fn(SimulationProgress) -> ControlFlow<()> + Send + Sync + 'a,
    ) -> Self {
        self.on_progress = Some(Box::new(tell));
        self
    }

    /// The simulation.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there is no policy or no size, or a size is 0.
    ///
    /// ```
    /// use tuneup_caching::{Policy, Simulation, Trace};
    ///
    /// let trace = Trace::from_keys([1, 2, 3])?;
    /// let error = Simulation::builder(&trace).policies([Policy::Lru]).sizes([0]).build().unwrap_err();
    /// assert_eq!(error.to_string(), "size of a cache is 0; allowed is 1 or more");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn build(mut self) -> Result<Simulation<'a>, Error> {
        let missing = |option| Error::OutOfRange {
            option,
            value: "0".to_owned(),
            allowed: "1 or more",
        };
        if self.policies.is_empty() {
            return Err(missing("number of policies"));
        }
        if self.sizes.is_empty() {
            return Err(missing("number of sizes"));
        }
        if self.sizes.contains(&0) {
            return Err(missing("size of a cache"));
        }
        self.sizes.sort_unstable();
        self.sizes.dedup();
        Ok(Simulation {
            trace: self.trace,
            policies: self.policies,
            sizes: self.sizes,
            on_progress: self.on_progress,
        })
    }
}

impl fmt::Debug for SimulationBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulationBuilder")
            .field("trace", self.trace)
            .field("policies", &self.policies)
            .field("sizes", &self.sizes)
            .finish_non_exhaustive()
    }
}
