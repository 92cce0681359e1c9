//! What grows faster than the input, from profiles of two sizes or more.

use tuneup_profiling::Function;
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    recorded::Recorded,
    remedy,
};

/// Sizes that are nearer to each other do not tell a square from a product with a logarithm.
pub(super) const LEAST_RATIO: f64 = 2.0;

/// By so much two runs of the same differ, as a logarithm: two runs one after the other are 15 % apart on a busy machine, and twice that rarely.
const NOISE: f64 = 0.42;

/// By so much more they may differ where most of a time is that of recording it, and was taken off.
const NOISE_OF_RECORDING: f64 = 0.7;

/// By so much counts, which have no noise, are beyond `n log n`.
const BEYOND: f64 = 0.1;

/// Shorter times are those of something else.
const LEAST_NS: f64 = 1e6;

/// A profile of an input of this size.
pub(super) struct Sized<'a> {
    pub(super) size: f64,
    pub(super) recorded: &'a Recorded,
}

/// How one function grows.
struct Growth<'a> {
    function: &'a Function,
    calls: [f64; 2],
    self_ns: [f64; 2],
    /// Of the calls, as a power of the size.
    calls_exponent: f64,
    /// Of its own time; none if that is too short to say.
    time_exponent: Option<f64>,
    /// What the exponent of its time may be wrong by.
    time_error: f64,
}

/// The profiles are ordered by their sizes, and the first and the last are [far enough](LEAST_RATIO) apart.
pub(super) fn findings(profiles: &[Sized<'_>]) -> Vec<Finding> {
    let (Some(small), Some(large)) = (profiles.first(), profiles.last()) else {
        return Vec::new();
    };
    let growths: Vec<Growth<'_>> = large
        .recorded
        .functions()
        .filter_map(|function| Growth::of(function, profiles))
        .collect();
    // What a run of ten times the size would take, if everything goes on as it has.
    let later_ns: f64 = growths.iter().map(Growth::later_ns).sum();
    growths
        .iter()
        .filter(|growth| growth.is_beyond(small.size, large.size))
        .map(|growth| growth.finding(small, large, later_ns))
        .collect()
}

impl<'a> Growth<'a> {
    /// None for a function that is not in all of them.
    fn of(function: &'a Function, profiles: &[Sized<'_>]) -> Option<Self> {
        let mut points = Vec::with_capacity(profiles.len());
        let mut noise = NOISE;
        for Sized { size, recorded } in profiles {
            let same = recorded.functions().find(|other| {
                (&other.name, &other.file, other.kind)
                    == (&function.name, &function.file, function.kind)
            })?;
            if same.overhead_dominates {
                noise = NOISE + NOISE_OF_RECORDING;
            }
            points.push((*size, same.calls as f64, recorded.self_ns(same)));
        }
        let (first, last) = (points.first()?, points.last()?);
        let calls = |(size, calls, _): &(f64, f64, f64)| (*size, *calls);
        let times = |(size, _, time): &(f64, f64, f64)| (*size, *time);
        // Of the smaller input it may be short: that is no noise upwards.
        let is_timed = last.2 >= LEAST_NS && first.2 > 0.0;
        Some(Self {
            function,
            calls: [first.1, last.1],
            self_ns: [first.2, last.2],
            calls_exponent: exponent(points.iter().map(calls)).unwrap_or(0.0),
            time_exponent: is_timed
                .then(|| exponent(points.iter().map(times)))
                .flatten(),
            time_error: noise / (last.0 / first.0).ln(),
        })
    }

    /// Beyond what noise and `n log n` explain.
    fn is_beyond(&self, small: f64, large: f64) -> bool {
        let linearithmic = linearithmic(small, large);
        let in_time = self.time_exponent.is_some_and(|time| {
            time - self.time_error > linearithmic && self.self_ns[0] >= LEAST_NS / 100.0
        });
        in_time || (self.time_exponent.is_some() && self.calls_exponent > linearithmic + BEYOND)
    }

    /// Its own time at ten times the larger size.
    fn later_ns(&self) -> f64 {
        self.self_ns[1] * 10_f64.powf(self.time_exponent.unwrap_or(1.0).clamp(0.0, 4.0))
    }

    fn finding(&self, small: &Sized<'_>, large: &Sized<'_>, all_later_ns: f64) -> Finding {
        let exponent = self.time_exponent.unwrap_or(self.calls_exponent);
        let proportional_ns = self.self_ns[1] * 10.0;
        let saved_ns = (self.later_ns() - proportional_ns).max(0.0);
        Finding {
            rule: "growth",
            title: format!("`{}` grows as the size to the power of {exponent:.1}", self.function.name),
            place: Place::of(self.function),
            input: large.recorded.input.clone(),
            figures: vec![
                Figure::new("size_small", small.size),
                Figure::new("size_large", large.size),
                Figure::new("calls_small", self.calls[0]),
                Figure::new("calls_large", self.calls[1]),
                Figure::new("calls_exponent", rounded(self.calls_exponent)),
                Figure::new("self_small_ns", self.self_ns[0]),
                Figure::new("self_large_ns", self.self_ns[1]),
                Figure::new("exponent", rounded(exponent)),
                Figure::new("exponent_error", rounded(self.time_error)),
                Figure::new("self_at_ten_times_ns", self.later_ns()),
            ],
            advice: "Look for a search in a loop, a list that is copied or shifted for each item, a comparison of all with all: a map, a sorted list or a running value is what replaces them. Then measure at more sizes."
                .to_owned(),
            remedy: &remedy::COMPLEXITY,
            gain: Gain {
                share: if all_later_ns > 0.0 { saved_ns / all_later_ns } else { 0.0 },
                of: "the time at ten times the larger size",
                is_limit: false,
                derivation: format!(
                    "at {} it would take {}, and {} if it grew as the size does",
                    Unit::Plain.format(large.size * 10.0),
                    Unit::Nanoseconds.format(self.later_ns()),
                    Unit::Nanoseconds.format(proportional_ns)
                ),
            },
        }
    }
}

/// The exponent that `n log n` seems to have between two sizes.
fn linearithmic(small: f64, large: f64) -> f64 {
    let small_log = small.max(2.0).ln();
    1.0 + (large.ln() / small_log).ln().max(0.0) / (large / small).ln()
}

/// The slope of the line through the logarithms, by least squares; none if something is zero.
fn exponent(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let logs = points.map(|(size, value)| (size.ln(), value.ln()));
    let count = logs.clone().count() as f64;
    let mean = |sum: f64| sum / count;
    let (x, y) = (
        mean(logs.clone().map(|log| log.0).sum()),
        mean(logs.clone().map(|log| log.1).sum()),
    );
    let (mut above, mut below) = (0.0, 0.0);
    for log in logs {
        above += (log.0 - x) * (log.1 - y);
        below += (log.0 - x).powi(2);
    }
    let slope = above / below;
    slope.is_finite().then_some(slope)
}

/// More digits say nothing.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_exponent_of_a_power_is_its_own(power in 0.0..4.0_f64, factor in 0.001..1e6_f64) {
            let sizes = [100.0, 250.0, 900.0, 10_000.0_f64];
            let found = exponent(sizes.into_iter().map(|size| (size, factor * size.powf(power)))).unwrap();
            prop_assert!((found - power).abs() < 1e-9);
        }

        #[test]
        fn a_product_with_a_logarithm_is_no_growth(small in 2.0..1e6_f64, ratio in 2.0..1e3_f64) {
            let sizes = [small, small * ratio];
            let found = exponent(sizes.into_iter().map(|size| (size, size * size.ln()))).unwrap();
            prop_assert!(found < linearithmic(small, small * ratio) + BEYOND);
        }
    }

    #[test]
    fn nothing_has_no_exponent() {
        assert_eq!(exponent([(10.0, 0.0), (100.0, 5.0)].into_iter()), None);
        assert_eq!(exponent([(10.0, 1.0), (10.0, 5.0)].into_iter()), None);
    }
}
