//! How an advisor is set up.

use std::time::Duration;

use super::Advisor;
use crate::{Error, MissRatioCurve, Policy, Trace};

/// What is known of the requests that a cache gets or will get.
///
/// ```
/// use tuneup_caching::{MissRatioCurve, Trace, Traffic};
///
/// let trace = Trace::from_keys([1, 2, 1])?;
/// let curve = MissRatioCurve::from_trace(&trace);
/// assert!(matches!(Traffic::from(&trace), Traffic::Trace(_)));
/// assert!(matches!(Traffic::from(&curve), Traffic::Curve(_)));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Traffic<'a> {
    /// Each of them: any policy can be judged.
    Trace(&'a Trace),
    /// How many of them LRU would hit: no other policy can be judged.
    Curve(&'a MissRatioCurve),
}

impl<'a> From<&'a Trace> for Traffic<'a> {
    fn from(trace: &'a Trace) -> Self {
        Self::Trace(trace)
    }
}

impl<'a> From<&'a MissRatioCurve> for Traffic<'a> {
    fn from(curve: &'a MissRatioCurve) -> Self {
        Self::Curve(curve)
    }
}

impl Traffic<'_> {
    /// Requests and keys.
    pub(super) fn counts(&self) -> (u64, u64) {
        match self {
            Self::Trace(trace) => (trace.len() as u64, trace.distinct().into()),
            Self::Curve(curve) => (curve.requests(), curve.distinct()),
        }
    }
}

const ALL: [Policy; 5] = [
    Policy::Adaptive,
    Policy::S3Fifo,
    Policy::Sieve,
    Policy::Lru,
    Policy::Fifo,
];
/// The smallest of the sizes that are looked at by default is the number of keys, halved so often.
const HALVINGS: u32 = 9;
/// A minute or two, on one core.
const DEFAULT_BUDGET: u64 = 2_000_000_000;
const DEFAULT_ENOUGH: f64 = 0.95;

/// Sets up an [`Advisor`].
#[derive(Debug)]
#[must_use = "an advisor is made by build"]
pub struct AdvisorBuilder<'a> {
    traffic: Traffic<'a>,
    hit: Duration,
    miss: Duration,
    policies: Vec<Policy>,
    sizes: Vec<u64>,
    enough: f64,
    budget: u64,
}

impl<'a> AdvisorBuilder<'a> {
    pub(super) fn new(traffic: Traffic<'a>) -> Self {
        Self {
            traffic,
            hit: Duration::ZERO,
            miss: Duration::ZERO,
            policies: Vec::new(),
            sizes: Vec::new(),
            enough: DEFAULT_ENOUGH,
            budget: DEFAULT_BUDGET,
        }
    }

    /// What a request costs that finds its key in the cache; nothing by default.
    pub fn hit_cost(mut self, cost: Duration) -> Self {
        self.hit = cost;
        self
    }

    /// What a request costs that does not, all in all. It has to be set: no time is saved where a miss costs nothing.
    pub fn miss_cost(mut self, cost: Duration) -> Self {
        self.miss = cost;
        self
    }

    /// Adds policies to look at. All by default; for a curve, LRU.
    pub fn policies(mut self, policies: impl IntoIterator<Item = Policy>) -> Self {
        for policy in policies {
            if !self.policies.contains(&policy) {
                self.policies.push(policy);
            }
        }
        self
    }

    /// Adds sizes to look at, in entries, from 1. By default ten: the number of keys, half of it, and so on to a 512th.
    pub fn sizes(mut self, sizes: impl IntoIterator<Item = u64>) -> Self {
        self.sizes.extend(sizes);
        self
    }

    /// Which share of the time that the best size saves is enough, so that no larger size is recommended: 0.0 to 1.0, 0.95 by
    /// default.
    pub fn enough(mut self, share: f64) -> Self {
        self.enough = share;
        self
    }

    /// How many requests may be simulated, summed over policies and sizes, before miniatures are: 2 × 10⁹ by default, a minute
    /// or two of one core.
    ///
    /// Miniatures have at least 4096 keys and caches of 256 entries, even where that exceeds the budget: fewer would say
    /// little. Caches of less than 1024 entries are therefore always simulated as they are.
    pub fn budget(mut self, requests: u64) -> Self {
        self.budget = requests;
        self
    }

    /// The advisor.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when there is no request; a size is 0; a miss costs no more than a hit; `enough` is outside of
    /// its range; or a policy other than LRU is to be judged by a curve.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Advisor, Trace};
    ///
    /// let trace = Trace::from_keys([1, 2, 1])?;
    /// let error = Advisor::builder(&trace).hit_cost(Duration::from_secs(1)).build().unwrap_err();
    /// assert_eq!(error.to_string(), "cost of a miss is 0ns; allowed is more than the cost of a hit");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn build(mut self) -> Result<Advisor<'a>, Error> {
        let refuse = |option, value: String, allowed| {
            Err(Error::OutOfRange {
                option,
                value,
                allowed,
            })
        };
        let (requests, distinct) = self.traffic.counts();
        if requests == 0 {
            return refuse("number of requests", "0".to_owned(), "1 or more");
        }
        if self.sizes.contains(&0) {
            return refuse("size of a cache", "0".to_owned(), "1 or more");
        }
        if self.miss <= self.hit {
            let cost = format!("{:?}", self.miss);
            return refuse("cost of a miss", cost, "more than the cost of a hit");
        }
        if !(0.0..=1.0).contains(&self.enough) {
            return refuse("share that is enough", self.enough.to_string(), "0 to 1");
        }
        if let (Traffic::Curve(_), Some(other)) = (
            self.traffic,
            self.policies.iter().find(|policy| **policy != Policy::Lru),
        ) {
            let allowed = "Lru, which is all that a curve knows; others need a trace";
            return refuse("policy", format!("{other:?}"), allowed);
        }
        if self.policies.is_empty() {
            match self.traffic {
                Traffic::Trace(_) => self.policies.extend(ALL),
                Traffic::Curve(_) => self.policies.push(Policy::Lru),
            }
        }
        if self.sizes.is_empty() {
            self.sizes
                .extend((0..=HALVINGS).map(|halvings| (distinct >> halvings).max(1)));
        }
        self.sizes.sort_unstable();
        self.sizes.dedup();
        Ok(Advisor {
            traffic: self.traffic,
            hit: self.hit,
            miss: self.miss,
            policies: self.policies,
            sizes: self.sizes,
            enough: self.enough,
            budget: self.budget,
        })
    }
}
