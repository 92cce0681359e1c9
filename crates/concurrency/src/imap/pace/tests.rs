use std::time::Duration;

use super::{ALONE_NS, LONGEST_ALONE_NS, Pace, TRIAL_NS};
use crate::cost::Site;

const ITEMS: usize = 1_000;

fn nanoseconds(ns: f64) -> Duration {
    Duration::from_nanos(ns as u64)
}

/// Of items that took the consumer `ns` each, alone.
#[track_caller]
fn pace(ns: f64) -> Pace {
    let mut pace = Pace::new(Site::of_caller());
    pace.pulled(ITEMS, Duration::ZERO);
    pace.worked_alone(ITEMS, nanoseconds(ns * ITEMS as f64));
    // Enough that a thread is started.
    pace.total_ns = 1e6;
    pace
}

/// Gets items for as long as a trial takes, at `ns` each.
fn share(pace: &mut Pace, ns: f64) {
    let items = (TRIAL_NS / ns).ceil() as usize + 1;
    pace.shared(items, nanoseconds(ns * items as f64));
}

/// Works alone until sharing is tried again; for how long that was.
fn alone_for(pace: &mut Pace, ns: f64) -> f64 {
    let mut spent_ns = 0.0;
    while pace.is_made_straight() {
        assert!(!pace.is_worth_sharing(true));
        pace.made(ITEMS, nanoseconds(ns * ITEMS as f64));
        spent_ns += ns * ITEMS as f64;
    }
    assert!(pace.is_worth_sharing(true));
    spent_ns
}

#[test]
fn what_gains_is_shared_on() {
    let mut pace = pace(50.0);
    for _ in 0..100 {
        assert!(pace.is_worth_sharing(true));
        share(&mut pace, 40.0);
    }
}

#[test]
fn what_does_not_gain_is_made_alone_for_longer_and_longer() {
    let mut pace = pace(50.0);
    let mut expected_ns = ALONE_NS;
    for _ in 0..8 {
        share(&mut pace, 50.0);
        let spent_ns = alone_for(&mut pace, 50.0);
        assert!((expected_ns..expected_ns + 1e5).contains(&spent_ns));
        expected_ns = (2.0 * expected_ns).min(LONGEST_ALONE_NS);
    }
    // Once it gains, patience starts anew.
    share(&mut pace, 30.0);
    share(&mut pace, 50.0);
    assert!(alone_for(&mut pace, 50.0) < ALONE_NS + 1e5);
}

#[test]
fn dear_items_are_shared_whatever_the_consumer_spends() {
    let mut pace = pace(2_000.0);
    share(&mut pace, 4_000.0);
    assert!(pace.is_worth_sharing(true));
    // Also if they become dear while the consumer is alone.
    let mut pace = self::pace(50.0);
    share(&mut pace, 60.0);
    assert!(pace.is_made_straight());
    pace.made(ITEMS, nanoseconds(2_000.0 * ITEMS as f64));
    assert!(!pace.is_made_straight());
}
