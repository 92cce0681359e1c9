//! `docs/src/guide/measure.md`.

use std::time::Duration;

use tuneup_measure::{
    AtomicHistogram, Bootstrap, Clock, Error, Histogram, Summary, format_ns, mann_whitney_u,
    median_in_place,
};

use super::assert_page_shows;

// ANCHOR: span
/// Does the work and records how long it took.
fn timed<T>(clock: &Clock, ticks: &mut Histogram, work: impl FnOnce() -> T) -> T {
    let start = clock.now();
    let result = work();
    ticks.record(clock.now().saturating_sub(start));
    result
}

/// What was recorded, in words.
fn describe(clock: &Clock, ticks: &Histogram) -> String {
    let Some(quantiles) = ticks.quantiles(&[0.5, 0.99, 1.0]) else {
        return "nothing was recorded".to_owned();
    };
    // One scale for all values: what a tick is worth, at this moment.
    let scale = clock.scale();
    let [median, high, worst] = quantiles.map(|ticks| format_ns(scale.ns(ticks)));
    format!(
        "{} times, median {median}, 99 % {high}, worst {worst}",
        ticks.count()
    )
}
// ANCHOR_END: span

// ANCHOR: mock
#[test]
fn a_slow_request_is_seen() {
    let (clock, mock) = Clock::mock();
    let mut ticks = Histogram::new();
    for request in 1..=200 {
        let took = if request == 200 { 80 } else { 3 };
        timed(&clock, &mut ticks, || {
            mock.advance(Duration::from_millis(took));
        });
    }
    assert_eq!(ticks.max(), Some(80_000_000));
    assert_page_shows("measure", &describe(&clock, &ticks));
}
// ANCHOR_END: mock

// ANCHOR: window
/// What was recorded since `earlier`, which becomes now.
fn window(all: &AtomicHistogram, earlier: &mut Histogram) -> Result<Histogram, Error> {
    let now = all.snapshot();
    let mut window = now.clone();
    window.subtract(earlier)?;
    *earlier = now;
    Ok(window)
}
// ANCHOR_END: window

#[test]
fn windows_do_not_overlap() {
    let all = AtomicHistogram::new();
    let mut earlier = Histogram::new();
    all.record(5);
    assert_eq!(window(&all, &mut earlier).unwrap().count(), 1);
    all.record(7);
    all.record(9);
    let second = window(&all, &mut earlier).unwrap();
    assert_eq!(
        (second.count(), second.min(), second.max()),
        (2, Some(7), Some(9))
    );
}

// ANCHOR: samples
/// Two runs of the same job: how long the second one took, and whether they differ.
fn compared(before_ns: &[f64], after_ns: &[f64]) -> Result<String, Error> {
    let spread = Summary::of(after_ns)?.mad;
    let median = Bootstrap::new().bca(after_ns, median_in_place)?;
    let test = mann_whitney_u(before_ns, after_ns)?;
    Ok(format!(
        "median {} ({} to {}), spread {}, p = {:.5}",
        format_ns(median.estimate),
        format_ns(median.low),
        format_ns(median.high),
        format_ns(spread),
        test.p_value,
    ))
}
// ANCHOR_END: samples

#[test]
fn ten_percent_are_seen_in_twelve_samples() {
    let before = [
        212.0, 208.0, 215.0, 209.0, 211.0, 390.0, 210.0, 213.0, 207.0, 214.0, 216.0, 209.5,
    ];
    let after = before.map(|ns| ns * 1.1);
    assert_page_shows("measure", &compared(&before, &after).unwrap());
}
