//! The clock from inside: what the public API cannot steer.

use std::time::Duration;

use super::{anchor::Anchor, *};

fn anchor(origin: Instant, ns: u64, ticks: u64) -> Anchor {
    Anchor {
        instant: origin + Duration::from_nanos(ns),
        ticks,
    }
}

#[test]
fn two_anchors_give_the_ratio() {
    let origin = Instant::now();
    let scale = anchor::between(&anchor(origin, 100, 7_000), &anchor(origin, 1_100, 10_000));
    assert_eq!(scale.ratio(), (1_000, 3_000));
    assert_eq!(scale.duration(3), Duration::from_nanos(1));
}

#[test]
fn a_counter_that_went_back_does_not_divide_by_zero() {
    let origin = Instant::now();
    let scale = anchor::between(&anchor(origin, 0, 500), &anchor(origin, 1_000, 400));
    assert_eq!(scale.ratio(), (1_000, 1));
}

#[test]
fn a_clock_is_small_enough_to_be_copied_about() {
    assert!(size_of::<Clock>() <= 24, "{}", size_of::<Clock>());
}

#[test]
fn the_slow_path_reads_the_same_counter() {
    let clock = Clock::new();
    let fast = clock.now();
    let slow = clock.reading.now_slow();
    assert!(fast <= slow);
    assert!(slow <= clock.now());
}
