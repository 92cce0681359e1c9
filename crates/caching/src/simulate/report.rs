//! What a simulation found.

use std::fmt;

use super::Replacement;

/// The hits of each policy at each size; shown as a table of hit ratios.
///
/// ```
/// use tuneup_caching::{Policy, Replacement, Trace, simulate};
///
/// let trace = Trace::from_keys((0..900).map(|request| request % 90))?;
/// let policies = [Policy::Lru.into(), Policy::S3Fifo.into(), Replacement::Optimal];
/// let report = simulate(&trace, policies, [30, 60, 90])?;
/// assert_eq!(
///     report.to_string(),
///     "\
/// hits %       30     60     90
/// LRU        0.00   0.00  90.00
/// S3-FIFO   27.00  37.11  90.00
/// optimal   30.00  60.00  90.00
/// "
/// );
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulationReport {
    /// How many requests the trace has.
    pub requests: u64,
    /// How many keys.
    pub distinct: u32,
    /// One for each pair, policies in the order in which they were asked for, and each by size.
    pub outcomes: Vec<Outcome>,
}

/// What one policy hits at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Who decided which entry goes.
    pub policy: Replacement,
    /// The size of the cache, in entries.
    pub size: u64,
    /// How many requests found their key.
    pub hits: u64,
    /// How many requests there were.
    pub requests: u64,
}

impl Outcome {
    /// The share of requests that are hits, 0.0 to 1.0; 0.0 without requests.
    #[must_use]
    pub fn hit_ratio(&self) -> f64 {
        if self.requests == 0 {
            return 0.0;
        }
        self.hits as f64 / self.requests as f64
    }
}

impl SimulationReport {
    /// How many requests hit with this policy at this size; none, if that was not simulated. O(outcomes).
    pub fn hits(&self, policy: impl Into<Replacement>, size: u64) -> Option<u64> {
        let policy = policy.into();
        self.outcomes
            .iter()
            .find(|outcome| outcome.policy == policy && outcome.size == size)
            .map(|outcome| outcome.hits)
    }
}

impl fmt::Display for SimulationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each policy has all sizes.
        for (row, policy) in self
            .outcomes
            .chunk_by(|left, right| left.policy == right.policy)
            .enumerate()
        {
            if row == 0 {
                write!(f, "{:<8}", "hits %")?;
                for outcome in policy {
                    let size = outcome.size;
                    write!(f, "  {size:>5}")?;
                }
                writeln!(f)?;
            }
            write!(f, "{:<8}", policy[0].policy)?;
            for outcome in policy {
                let width = outcome.size.to_string().len().max(5);
                write!(f, "  {:>width$.2}", 100.0 * outcome.hit_ratio())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
