//! Simulations of the whole trace, or of caches that are smaller by a factor with the requests of as many keys fewer.

use rayon::prelude::*;
use tuneup_measure::Interval;

use super::spread::half_width;
use crate::{
    Policy, Trace,
    miss_ratio::{ALL_PLACES, spread_id},
    simulate::Replay,
};

/// Into so many parts a trace is cut, whose hit ratios are compared.
const PARTS: usize = 20;
/// A part of fewer requests says little.
const SHORTEST_PART: usize = 50;
/// So many miniatures, of different keys.
const MINIATURES: u64 = 4;
/// A miniature has at least so many keys.
const FEWEST_KEYS: f64 = 4096.0;
/// A cache in a miniature has at least so many entries.
const FEWEST_ENTRIES: f64 = 256.0;

/// What a policy hit at a size.
pub(super) struct Measured {
    pub(super) policy: Policy,
    pub(super) size: u64,
    pub(super) hit_ratio: f64,
    pub(super) rate: f64,
    /// The hit ratios by miniature, and in each by part of the trace; none, if they are not known.
    pub(super) parts: Vec<Vec<f64>>,
}

impl Measured {
    /// Where the hit ratio may be.
    pub(super) fn interval(&self) -> Option<Interval> {
        let half = half_width_of(&self.parts)?;
        let (low, high) = (self.hit_ratio - half, self.hit_ratio + half);
        Some(Interval::new(
            low.max(0.0),
            self.hit_ratio,
            high.min(1.0),
            0.95,
        ))
    }

    /// How much more this may hit than another, by the same requests.
    pub(super) fn ahead_of(&self, other: &Self) -> Option<Interval> {
        let differences: Vec<Vec<f64>> = self
            .parts
            .iter()
            .zip(&other.parts)
            .map(|(these, those)| {
                let pairs = these.iter().zip(those);
                pairs.map(|(this, that)| this - that).collect()
            })
            .collect();
        let half = half_width_of(&differences)?;
        let ahead = self.hit_ratio - other.hit_ratio;
        Some(Interval::new(ahead - half, ahead, ahead + half, 0.95))
    }
}

/// Of the mean of all: the parts differ because traffic changes, the miniatures because their keys are others.
fn half_width_of(parts: &[Vec<f64>]) -> Option<f64> {
    let first = parts.first()?;
    let miniatures = parts.len() as f64;
    let mean_of_part =
        |part: usize| parts.iter().map(|parts| parts[part]).sum::<f64>() / miniatures;
    let by_part: Vec<f64> = (0..first.len()).map(mean_of_part).collect();
    let mean_of_miniature = |parts: &Vec<f64>| parts.iter().sum::<f64>() / parts.len() as f64;
    let by_miniature: Vec<f64> = parts.iter().map(mean_of_miniature).collect();
    Some(half_width(&by_part).hypot(half_width(&by_miniature)))
}

/// All policies at the first size, then at the next. Each size costs the same share of the budget.
pub(super) fn measure(
    trace: &Trace,
    policies: &[Policy],
    sizes: &[u64],
    budget: u64,
) -> Vec<Measured> {
    let pairs = (policies.len() * sizes.len()) as u64;
    let requests = trace.len() as u64;
    let affordable = budget as f64 / (pairs * requests * MINIATURES) as f64;
    let is_exact = pairs.saturating_mul(requests) <= budget;
    let of_size = |&size: &u64| {
        let enough_keys = FEWEST_KEYS / f64::from(trace.distinct());
        let enough_entries = FEWEST_ENTRIES / size as f64;
        let rate = affordable.max(enough_keys).max(enough_entries);
        // As many requests as in four miniatures are better spent on the whole.
        if is_exact || rate * MINIATURES as f64 >= 1.0 {
            1.0
        } else {
            rate
        }
    };
    let rates: Vec<f64> = sizes.iter().map(of_size).collect();
    let mut measured = Vec::new();
    // Sizes that have the same rate share their miniatures.
    for group in sizes
        .iter()
        .zip(&rates)
        .collect::<Vec<_>>()
        .chunk_by(|left, right| left.1 == right.1)
    {
        let rate = *group[0].1;
        let miniatures = if rate < 1.0 { MINIATURES } else { 1 };
        let views: Vec<View<'_>> = (0..miniatures)
            .into_par_iter()
            .map(|salt| View::new(trace, rate, salt))
            .collect();
        let pairs: Vec<(u64, Policy)> = group
            .iter()
            .flat_map(|(size, _)| policies.iter().map(|&policy| (**size, policy)))
            .collect();
        measured.par_extend(
            pairs
                .into_par_iter()
                .map(|(size, policy)| replay(&views, policy, size, rate)),
        );
    }
    measured
}

fn replay(views: &[View<'_>], policy: Policy, size: u64, rate: f64) -> Measured {
    let replays: Vec<Replayed> = views
        .par_iter()
        .map(|view| view.replay(policy, size))
        .collect();
    let hit_ratio = replays.iter().map(|replay| replay.hit_ratio).sum::<f64>() / views.len() as f64;
    Measured {
        policy,
        size,
        hit_ratio,
        rate,
        parts: replays
            .into_iter()
            .map(|replay| replay.by_part)
            .filter(|by_part| !by_part.is_empty())
            .collect(),
    }
}

/// A trace, or the requests of a sample of its keys.
struct View<'a> {
    trace: std::borrow::Cow<'a, Trace>,
    rate: f64,
    /// By part of the whole trace, how many requests that has, and where it ends here.
    parts: Vec<(usize, usize)>,
}

struct Replayed {
    hit_ratio: f64,
    by_part: Vec<f64>,
}

impl<'a> View<'a> {
    fn new(trace: &'a Trace, rate: f64, salt: u64) -> Self {
        let len = trace.len();
        let ends: Vec<usize> = (1..=PARTS).map(|part| part * len / PARTS).collect();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let lens: Vec<usize> = ends
            .iter()
            .zip(starts)
            .map(|(end, start)| end - start)
            .collect();
        if rate >= 1.0 {
            return Self {
                trace: std::borrow::Cow::Borrowed(trace),
                rate,
                parts: lens.into_iter().zip(ends).collect(),
            };
        }
        let threshold = (rate * ALL_PLACES) as u64;
        let (sample, ends) = trace.filtered(|id| spread_id(id, salt << 32) < threshold, &ends);
        Self {
            trace: std::borrow::Cow::Owned(sample),
            rate,
            parts: lens.into_iter().zip(ends).collect(),
        }
    }

    /// Requests that a miniature has too many or too few of are those of its most requested keys, which hit: they are
    /// put right as by SHARDS-adj.
    fn replay(&self, policy: Policy, size: u64) -> Replayed {
        let room = (size as f64 * self.rate).round().max(1.0) as u64;
        let mut replay = Replay::new(policy.into(), room, &self.trace, None);
        let mut start = 0;
        let mut all_hits = 0.0;
        let mut by_part = Vec::with_capacity(PARTS);
        for &(len, end) in &self.parts {
            let requests = &self.trace.ids()[start..end];
            start = end;
            let expected = len as f64 * self.rate;
            let hits = replay.feed(requests) as f64 + (expected - requests.len() as f64);
            all_hits += hits;
            if len >= SHORTEST_PART {
                by_part.push((hits / expected).clamp(0.0, 1.0));
            }
        }
        let expected = self.parts.iter().map(|(len, _)| *len as f64).sum::<f64>() * self.rate;
        Replayed {
            hit_ratio: (all_hits / expected).clamp(0.0, 1.0),
            by_part,
        }
    }
}
