//! Clocks that run, and clocks that are moved.

use std::{
    thread,
    time::{Duration, Instant},
};

use tuneup_measure::{Clock, ClockSource, Error, Scale, Ticks};

/// The machine's clock must agree with the operating system's about a time that lies between two of
/// its readings.
#[test]
fn the_scale_agrees_with_the_operating_system() {
    let clock = Clock::new();
    let outer = Instant::now();
    let start = clock.now();
    let inner = Instant::now();
    thread::sleep(Duration::from_millis(20));
    let inner = inner.elapsed();
    let end = clock.now();
    let outer = outer.elapsed();

    let measured = clock.duration_between(start, end);
    assert!(
        measured >= inner.mul_f64(0.99),
        "{measured:?} is less than {inner:?}"
    );
    assert!(
        measured <= outer.mul_f64(1.01),
        "{measured:?} is more than {outer:?}"
    );
}

#[test]
fn readings_of_one_thread_do_not_go_back() {
    for clock in [Clock::new(), Clock::monotonic()] {
        let mut last = clock.now();
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= last, "{clock:?}");
            last = now;
        }
    }
}

#[test]
fn clones_and_other_clocks_of_the_process_share_their_ticks() {
    let (one, other) = (Clock::monotonic(), Clock::monotonic());
    let (first, second, third) = (one.now(), other.now(), one.clone().now());
    assert!(first <= second && second <= third);
}

#[test]
fn the_source_is_the_one_that_was_asked_for() {
    assert_eq!(Clock::monotonic().source(), ClockSource::Monotonic);
    assert_eq!(Clock::mock().0.source(), ClockSource::Mock);
    assert_eq!(Clock::default().source(), Clock::new().source());
    assert_ne!(Clock::new().source(), ClockSource::Mock);
    assert_eq!(
        format!("{:?}", Clock::mock().0),
        "Clock { source: Mock, .. }"
    );
}

#[test]
fn a_mock_clock_stands_still_until_it_is_moved() {
    let (clock, mock) = Clock::mock();
    assert_eq!(
        (clock.now(), clock.now()),
        (Ticks::from_raw(0), Ticks::from_raw(0))
    );
    mock.advance(Duration::from_nanos(1_500));
    assert_eq!(clock.now().raw(), 1_500);
    mock.set(Duration::from_nanos(10));
    assert_eq!(clock.now().raw(), 10);
}

#[test]
fn a_mock_clock_is_moved_for_its_clones_and_from_other_threads() {
    let (clock, mock) = Clock::mock();
    let clone = clock.clone();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| mock.advance(Duration::from_nanos(1))));
        }
    });
    assert_eq!((clock.now().raw(), clone.now().raw()), (400, 400));
}

#[test]
fn a_mock_clock_stops_at_its_end() {
    let (clock, mock) = Clock::mock();
    mock.advance(Duration::MAX);
    mock.advance(Duration::from_secs(1));
    assert_eq!(clock.now().raw(), u64::MAX);
}

#[test]
fn a_time_that_would_be_negative_is_zero() {
    let (clock, mock) = Clock::mock();
    mock.set(Duration::from_secs(2));
    let late = clock.now();
    mock.set(Duration::from_secs(1));
    assert_eq!(clock.duration_between(late, clock.now()), Duration::ZERO);
    assert_eq!(clock.now().saturating_sub(late), 0);
}

#[test]
fn a_scale_converts_without_overflow() {
    let scale = Scale::from_ratio(3, 10).unwrap();
    assert_eq!(
        scale.duration(u64::MAX),
        Duration::from_nanos(5_534_023_222_112_865_484)
    );
    assert_eq!(scale.duration(0), Duration::ZERO);
    assert_eq!(scale.ns(10), 3.0);
    let slowest = Scale::from_ratio(u64::MAX, 1).unwrap();
    assert_eq!(slowest.duration(u64::MAX), Duration::MAX);
    assert!(matches!(
        Scale::from_ratio(1, 0),
        Err(Error::OutOfRange { .. })
    ));
}

#[test]
fn clocks_may_be_shared_and_sent() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Clock>();
    check::<Ticks>();
    check::<Scale>();
    check::<tuneup_measure::MockClock>();
}
