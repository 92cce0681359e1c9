//! The atomic histogram: as its twin when alone, and consistent while others record.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use proptest::{collection::vec, prelude::*};
use tuneup_measure::{AtomicHistogram, Error, Histogram};

fn built(exact_sum: bool, max_value: u64) -> AtomicHistogram {
    AtomicHistogram::builder()
        .exact_sum(exact_sum)
        .max_value(max_value)
        .build()
        .unwrap()
}

proptest! {
    #[test]
    fn a_snapshot_is_what_the_twin_has_recorded(
        values in vec((0_u32..64, any::<u64>()).prop_map(|(shift, value)| value >> shift), 0..200),
        limit in prop_oneof![Just(u64::MAX), 0_u64..100_000],
    ) {
        let atomic = built(true, limit);
        let mut twin = Histogram::builder().max_value(limit).build().unwrap();
        for &value in &values {
            atomic.record(value);
            twin.record(value);
        }
        prop_assert_eq!(&atomic.snapshot(), &twin);
        prop_assert_eq!(&atomic.take(), &twin);
        twin.clear();
        prop_assert_eq!(atomic.snapshot(), twin);
    }

    #[test]
    fn an_estimated_sum_is_within_the_relative_error(values in vec(any::<u64>(), 1..100)) {
        let atomic = AtomicHistogram::new();
        values.iter().for_each(|&value| atomic.record(value));
        let snapshot = atomic.snapshot();
        let exact: u128 = values.iter().map(|&value| u128::from(value)).sum();
        prop_assert!(!snapshot.sum_is_exact());
        prop_assert!(snapshot.sum().abs_diff(exact) * 64 <= exact, "{} and {}", snapshot.sum(), exact);
    }
}

#[test]
fn values_of_many_threads_are_all_there() {
    const THREADS: u64 = 4;
    const VALUES: u64 = 20_000;
    let histogram = built(true, u64::MAX);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let recorders: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| (1..=VALUES).for_each(|value| histogram.record(value))))
            .collect();
        // A reader that takes windows all the while: they must be consistent and add up.
        let reader = scope.spawn(|| {
            let mut earlier = Histogram::new();
            while !done.load(Ordering::Acquire) {
                let now = histogram.snapshot();
                let mut window = now.clone();
                window.subtract(&earlier).unwrap();
                assert_eq!(window.count(), now.count() - earlier.count());
                assert!(window.min() <= window.max());
                earlier = now;
            }
        });
        recorders
            .into_iter()
            .for_each(|recorder| recorder.join().unwrap());
        done.store(true, Ordering::Release);
        reader.join().unwrap();
    });
    let snapshot = histogram.snapshot();
    assert_eq!(snapshot.count(), THREADS * VALUES);
    assert_eq!(
        snapshot.sum(),
        u128::from(THREADS * VALUES * (VALUES + 1) / 2)
    );
    assert_eq!((snapshot.min(), snapshot.max()), (Some(1), Some(VALUES)));
}

#[test]
fn what_is_taken_while_others_record_is_everything_once() {
    const VALUES: u64 = 20_000;
    let histogram = AtomicHistogram::new();
    let mut all = Histogram::new();
    thread::scope(|scope| {
        let recorders: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..VALUES).for_each(|value| histogram.record(value))))
            .collect();
        while recorders.iter().any(|recorder| !recorder.is_finished()) {
            all.merge(&histogram.take()).unwrap();
        }
    });
    all.merge(&histogram.take()).unwrap();
    assert_eq!(all.count(), 2 * VALUES);
    for bucket in all.buckets() {
        let width = bucket.high.min(VALUES - 1) - bucket.low + 1;
        assert_eq!(bucket.count, 2 * width, "{bucket:?}");
    }
}

#[test]
fn an_estimated_sum_does_not_mix_into_an_exact_one_unnoticed() {
    let mut exact: Histogram = [5].into_iter().collect();
    exact.merge(&AtomicHistogram::new().snapshot()).unwrap();
    assert!(!exact.sum_is_exact());
    exact.clear();
    assert!(exact.sum_is_exact());
}

#[test]
fn options_are_checked_as_the_twins() {
    let wrong = AtomicHistogram::builder().relative_error(0.0).build();
    assert!(matches!(wrong, Err(Error::OutOfRange { .. })));
    let histogram = built(false, 1_000);
    assert_eq!(
        (histogram.max_value(), histogram.relative_error()),
        (1_007, 1.0 / 64.0)
    );
    assert_eq!(
        format!("{histogram:?}"),
        "AtomicHistogram { relative_error: 0.015625, max_value: 1007, .. }"
    );
}
