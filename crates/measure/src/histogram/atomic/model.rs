//! The protocol of recording and reading under loom, which tries every order of the atomic
//! operations that the memory model allows.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p tuneup-measure --lib --release model`.

use loom::{sync::Arc, thread};

use super::*;

/// Four buckets (0, 1, 2–3 and everything above): small enough for every order to be tried in
/// seconds.
fn small() -> Arc<AtomicHistogram> {
    let builder = AtomicHistogram::builder().relative_error(0.5).max_value(3);
    Arc::new(builder.build().unwrap())
}

/// What every snapshot promises, whatever is under way.
fn assert_consistent(snapshot: &Histogram) {
    assert_eq!(
        snapshot.count(),
        snapshot.buckets().map(|bucket| bucket.count).sum::<u64>()
    );
    let (Some(min), Some(max)) = (snapshot.min(), snapshot.max()) else {
        assert_eq!((snapshot.count(), snapshot.sum()), (0, 0));
        return;
    };
    let lowest = snapshot.buckets().next().unwrap();
    let highest = snapshot.buckets().last().unwrap();
    assert!((lowest.low..=lowest.high).contains(&min));
    assert!((highest.low..=highest.high).contains(&max) && min <= max);
    let (least, most) = snapshot.sum_bounds();
    assert!((least..=most).contains(&snapshot.sum()));
    for q in [0.0, 0.5, 1.0] {
        assert!((min..=max).contains(&snapshot.quantile(q).unwrap()));
    }
}

#[test]
fn a_snapshot_during_records_is_consistent_and_one_after_them_exact() {
    loom::model(|| {
        let histogram = small();
        let recorder = {
            let histogram = Arc::clone(&histogram);
            thread::spawn(move || {
                histogram.record(3);
                histogram.record(1);
            })
        };
        let during = histogram.snapshot();
        assert_consistent(&during);
        recorder.join().unwrap();

        let mut after = histogram.snapshot();
        assert_consistent(&after);
        assert_eq!(
            (after.count(), after.min(), after.max()),
            (2, Some(1), Some(3))
        );
        after.subtract(&during).unwrap();
        assert_eq!(after.count(), 2 - during.count());
    });
}

#[test]
fn two_recorders_lose_nothing() {
    loom::model(|| {
        let histogram = small();
        let recorder = {
            let histogram = Arc::clone(&histogram);
            thread::spawn(move || histogram.record(3))
        };
        // In the same bucket, which could not tell what the minimum and the maximum are.
        histogram.record(2);
        recorder.join().unwrap();
        let snapshot = histogram.snapshot();
        assert_consistent(&snapshot);
        assert_eq!(
            (snapshot.count(), snapshot.min(), snapshot.max()),
            (2, Some(2), Some(3))
        );
    });
}

#[test]
fn every_value_is_taken_once() {
    loom::model(|| {
        let histogram = small();
        let recorder = {
            let histogram = Arc::clone(&histogram);
            thread::spawn(move || {
                histogram.record(1);
                histogram.record(1);
            })
        };
        let first = histogram.take();
        assert_consistent(&first);
        recorder.join().unwrap();
        let second = histogram.take();
        assert_consistent(&second);
        assert_eq!(first.count() + second.count(), 2);
        assert_eq!(histogram.take().count(), 0);
    });
}

/// Eleven of these values stay below 2⁶⁴, the twelfth carries. The buckets allow any sum from 11/12
/// of that on, so that fitting the sum to them does not hide one that is torn.
#[test]
fn an_exact_sum_does_not_go_back_at_the_carry() {
    const VALUE: u64 = (1 << 60) + (2 << 58) - (1 << 57);
    const BEFORE: u128 = 11 * VALUE as u128;
    loom::model(|| {
        let histogram = AtomicHistogram::builder()
            .relative_error(0.25)
            .max_value(VALUE)
            .exact_sum(true)
            .build()
            .unwrap();
        let histogram = Arc::new(histogram);
        (0..11).for_each(|_| histogram.record(VALUE));
        assert_eq!(histogram.snapshot().sum(), BEFORE);
        let recorder = {
            let histogram = Arc::clone(&histogram);
            thread::spawn(move || histogram.record(VALUE))
        };
        let during = histogram.snapshot();
        assert_consistent(&during);
        assert!(
            during.sum() >= BEFORE,
            "{} is less than {BEFORE}",
            during.sum()
        );
        recorder.join().unwrap();
        let mut after = histogram.snapshot();
        assert_eq!(after.sum(), 12 * u128::from(VALUE));
        after.subtract(&during).unwrap();
    });
}
