//! Advice: which policy and which size fit the traffic, and what that is worth.

mod builder;
mod miniature;
mod spread;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use tuneup_measure::{Interval, format_duration};

pub use self::builder::{AdvisorBuilder, Traffic};
use self::miniature::{Measured, measure};
use crate::{Error, MissRatioCurve, Policy};

/// Which policy and which size for this traffic, among all policies and ten sizes.
///
/// As [`Advisor`] with nothing but the costs set, which says how the choice is made; `hit` is what a request costs that
/// finds its key in the cache, `miss` what one costs that does not.
///
/// # Errors
/// As [`AdvisorBuilder::build`].
///
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{Policy, Trace, advice};
///
/// // A loop that is longer than small caches: LRU hits nothing there.
/// let trace = Trace::from_keys((0..20_000).map(|request| request % 1000))?;
/// let advice = advice(&trace, Duration::from_nanos(50), Duration::from_millis(2))?;
/// assert_eq!(advice.recommended.size, 1000);
/// assert_eq!(advice.recommended.hit_ratio, 0.95);
/// println!("{advice}");
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
pub fn advice<'a>(
    traffic: impl Into<Traffic<'a>>,
    hit: Duration,
    miss: Duration,
) -> Result<Advice, Error> {
    let advisor = Advisor::builder(traffic)
        .hit_cost(hit)
        .miss_cost(miss)
        .build()?;
    Ok(advisor.advise())
}

/// Finds out which policy and which size fit.
///
/// **From a [`Trace`](crate::Trace)** all policies are simulated at all sizes, by the code of the cache itself. If that takes more
/// simulated requests than the [budget](AdvisorBuilder::budget), miniatures are simulated instead: caches that are smaller by a factor, with
/// the requests of as many keys fewer. Waldspurger et al., "Cache modeling and optimization using miniature simulations"
/// (ATC 2017).
///
/// **From a [`MissRatioCurve`]**, which may come from a running cache, only the size of an LRU cache can be advised: the curve
/// does not know what another policy would do.
///
/// The size that is recommended is the smallest that saves [enough](AdvisorBuilder::enough) of the time that the best of all
/// sizes saves; the policy is the one that hits most at that size.
///
/// The confidence comes from the trace itself. It is cut into 20 parts of equal length, and how much their hit ratios differ gives an interval for
/// traffic of which this is a sample (batch means); miniatures add how much four of them, of different keys, differ. A
/// trace that does not show what comes, such as a night for a day, is not detected.
///
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{Advisor, Policy, Trace};
///
/// let trace = Trace::from_keys((0..50_000_u64).map(|request| (request * request) % 4001 % (1 + request % 700)))?;
/// let advice = Advisor::builder(&trace)
///     .hit_cost(Duration::from_nanos(100))
///     .miss_cost(Duration::from_millis(1))
///     .policies([Policy::S3Fifo, Policy::Lru])
///     .sizes([50, 100, 200])
///     .build()?
///     .advise();
/// assert_eq!(advice.candidates.len(), 6);
/// assert!(advice.to_string().contains("Take "));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "an advisor does nothing before advise"]
pub struct Advisor<'a> {
    traffic: Traffic<'a>,
    hit: Duration,
    miss: Duration,
    policies: Vec<Policy>,
    sizes: Vec<u64>,
    enough: f64,
    budget: u64,
}

/// What an [`Advisor`] found; shown as a table and one sentence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Advice {
    /// What to take.
    pub recommended: Candidate,
    /// The next best policy at the same size; none, if there was only one policy.
    pub runner_up: Option<RunnerUp>,
    /// All that was looked at: by size, and policies in the order in which they were asked for.
    pub candidates: Vec<Candidate>,
    /// How many requests the traffic has.
    pub requests: u64,
    /// How many keys; an estimate, if the traffic is a curve that is one.
    pub distinct: u64,
    /// Which share of the keys a simulation looked at; 1.0 if everything is exact.
    pub rate: f64,
}

/// A policy at a size, and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The policy.
    pub policy: Policy,
    /// The size, in entries.
    pub size: u64,
    /// The share of requests that hit, 0.0 to 1.0, from a cold start.
    pub hit_ratio: f64,
    /// What the share may be in such traffic, with a confidence of 0.95; none, where only a curve is known or the trace has fewer
    /// than 1000 requests.
    pub interval: Option<Interval>,
    /// What a request takes on average.
    pub mean_time: Duration,
    /// What all requests together take less than if each of them missed.
    pub time_saved: Duration,
}

/// The policy that is second at the recommended size.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RunnerUp {
    /// The policy.
    pub policy: Policy,
    /// By how much its hit ratio is lower, 0.0 or more.
    pub behind: f64,
    /// What the difference may be in such traffic, with a confidence of 0.95, from the same requests of both; none, as with
    /// [`Candidate::interval`].
    pub interval: Option<Interval>,
}

impl RunnerUp {
    /// Whether the traffic shows which of the two is better: no difference at all is outside of the interval.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        self.interval.is_some_and(|interval| interval.low > 0.0)
    }
}

impl<'a> Advisor<'a> {
    /// An advisor for this traffic: a [`Trace`](crate::Trace) or a [`MissRatioCurve`].
    pub fn builder(traffic: impl Into<Traffic<'a>>) -> AdvisorBuilder<'a> {
        AdvisorBuilder::new(traffic.into())
    }

    /// Simulates what is needed, on the threads of the rayon pool that it is called on, and chooses. Blocks until then.
    #[must_use]
    pub fn advise(&self) -> Advice {
        let measured = match self.traffic {
            Traffic::Trace(trace) => measure(trace, &self.policies, &self.sizes, self.budget),
            Traffic::Curve(curve) => self.read_off(curve),
        };
        self.choose(&measured)
    }

    fn read_off(&self, curve: &MissRatioCurve) -> Vec<Measured> {
        let measured = |&size| Measured {
            policy: Policy::Lru,
            size,
            hit_ratio: curve.hit_ratio(size),
            rate: curve.rate(),
            parts: Vec::new(),
        };
        self.sizes.iter().map(measured).collect()
    }

    /// `measured` has all policies of the first size, then of the next.
    fn choose(&self, measured: &[Measured]) -> Advice {
        let best_of_size: Vec<&Measured> = measured
            .chunks(self.policies.len())
            .filter_map(|policies| best(policies.iter()))
            .collect();
        // What is saved goes with the hits.
        let most = best_of_size
            .iter()
            .map(|best| best.hit_ratio)
            .fold(0.0, f64::max);
        let chosen = best_of_size
            .iter()
            .find(|best| best.hit_ratio >= self.enough * most)
            .expect("the best is enough, and build has made sure of a policy and a size");
        let others = measured
            .iter()
            .filter(|other| other.size == chosen.size && other.policy != chosen.policy);
        let runner_up = best(others).map(|second| RunnerUp {
            policy: second.policy,
            behind: chosen.hit_ratio - second.hit_ratio,
            interval: chosen.ahead_of(second),
        });
        let (requests, distinct) = self.traffic.counts();
        Advice {
            recommended: self.candidate(chosen, requests),
            runner_up,
            candidates: measured
                .iter()
                .map(|measured| self.candidate(measured, requests))
                .collect(),
            requests,
            distinct,
            rate: measured.iter().map(|one| one.rate).fold(1.0, f64::min),
        }
    }

    fn candidate(&self, measured: &Measured, requests: u64) -> Candidate {
        let saved_by_hit = (self.miss - self.hit).as_secs_f64();
        let saved = saved_by_hit * measured.hit_ratio;
        Candidate {
            policy: measured.policy,
            size: measured.size,
            hit_ratio: measured.hit_ratio,
            interval: measured.interval(),
            mean_time: self.miss - seconds(saved).min(self.miss),
            time_saved: seconds(saved * requests as f64),
        }
    }
}

/// The first, of those that are equal.
fn best<'a>(measured: impl Iterator<Item = &'a Measured>) -> Option<&'a Measured> {
    measured.reduce(|best, other| {
        if other.hit_ratio > best.hit_ratio {
            other
        } else {
            best
        }
    })
}

/// More than the longest duration is the longest.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.rate < 1.0 {
            "estimated"
        } else {
            "exact"
        };
        let (requests, distinct) = (self.requests, self.distinct);
        writeln!(f, "{requests} requests of {distinct} keys, hits % {how}")?;
        let mut is_first = true;
        for policies in self
            .candidates
            .chunk_by(|left, right| left.size == right.size)
        {
            if std::mem::take(&mut is_first) {
                write!(f, "{:>12}", "size")?;
                for candidate in policies {
                    write!(f, "  {:>8}", crate::Replacement::Policy(candidate.policy))?;
                }
                writeln!(f, "  {:>12}  {:>12}", "mean time", "saved")?;
            }
            write!(f, "{:>12}", policies[0].size)?;
            let mut best = policies[0];
            for candidate in policies {
                write!(f, "  {:>8.2}", 100.0 * candidate.hit_ratio)?;
                if candidate.hit_ratio > best.hit_ratio {
                    best = *candidate;
                }
            }
            let (mean, saved) = (
                format_duration(best.mean_time),
                format_duration(best.time_saved),
            );
            writeln!(f, "  {mean:>12}  {saved:>12}")?;
        }
        self.write_sentence(f)
    }
}

impl Advice {
    /// What to take and what that brings, in one sentence, without the table of all that was looked at.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Advisor, Policy, Trace};
    ///
    /// let trace = Trace::from_keys((0..10_000).map(|request| request % 90))?;
    /// let advice = Advisor::builder(&trace)
    ///     .miss_cost(Duration::from_millis(1))
    ///     .policies([Policy::Lru])
    ///     .sizes([45, 90])
    ///     .build()?
    ///     .advise();
    /// let sentence = advice.sentence();
    /// assert!(sentence.starts_with("Take LRU with 90 entries: 99.1 % of requests hit"), "{sentence}");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        let sentence = fmt::from_fn(|f| self.write_sentence(f)).to_string();
        sentence.trim_end().to_owned()
    }

    fn write_sentence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate {
            policy,
            size,
            hit_ratio,
            interval,
            mean_time,
            time_saved,
        } = self.recommended;
        let name = crate::Replacement::Policy;
        if hit_ratio == 0.0 {
            return writeln!(f, "Take none of these: nothing hits.");
        }
        write!(f, "Take {} with {size} entries: ", name(policy))?;
        write!(f, "{:.1} % of requests hit", 100.0 * hit_ratio)?;
        if let Some(Interval { low, high, .. }) = interval {
            write!(f, " ({:.1} to {:.1})", 100.0 * low, 100.0 * high)?;
        }
        let (mean, saved) = (format_duration(mean_time), format_duration(time_saved));
        write!(f, ", {mean} each on average, which saves {saved}")?;
        match self.runner_up {
            None => {}
            Some(second) if second.behind == 0.0 => {
                write!(f, "; {} hits as many", name(second.policy))?;
            }
            Some(second) if second.is_significant() => {
                let behind = 100.0 * second.behind;
                write!(f, "; {} hits {behind:.1} points less", name(second.policy))?;
            }
            Some(second) => {
                let second = name(second.policy);
                write!(f, "; that it is better than {second} does not show")?;
            }
        }
        writeln!(f, ".")
    }
}
