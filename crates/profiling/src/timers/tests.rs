use std::{
    cell::RefCell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier},
    time::Duration,
};

use proptest::prelude::*;
use tuneup_measure::{Clock, MockClock};
use tuneup_report::{Style, Terminal};

use super::{Grades, RunningTimer, TimerStats, Timers, nesting};
use crate::Error;

const MS: Duration = Duration::from_millis(1);

fn mocked() -> (Timers, MockClock) {
    let (clock, hand) = Clock::mock();
    (
        Timers::builder()
            .clock(clock)
            .build()
            .expect("sound options"),
        hand,
    )
}

fn get(timers: &Timers, name: &str) -> TimerStats {
    timers.get(name).expect("a timer has ended")
}

/// Total and self time in milliseconds.
fn times(timers: &Timers, name: &str) -> (u128, u128) {
    let stats = get(timers, name);
    (stats.total.as_millis(), stats.self_time.as_millis())
}

#[test]
fn times_of_one_name_are_added_up() {
    let (timers, hand) = mocked();
    for ms in [4, 1, 7] {
        let timer = timers.start("load");
        hand.advance(ms * MS);
        assert_eq!(timer.stop(), ms * MS);
    }
    let load = get(&timers, "load");
    assert_eq!(
        (load.count, load.total, load.self_time),
        (3, 12 * MS, 12 * MS)
    );
    assert_eq!((load.min, load.mean, load.max), (MS, 4 * MS, 7 * MS));
    let off = load.p50.abs_diff(4 * MS).as_secs_f64() / (4 * MS).as_secs_f64();
    assert!(off <= 1.0 / 32.0, "{:?}", load.p50);
    assert_eq!((load.p95, load.grade), (7 * MS, None));
}

#[test]
fn a_timer_counts_once_when_it_is_stopped_or_dropped() {
    let (timers, hand) = mocked();
    let timer = timers.start("a");
    hand.advance(MS);
    drop(timer);
    timers.start("a").stop();
    timers.time("a", || hand.advance(MS));
    assert_eq!(get(&timers, "a").count, 3);
    assert_eq!(times(&timers, "a"), (2, 2));
    assert_eq!(nesting::running(), 0);
}

#[test]
fn what_runs_inside_is_taken_off_the_self_time() {
    let (timers, hand) = mocked();
    timers.time("outer", || {
        hand.advance(MS);
        timers.time("inner", || {
            hand.advance(2 * MS);
            timers.time("innermost", || hand.advance(4 * MS));
        });
        hand.advance(8 * MS);
        timers.time("inner", || hand.advance(16 * MS));
    });
    assert_eq!(times(&timers, "outer"), (31, 9));
    assert_eq!(times(&timers, "inner"), (22, 18));
    assert_eq!(times(&timers, "innermost"), (4, 4));
    let names: Vec<String> = timers.stats().into_iter().map(|stats| stats.name).collect();
    assert_eq!(names, ["outer", "inner", "innermost"]);
}

#[test]
fn a_timer_inside_another_of_its_name_is_not_counted_twice() {
    let (timers, hand) = mocked();
    let outer = timers.start("f");
    hand.advance(MS);
    let inner = timers.start("f");
    hand.advance(2 * MS);
    inner.stop();
    assert_eq!(times(&timers, "f"), (0, 2), "the outer one goes on");
    hand.advance(4 * MS);
    outer.stop();
    let f = get(&timers, "f");
    assert_eq!((f.count, f.total, f.self_time), (2, 7 * MS, 7 * MS));
    assert_eq!((f.min, f.max), (2 * MS, 7 * MS));
}

#[test]
fn timers_may_be_stopped_in_any_order() {
    let (timers, hand) = mocked();
    let first = timers.start("first");
    hand.advance(MS);
    let second = timers.start("second");
    hand.advance(2 * MS);
    first.stop();
    hand.advance(4 * MS);
    second.stop();
    assert_eq!(times(&timers, "first"), (3, 1));
    assert_eq!(times(&timers, "second"), (6, 6));
}

#[test]
fn other_timers_are_not_nested_in_these() {
    let (clock, hand) = Clock::mock();
    let new = || {
        Timers::builder()
            .clock(clock.clone())
            .build()
            .expect("sound options")
    };
    let (ours, theirs) = (new(), new());
    let outer = ours.start("outer");
    theirs.time("other", || {
        hand.advance(MS);
        ours.time("inner", || hand.advance(2 * MS));
    });
    outer.stop();
    assert_eq!(times(&ours, "outer"), (3, 1));
    assert_eq!(times(&theirs, "other"), (3, 3));
}

#[test]
fn timers_of_other_threads_are_not_nested_in_these() {
    let (timers, hand) = mocked();
    let outer = timers.start("outer");
    std::thread::scope(|scope| {
        scope.spawn(|| timers.time("elsewhere", || hand.advance(5 * MS)));
    });
    outer.stop();
    assert_eq!(times(&timers, "outer"), (5, 5));
    assert_eq!(times(&timers, "elsewhere"), (5, 5));
}

#[test]
fn code_that_panics_is_counted_and_poisons_nothing() {
    let (timers, hand) = mocked();
    let failed = catch_unwind(AssertUnwindSafe(|| {
        timers.time("outer", || {
            let _inner = timers.start("inner");
            hand.advance(MS);
            panic!("on purpose");
        })
    }));
    assert!(failed.is_err());
    assert_eq!(nesting::running(), 0);
    assert_eq!(times(&timers, "outer"), (1, 0));
    timers.time("outer", || hand.advance(MS));
    assert_eq!(get(&timers, "outer").count, 2);
    assert_eq!(times(&timers, "inner"), (1, 1));
}

#[test]
fn many_threads_lose_nothing() {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 500;
    let timers = Timers::builder()
        .max_names(4)
        .build()
        .expect("sound options");
    let together = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (timers, together) = (&timers, &together);
            scope.spawn(move || {
                together.wait();
                for round in 0..ROUNDS {
                    let _outer = timers.start("outer");
                    let names = ["a", "b", "c"];
                    timers.time(names[(thread + round) as usize % 3], || ());
                    timers.time(&format!("{thread}/{round}"), || ());
                }
            });
        }
    });
    let all = THREADS * ROUNDS;
    assert_eq!(get(&timers, "outer").count, all);
    let counts: Vec<u64> = timers.stats().iter().map(|stats| stats.count).collect();
    assert_eq!(
        counts.iter().sum::<u64>(),
        3 * all,
        "every timer is under some name"
    );
    assert!(counts.len() <= 5, "four names and that of all others");
}

#[test]
fn names_beyond_the_limit_are_counted_together() {
    let (clock, hand) = Clock::mock();
    let timers = Timers::builder()
        .clock(clock)
        .max_names(2)
        .build()
        .expect("sound options");
    for name in ["a", "b", "c", "d", "a"] {
        timers.time(name, || hand.advance(MS));
    }
    assert_eq!(get(&timers, "a").count, 2);
    assert_eq!(get(&timers, "(other)").count, 2);
    assert!(timers.get("c").is_none());
    let table = timers.table().to_string();
    assert!(
        table.ends_with("\n2 times counted under (other): there are more than 2 names\n"),
        "{table}"
    );
}

#[test]
fn what_is_cleared_counts_for_nothing() {
    let (timers, hand) = mocked();
    timers.start("a").stop();
    let running = timers.start("a");
    timers.clear();
    hand.advance(MS);
    running.stop();
    assert!(timers.stats().is_empty());
    assert_eq!(
        timers.table().to_string().lines().last(),
        Some("no timer has ended yet")
    );
    timers.time("a", || hand.advance(MS));
    assert_eq!(times(&timers, "a"), (1, 1));
}

#[test]
fn a_thread_that_ends_can_still_use_timers() {
    struct AtTheEnd(Arc<(Timers, MockClock)>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let (timers, hand) = &*self.0;
            timers.time("last", || hand.advance(MS));
        }
    }
    thread_local!(static LATE: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) });
    let shared = Arc::new(mocked());
    let theirs = Arc::clone(&shared);
    let thread = std::thread::spawn(move || {
        // Whichever of the two thread locals ends first, the timer counts.
        LATE.set(Some(AtTheEnd(Arc::clone(&theirs))));
        theirs.0.time("first", || ());
    });
    thread.join().expect("it does not panic");
    assert_eq!(times(&shared.0, "last"), (1, 1));
}

#[test]
fn timers_as_a_table() {
    let (clock, hand) = Clock::mock();
    let grades = Grades::builder()
        .grade("excellent", 2 * MS)
        .grade("good", 10 * MS)
        .otherwise("slow")
        .build()
        .expect("ascending thresholds");
    let timers = Timers::builder()
        .clock(clock)
        .grades(grades)
        .build()
        .expect("sound options");
    timers.time("load", || {
        hand.advance(5 * MS);
        timers.time("parse", || hand.advance(8 * MS));
        timers.time("check", || hand.advance(2 * MS));
    });
    let table = timers.table();
    assert_eq!(
        table.render(&Terminal::plain(100)),
        "\
timer  count     total      self      mean       min       p50       p95       max  grade
─────────────────────────────────────────────────────────────────────────────────────────────
load       1  15.00 ms  5.000 ms  15.00 ms  15.00 ms  15.00 ms  15.00 ms  15.00 ms  slow
parse      1  8.000 ms  8.000 ms  8.000 ms  8.000 ms  8.000 ms  8.000 ms  8.000 ms  good
check      1  2.000 ms  2.000 ms  2.000 ms  2.000 ms  2.000 ms  2.000 ms  2.000 ms  excellent

grades of the mean: excellent up to 2.000 ms, good up to 10.00 ms, else slow
"
    );
    assert!(
        table
            .render(&Terminal::plain(80))
            .ends_with("\nno room for: min, p50\n")
    );
    let terminal = Terminal::plain(100).with_color(true);
    let colored = table.render(&terminal);
    assert!(colored.contains(&terminal.paint(Style::Good, "excellent")));
    assert!(colored.contains(&terminal.paint(Style::Bad, "slow")));
}

#[test]
fn grades_reach_up_to_their_threshold() {
    let grades = Grades::builder()
        .grade("A", MS)
        .grade("B", 2 * MS)
        .build()
        .expect("ascending thresholds");
    let at = |ns: u64| grades.of(Duration::from_nanos(ns));
    assert_eq!(
        [at(0), at(1_000_000), at(1_000_001), at(2_000_000)],
        ["A", "A", "B", "B"]
    );
    assert_eq!(at(2_000_001), "poor");
}

#[test]
fn grades_that_do_not_ascend_are_refused() {
    for second in [MS, Duration::ZERO] {
        let error = Grades::builder()
            .grade("A", MS)
            .grade("B", second)
            .build()
            .unwrap_err();
        assert!(matches!(
            error,
            Error::OutOfRange {
                option: "threshold of a grade",
                ..
            }
        ));
    }
    assert_eq!(
        Grades::builder().build().unwrap_err().to_string(),
        "number of grades is 0; allowed is 1 or more"
    );
    let none = Timers::builder().max_names(0).build().unwrap_err();
    assert_eq!(none.to_string(), "max_names is 0; allowed is 1 or more");
}

/// What a program does with timers.
#[derive(Debug, Clone)]
enum Act {
    Start(usize),
    Stop(prop::sample::Index),
    Pass(u64),
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..NAMES.len()).prop_map(Act::Start),
        any::<prop::sample::Index>().prop_map(Act::Stop),
        (1_u64..1_000).prop_map(Act::Pass),
    ]
}

/// Time by time: it belongs to the timer that was started last, and to every name of which a timer runs.
#[derive(Debug, Default)]
struct Oracle {
    running: Vec<usize>,
    /// By name: count, self and total nanoseconds.
    sums: BTreeMap<usize, (u64, u64, u64)>,
}

impl Oracle {
    fn pass(&mut self, ns: u64) {
        if let Some(&innermost) = self.running.last() {
            self.sums.entry(innermost).or_default().1 += ns;
        }
        for name in 0..NAMES.len() {
            if self.running.contains(&name) {
                self.sums.entry(name).or_default().2 += ns;
            }
        }
    }

    fn stop(&mut self, index: usize) {
        let name = self.running.remove(index);
        self.sums.entry(name).or_default().0 += 1;
    }
}

proptest! {
    #[test]
    fn self_times_add_up_to_the_time_in_which_any_timer_ran(acts in prop::collection::vec(any_act(), 0..60)) {
        let (timers, hand) = mocked();
        let mut running: Vec<RunningTimer<'_>> = Vec::new();
        let mut oracle = Oracle::default();
        let mut covered = 0;
        for act in acts {
            match act {
                Act::Start(name) => {
                    running.push(timers.start(NAMES[name]));
                    oracle.running.push(name);
                }
                Act::Stop(_) if running.is_empty() => {}
                Act::Stop(index) => {
                    let index = index.index(running.len());
                    running.remove(index).stop();
                    oracle.stop(index);
                }
                Act::Pass(ns) => {
                    hand.advance(Duration::from_nanos(ns));
                    oracle.pass(ns);
                    covered += if running.is_empty() { 0 } else { ns };
                }
            }
        }
        while let Some(timer) = running.pop() {
            drop(timer);
            oracle.stop(running.len());
        }
        prop_assert_eq!(nesting::running(), 0);
        let mut sum = 0;
        for (name, (count, own, total)) in oracle.sums {
            let stats = get(&timers, NAMES[name]);
            prop_assert_eq!(stats.count, count);
            prop_assert_eq!(stats.self_time, Duration::from_nanos(own));
            prop_assert_eq!(stats.total, Duration::from_nanos(total));
            sum += own;
        }
        prop_assert_eq!(sum, covered);
    }
}
