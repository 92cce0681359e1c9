use std::time::Duration;

use tuneup_measure::{Clock, MockClock};
use tuneup_report::Terminal;

use super::{MAX_LAPS, Stopwatch};

const MS: Duration = Duration::from_millis(1);

fn started() -> (Stopwatch, MockClock) {
    let (clock, hand) = Clock::mock();
    (Stopwatch::start_with(clock), hand)
}

fn laps(watch: &Stopwatch) -> Vec<(String, Duration, Duration)> {
    let laps = watch.laps().iter();
    laps.map(|lap| (lap.name.clone(), lap.time, lap.end))
        .collect()
}

#[test]
fn it_shows_the_time_for_which_it_ran() {
    let (mut watch, hand) = started();
    hand.advance(3 * MS);
    assert_eq!(watch.elapsed(), 3 * MS);
    assert_eq!(watch.stop(), 3 * MS);
    hand.advance(5 * MS);
    assert_eq!(watch.elapsed(), 3 * MS, "it stood still");
    watch.resume();
    hand.advance(2 * MS);
    assert_eq!(watch.elapsed(), 5 * MS);
    assert!(watch.is_running());
}

#[test]
fn stopping_and_resuming_twice_is_as_once() {
    let (mut watch, hand) = started();
    hand.advance(MS);
    watch.resume();
    hand.advance(MS);
    assert_eq!(watch.stop(), 2 * MS);
    hand.advance(MS);
    assert_eq!(watch.stop(), 2 * MS);
    assert!(!watch.is_running());
}

#[test]
fn laps_follow_each_other_and_leave_out_when_it_stood_still() {
    let (mut watch, hand) = started();
    hand.advance(MS);
    assert_eq!(watch.lap("a"), MS);
    hand.advance(MS);
    watch.stop();
    hand.advance(10 * MS);
    assert_eq!(watch.lap("b"), MS, "a lap can end while it stands still");
    watch.resume();
    hand.advance(3 * MS);
    assert_eq!(watch.lap("c"), 3 * MS);
    assert_eq!(
        laps(&watch),
        [
            ("a".to_owned(), MS, MS),
            ("b".to_owned(), MS, 2 * MS),
            ("c".to_owned(), 3 * MS, 5 * MS),
        ]
    );
    assert_eq!(watch.elapsed(), 5 * MS);
}

#[test]
fn reset_forgets_all_and_keeps_it_running_or_not() {
    let (mut watch, hand) = started();
    hand.advance(MS);
    watch.lap("a");
    watch.reset();
    assert!(watch.is_running() && watch.laps().is_empty());
    hand.advance(2 * MS);
    assert_eq!(watch.lap("b"), 2 * MS);
    watch.stop();
    watch.reset();
    hand.advance(MS);
    assert_eq!(
        (watch.is_running(), watch.elapsed()),
        (false, Duration::ZERO)
    );
    watch.resume();
    hand.advance(MS);
    assert_eq!(watch.lap("c"), MS);
}

#[test]
fn a_clock_that_goes_back_takes_nothing_away() {
    let (mut watch, hand) = started();
    hand.set(5 * MS);
    watch.lap("a");
    hand.set(MS);
    assert_eq!(watch.lap("b"), Duration::ZERO);
    assert_eq!(watch.stop(), MS);
}

#[test]
fn laps_without_end_are_bounded() {
    let (mut watch, hand) = started();
    for _ in 0..MAX_LAPS + 2 {
        hand.advance(Duration::from_nanos(1));
        watch.lap("again");
    }
    assert_eq!(watch.laps().len(), MAX_LAPS);
    assert_eq!(watch.elapsed(), Duration::from_nanos(MAX_LAPS as u64 + 2));
    let table = watch.table().to_string();
    assert!(table.ends_with("\n\n2 later laps not kept\ntotal 4.098 µs\n"));
}

#[test]
fn laps_as_a_table() {
    let (mut watch, hand) = started();
    assert_eq!(
        watch.table().render(&Terminal::plain(80)),
        "lap  time  %  end\n─────────────────\n(no rows)\n\ntotal 0 ns\n"
    );
    for (name, ms) in [("read", 6), ("parse", 12), ("write", 6)] {
        hand.advance(ms * MS);
        watch.lap(name);
    }
    hand.advance(MS);
    assert_eq!(
        watch.table().render(&Terminal::plain(80)),
        "\
lap        time       %       end
─────────────────────────────────
read   6.000 ms  25.0 %  6.000 ms
parse  12.00 ms  50.0 %  18.00 ms
write  6.000 ms  25.0 %  24.00 ms

total 25.00 ms
"
    );
}
