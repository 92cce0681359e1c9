//! Tests of the inside.

use proptest::prelude::*;

use super::{
    ALL_PLACES, MissRatioCurve, StackDistances,
    shards::{DistanceHistogram, Shards},
    spread_id,
};
use crate::Trace;

/// A list, the last used first.
#[derive(Default)]
struct NaiveStack(Vec<u32>);

impl NaiveStack {
    fn record(&mut self, key: u32) -> Option<u32> {
        let depth = self.0.iter().position(|other| *other == key);
        if let Some(depth) = depth {
            self.0.remove(depth);
        }
        self.0.insert(0, key);
        depth.map(|depth| depth as u32 + 1)
    }

    fn remove(&mut self, key: u32) {
        self.0.retain(|other| *other != key);
    }
}

proptest! {
    /// More uses than places, so that they are numbered afresh.
    #[test]
    fn distances_are_places_in_a_list(
        keys in 1..600_u32,
        uses in prop::collection::vec((any::<u32>(), prop::bool::weighted(0.9)), 0..6000),
    ) {
        let mut distances = StackDistances::new(keys as usize);
        let mut stack = NaiveStack::default();
        for (key, is_use) in uses {
            let key = key % keys;
            if is_use {
                prop_assert_eq!(distances.record(key), stack.record(key));
            } else {
                distances.remove(key);
                stack.remove(key);
            }
        }
    }

    #[test]
    fn the_curve_is_what_lists_hit(keys in prop::collection::vec(0..40_u32, 0..400)) {
        let mut stack = NaiveStack::default();
        let distances: Vec<_> = keys.iter().filter_map(|&key| stack.record(key)).collect();
        let curve = MissRatioCurve::from_trace(&Trace::from_keys(&keys).unwrap());
        for size in 0..50_u32 {
            let hits = distances.iter().filter(|distance| **distance <= size).count();
            let expected = hits as f64 / keys.len().max(1) as f64;
            prop_assert_eq!(curve.hit_ratio(size.into()), expected);
        }
        let points = curve.points();
        prop_assert!(points.is_sorted_by(|a, b| a.size < b.size && a.hit_ratio < b.hit_ratio));
    }

    #[test]
    fn the_error_is_the_mean_over_all_sizes(
        left in prop::collection::vec(0..40_u32, 1..200),
        right in prop::collection::vec(0..60_u32, 1..200),
    ) {
        let curve = |keys| MissRatioCurve::from_trace(&Trace::from_keys(keys).unwrap());
        let (left, right) = (curve(left), curve(right));
        let largest = left.distinct().max(right.distinct());
        let sum: f64 = (1..=largest)
            .map(|size| (left.hit_ratio(size) - right.hit_ratio(size)).abs())
            .sum();
        let error = left.mean_absolute_error(&right);
        prop_assert!((error - sum / largest as f64).abs() < 1e-12);
        prop_assert_eq!(error, right.mean_absolute_error(&left));
    }
}

#[test]
fn a_curve_shows_as_a_table() {
    let trace = Trace::from_keys((0..60).map(|request| request % 6)).unwrap();
    let curve = MissRatioCurve::from_trace(&trace);
    let table = "        size  hits %\n           1    0.00\n           2    0.00\n           4    0.00\n           6   90.00\n";
    assert_eq!(curve.to_string(), table);
}

/// SHARDS with lists in place of trees, tables and heaps.
struct NaiveShards {
    most: usize,
    threshold: u64,
    stack: Vec<u64>,
    /// Distances and weights.
    hits: Vec<(f64, f64)>,
    weight: f64,
}

impl NaiveShards {
    fn record(&mut self, place: u64) {
        if place >= self.threshold {
            return;
        }
        let scale = ALL_PLACES / self.threshold as f64;
        self.weight += scale;
        let depth = self.stack.iter().position(|other| *other == place);
        if let Some(depth) = depth {
            self.hits.push((depth as f64 * scale + 1.0, scale));
            self.stack.remove(depth);
        }
        self.stack.insert(0, place);
        if self.stack.len() > self.most {
            self.threshold = *self.stack.iter().max().unwrap();
            self.stack.retain(|place| *place < self.threshold);
        }
    }
}

proptest! {
    #[test]
    fn shards_do_what_lists_do(
        keys in prop::collection::vec(0..200_u32, 0..1500),
        most in 1..40_usize,
    ) {
        let mut shards = Shards::new(most, 1.0).unwrap();
        let mut naive = NaiveShards {
            most,
            threshold: shards.threshold(),
            stack: Vec::new(),
            hits: Vec::new(),
            weight: 0.0,
        };
        for key in keys {
            let place = spread_id(key, 0);
            naive.record(place);
            if place < shards.threshold() {
                shards.record(place);
            }
            prop_assert_eq!(shards.threshold(), naive.threshold);
        }
        let curve = shards.curve(None, 0);
        for size in 1..250_u64 {
            let within = naive.hits.iter().filter(|(distance, _)| distance.round() <= size as f64);
            let hits: f64 = within.map(|(_, weight)| weight).sum();
            let expected = hits / naive.weight.max(1.0);
            prop_assert!((curve.hit_ratio(size) - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn buckets_are_near_their_distances(distance in 1..1_u64 << 40, bits in 0..16_u32) {
        let histogram = DistanceHistogram::new(1 << bits);
        let middle = histogram.distance(histogram.bucket(distance));
        prop_assert!(middle.abs_diff(distance) <= distance / 512);
        if distance < 1 << bits.max(8) {
            prop_assert_eq!(middle, distance);
        }
    }
}
