//! Timing a case over the sizes of its group.

use std::time::{Duration, Instant};

use super::Stop;
use super::results::ComplexityResult;
use super::session::Session;
use crate::protocol::GroupInfo;
use crate::{Complexity, Error, paired};

/// Samples of each size: many short ones, because the quickest quarter of them is what the fit looks at, and a block of several
/// milliseconds is rarely left alone by the rest of the machine.
const SAMPLES: usize = 40;

/// The longest block.
const BLOCK: Duration = Duration::from_micros(300);

/// Fewest samples of a size, whatever they take.
const FEWEST: usize = 3;

/// A size whose single iteration takes more than this share of the time ends the range.
const LARGEST_SHARE: f64 = 0.25;

/// Times the case over the sizes and fits the classes; `None` where the group has no sizes, or too few of them fit into the time.
///
/// Size by size, because an executable keeps the input of one size at a time; drift between sizes is small beside the factors
/// between them.
pub(super) fn fit(
    session: &mut Session,
    group: usize,
    info: &GroupInfo,
    case: usize,
    budget: Duration,
    stop: &Stop,
) -> Result<Option<ComplexityResult>, Error> {
    if info.sizes.is_empty() {
        return Ok(None);
    }
    let share = budget / info.sizes.len() as u32;
    let block = (share / SAMPLES as u32).min(BLOCK);
    let mut timings = Vec::with_capacity(info.sizes.len());
    for &size in &info.sizes {
        let mut run = |case: usize, iterations: u64| {
            stop.check()?;
            session.run(group, case, size, iterations)
        };
        let iterations = paired::calibrate(&mut run, case, block)?;
        let mut samples = Vec::with_capacity(SAMPLES);
        let started = Instant::now();
        // An iteration may be longer than a block: then the size's share of the time ends the sampling.
        while samples.len() < FEWEST || (samples.len() < SAMPLES && started.elapsed() < share) {
            samples.push(run(case, iterations)? / iterations as f64);
        }
        let slowest = samples.iter().copied().fold(0.0, f64::max);
        timings.push((size as f64, samples));
        if slowest > budget.as_nanos() as f64 * LARGEST_SHARE {
            break;
        }
    }
    match Complexity::fit(&timings) {
        Ok(fit) => Ok(Some(result(info.cases[case].class.clone(), &fit))),
        Err(Error::TooFewSizes { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn result(claimed: Option<String>, fit: &Complexity) -> ComplexityResult {
    let points: Vec<(f64, f64)> = fit
        .points
        .iter()
        .map(|point| (point.size, point.typical_ns))
        .collect();
    ComplexityResult {
        class: named(fit),
        confidence: fit.confidence,
        claimed,
        fitted: points
            .iter()
            .map(|&(size, _)| (size, fit.best_fit().predict_ns(size)))
            .collect(),
        points,
    }
}

/// The class, or all that are likely while none is decided.
fn named(fit: &Complexity) -> String {
    if fit.is_decided() {
        return fit.best.to_string();
    }
    fit.candidates
        .iter()
        .take(2)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" or ")
}
