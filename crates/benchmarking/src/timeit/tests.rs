//! How much is called and recorded, which no clock can change.

use super::*;

#[test]
fn a_slow_function_is_still_timed_five_times() {
    let mut calls = 0;
    let m = Timeit::new("slow")
        .budget(Duration::from_millis(1))
        .run(|| {
            calls += 1;
            std::thread::sleep(Duration::from_millis(3));
        });
    // Twice for the calibration.
    assert_eq!((m.samples_ns.len(), m.loops, calls), (5, 1, 7));
    assert!(m.timed_singly);
    assert_eq!(m.histogram.count(), 5);
    assert!(m.median_ns.low >= 3e6, "{m:?}");
}

#[test]
fn a_fast_function_is_timed_in_loops() {
    let mut calls = 0_u64;
    let m = Timeit::new("fast")
        .budget(Duration::from_millis(20))
        .samples(30)
        .run(|| calls += 1);
    assert!(!m.timed_singly);
    assert!(m.loops > 1 && m.samples_ns.len() <= 30, "{m:?}");
    let timed = m.samples_ns.len() as u64 * m.loops;
    assert_eq!(m.histogram.count(), timed);
    assert!(calls > timed, "calibration comes on top");
}

#[test]
fn a_function_that_fits_a_block_a_few_times_is_timed_call_by_call() {
    let mut calls = 0_u64;
    let m = Timeit::new("middle")
        .budget(Duration::from_millis(500))
        .samples(5)
        .run(|| {
            calls += 1;
            std::thread::sleep(Duration::from_millis(1));
        });
    assert!(m.timed_singly && m.loops > 1, "{m:?}");
    assert_eq!(m.histogram.count(), 5 * m.loops);
    assert!(m.histogram.min().unwrap() >= 1_000_000);
    // In the mean of a sample a long call would vanish.
    assert!(m.histogram.max().unwrap() as f64 >= m.summary.max);
}

#[test]
fn samples_are_five_at_least_and_as_many_as_asked_at_most() {
    let run = |samples| {
        Timeit::new("n")
            .budget(Duration::from_millis(50))
            .samples(samples)
            .run(|| std::thread::sleep(Duration::from_millis(1)))
            .samples_ns
            .len()
    };
    assert_eq!(run(0), 5);
    assert!((5..=8).contains(&run(8)));
}

#[test]
fn more_samples_than_there_is_time_for_end_with_the_budget() {
    let m = Timeit::new("many")
        .budget(Duration::from_millis(2))
        .samples(usize::MAX)
        .run(|| black_box(1_u64));
    assert!((5..1_000).contains(&m.samples_ns.len()));
}

#[test]
fn a_budget_without_end_ends_with_the_samples() {
    // A clock on which every iteration takes longer than the budget.
    let m = Timeit::new("endless")
        .budget(Duration::MAX)
        .measure(&mut |iterations| 1e30 * iterations as f64);
    assert_eq!(m.samples_ns.len(), 100);
    assert!(m.samples_ns.iter().all(|&ns| ns == 1e30));
}

#[test]
fn the_summary_is_of_the_samples() {
    let m = Timeit::new("summary")
        .budget(Duration::from_millis(10))
        .samples(9)
        .confidence(0.8)
        .run(|| black_box(3_u64).pow(2));
    assert_eq!(m.summary, Summary::of(&m.samples_ns).unwrap());
    assert_eq!(m.median_ns.estimate, m.summary.median);
    assert_eq!(m.median_ns.confidence, 0.8);
    assert!(m.median_ns.low <= m.median_ns.estimate && m.median_ns.estimate <= m.median_ns.high);
}

#[test]
fn a_measurement_without_a_throughput_has_no_rate() {
    let m = example(None);
    assert_eq!(m.per_second(), None);
    assert_eq!(
        m.to_string(),
        "\
name       median       low      high    MAD  samples × loops
─────────────────────────────────────────────────────────────
example  3.000 µs  2.700 µs  3.300 µs  3.3 %  5 × 16"
    );
}

#[test]
fn a_throughput_gives_a_rate() {
    let m = example(Some(Throughput::Bytes(6_000)));
    assert_eq!(m.per_second(), Some(2e9));
    assert_eq!(
        m.to_string(),
        "\
name       median       low      high    MAD  samples × loops        rate
─────────────────────────────────────────────────────────────────────────
example  3.000 µs  2.700 µs  3.300 µs  3.3 %  5 × 16           1.86 GiB/s"
    );
    let m = example(Some(Throughput::Items(3)));
    assert_eq!(m.per_second(), Some(1e6));
    assert!(m.to_string().ends_with("1 M/s"), "{m}");
}

/// Five samples of about three microseconds in loops of 16.
fn example(throughput: Option<Throughput>) -> Measurement {
    let settings = Timeit {
        throughput,
        ..Timeit::new("example")
    };
    let mut histogram = Histogram::new();
    histogram.record_n(3_000, 5 * 16);
    let samples_ns = vec![2_900.0, 3_000.0, 3_000.0, 3_300.0, 2_700.0];
    Measurement::new(settings, samples_ns, 16, histogram, false)
}

#[cfg(feature = "async")]
#[test]
fn futures_are_timed() {
    let mut calls = 0_u64;
    let m = Timeit::new("async")
        .budget(Duration::from_millis(5))
        .run_async(async || calls += 1);
    assert!(calls > m.samples_ns.len() as u64 * m.loops);
    assert_eq!(m.histogram.count(), m.samples_ns.len() as u64 * m.loops);
}

#[cfg(feature = "async")]
#[test]
fn futures_are_timed_on_an_executor_of_yours() {
    use std::cell::Cell as Counter;

    struct Counting(Counter<u64>);
    impl crate::BlockOn for Counting {
        fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
            self.0.set(self.0.get() + 1);
            crate::Inline.block_on(future)
        }
    }

    let executor = Counting(Counter::new(0));
    let m = Timeit::new("async")
        .budget(Duration::from_millis(1))
        .run_async_on(&executor, async || {
            std::thread::sleep(Duration::from_millis(2));
        });
    // A block is one entry: two for the calibration and one for each sample.
    assert_eq!((m.samples_ns.len(), executor.0.get()), (5, 7));
}

#[test]
#[should_panic(expected = "a confidence lies above 0 and below 1")]
fn a_confidence_of_zero_is_refused() {
    let _ = Timeit::new("x").confidence(0.0);
}
