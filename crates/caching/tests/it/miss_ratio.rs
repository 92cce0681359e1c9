//! Miss-ratio curves of the shared traces and of Zipf, and the sampler.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use proptest::prelude::*;
use tuneup_caching::{MissRatioCurve, MissRatioSampler, Trace};

use crate::shared_traces;

const SAMPLES: usize = MissRatioSampler::DEFAULT_SAMPLES;

#[test]
fn curves_are_what_lru_hits() {
    for shared in shared_traces::all("curves_are_what_lru_hits") {
        let curve = MissRatioCurve::from_trace(&shared.trace);
        for (&size, hits) in shared.sizes.iter().zip(shared.hits("LRU")) {
            let expected = hits as f64 / shared.requests as f64;
            assert_eq!(curve.hit_ratio(size), expected, "{} at {size}", shared.name);
        }
        assert_eq!(curve.distinct(), shared.unique);
        assert_eq!(curve.requests(), shared.requests);
    }
}

fn hash(id: u32) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}

#[test]
fn samples_are_right_on_average() {
    for shared in shared_traces::all("samples_are_right_on_average") {
        let exact = MissRatioCurve::from_trace(&shared.trace);
        let sampled = MissRatioCurve::sampled(&shared.trace, SAMPLES).unwrap();
        let sampler = MissRatioSampler::new(SAMPLES).unwrap();
        for &id in shared.trace.ids() {
            sampler.record(hash(id));
        }
        let live = sampler.curve_of(shared.requests);
        for curve in [sampled, live] {
            let error = curve.mean_absolute_error(&exact);
            if shared.unique <= SAMPLES as u64 {
                assert_eq!(curve, exact, "{}", shared.name);
            } else {
                assert!(curve.rate() < 1.0);
                assert!(error <= 0.02, "{}: {error}", shared.name);
            }
        }
    }
}

/// The keys of a Zipf distribution, by the inverse of the sums of its weights.
fn zipf(exponent: f64, keys: u32, requests: usize) -> Trace {
    let mut sum = 0.0;
    let sums: Vec<f64> = (1..=keys)
        .map(|rank| {
            sum += f64::from(rank).powf(-exponent);
            sum
        })
        .collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let requests = (0..requests).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = (state >> 11) as f64 / (1_u64 << 53) as f64 * sum;
        sums.partition_point(|sum| *sum < at)
    });
    Trace::from_keys(requests).unwrap()
}

#[test]
fn samples_of_zipf_are_right_on_average() {
    for exponent in [0.7, 1.0, 1.2] {
        let trace = zipf(exponent, 200_000, 400_000);
        assert!(trace.distinct() > 2 * SAMPLES as u32);
        let exact = MissRatioCurve::from_trace(&trace);
        let sampled = MissRatioCurve::sampled(&trace, SAMPLES).unwrap();
        let error = sampled.mean_absolute_error(&exact);
        assert!(error <= 0.02, "{exponent}: {error}");
        let keys = sampled.distinct() as f64 / exact.distinct() as f64;
        assert!((0.95..1.05).contains(&keys), "{exponent}: {keys}");
        assert_eq!(sampled.requests(), 400_000);
    }
}

/// One key takes half of all requests: without the correction the curve is wrong by that much, as the key is in the sample or
/// not.
#[test]
fn the_correction_puts_favourites_right() {
    let favourites: Vec<u32> = (0..40).collect();
    let mut uncorrected = 0.0_f64;
    for favourite in favourites {
        let keys = (0..100_000_u32).map(|request| match request % 2 {
            0 => favourite,
            _ => 1000 + request.wrapping_mul(request) % 20_011,
        });
        let keys: Vec<u32> = keys.collect();
        let exact = MissRatioCurve::from_trace(&Trace::from_keys(&keys).unwrap());
        let sampler = MissRatioSampler::new(1000).unwrap();
        keys.iter().for_each(|&key| sampler.record(hash(key)));
        let corrected = sampler.curve_of(100_000).mean_absolute_error(&exact);
        assert!(corrected < 0.03, "{corrected}");
        uncorrected = uncorrected.max(sampler.curve().mean_absolute_error(&exact));
    }
    assert!(uncorrected > 0.1, "{uncorrected}");
}

proptest! {
    /// However few samples: a curve rises, and stays between nothing and everything.
    #[test]
    fn samples_make_curves(
        keys in prop::collection::vec(0..300_u32, 0..2000),
        samples in 1..50_usize,
        rate in 0.01..=1.0_f64,
        requests in prop::option::of(0..4000_u64),
    ) {
        let sampler = MissRatioSampler::new(samples).unwrap().with_rate(rate).unwrap();
        keys.iter().for_each(|&key| sampler.record(hash(key)));
        let curve = requests.map_or_else(|| sampler.curve(), |requests| sampler.curve_of(requests));
        let points = curve.points();
        prop_assert!(points.is_sorted_by(|a, b| a.size < b.size && a.hit_ratio < b.hit_ratio));
        prop_assert!(points.iter().all(|point| (0.0..=1.0).contains(&point.hit_ratio)));
        prop_assert!(curve.rate() <= rate + 1e-9);
        if let Some(requests) = requests {
            prop_assert_eq!(curve.requests(), requests);
        }
    }
}

#[test]
fn threads_record_side_by_side() {
    let sampler = MissRatioSampler::new(SAMPLES).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope
                .spawn(|| (0..100_000_u32).for_each(|request| sampler.record(hash(request % 100))));
        }
    });
    let curve = sampler.curve();
    assert_eq!(curve.requests() + sampler.lost(), 400_000);
    assert_eq!(curve.distinct(), 100);
    // Requests that were lost stand for hits at the same distances.
    let curve = sampler.curve_of(400_000);
    assert!(curve.hit_ratio(100) > 0.99);
    assert_eq!(curve.requests(), 400_000);
}

#[test]
fn a_sampler_begins_anew() {
    let sampler = MissRatioSampler::new(10).unwrap().with_rate(0.5).unwrap();
    (0..1000).for_each(|key| sampler.record(hash(key)));
    assert!(sampler.rate() < 0.1);
    sampler.reset();
    assert_eq!(sampler.rate(), 0.5);
    let curve = sampler.curve();
    assert_eq!((curve.requests(), curve.distinct()), (0, 0));
    assert!(curve.points().is_empty());
}

#[test]
fn what_cannot_be_sampled_is_refused() {
    let message = |samples| MissRatioSampler::new(samples).unwrap_err().to_string();
    assert_eq!(message(0), "number of samples is 0; allowed is 1 to 2^24");
    assert_eq!(
        message(1 << 25),
        "number of samples is 33554432; allowed is 1 to 2^24"
    );
    for rate in [0.0, -1.0, 1.5, f64::NAN] {
        let sampler = MissRatioSampler::new(10).unwrap();
        assert!(sampler.with_rate(rate).is_err(), "{rate}");
    }
}

#[cfg(feature = "plots")]
#[test]
fn curves_are_drawn() {
    let empty = MissRatioCurve::from_trace(&Trace::from_keys([1, 2, 3]).unwrap());
    assert!(matches!(
        empty.to_svg("nothing"),
        Err(tuneup_report::Error::NoData { .. })
    ));
    for trace in [
        zipf(0.9, 20_000, 100_000),
        Trace::from_keys([1, 1]).unwrap(),
    ] {
        let curve = MissRatioCurve::from_trace(&trace);
        let svg = curve.to_svg("Zipf").unwrap();
        assert!(svg.as_str().contains("hit ratio"));
        assert_eq!(svg.title(), "Zipf");
    }
}
