//! From known figures to the advice that they call for.

use std::{num::NonZeroUsize, time::Duration};

use super::{
    Measured, Model, Trial,
    judge::{Wishes, judge, threads_for},
};

const US: Duration = Duration::from_micros(1);
const MS: Duration = Duration::from_millis(1);

fn some(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

const WISHES: Wishes = Wishes {
    max_threads: NonZeroUsize::new(64).unwrap(),
    may_crash: false,
    payload_bytes: None,
};

fn trial(model: Model, item: Duration, processor: Duration, speedup: f64) -> Trial {
    Trial {
        model,
        items: 100,
        item: item.div_f64(speedup),
        processor: Some(processor),
        speedup,
    }
}

/// 1000 items on four processors, tried as given.
fn measured(item: Duration, waiting: f64, tried: &[(Model, f64)]) -> Measured {
    let processor = item.mul_f64(1.0 - waiting);
    Measured {
        items: 100,
        total_items: Some(1_000),
        first_item: item,
        item,
        item_low: item,
        item_high: item,
        processor: Some(processor),
        waiting: Some(waiting),
        queued: 0.0,
        cores: some(4),
        item_bytes: 8,
        result_bytes: 8,
        trials: tried
            .iter()
            .map(|(model, speedup)| trial(*model, item, processor, *speedup))
            .collect(),
    }
}

const SERIAL: (Model, f64) = (Model::Serial, 1.0);

fn par(speedup: f64) -> (Model, f64) {
    (Model::Parallel { workers: 4 }, speedup)
}

fn many(workers: usize, speedup: f64) -> (Model, f64) {
    (Model::Threads { workers }, speedup)
}

#[test]
fn the_table() {
    let parallel = Model::Parallel { workers: 4 };
    let threads = |workers| Model::Threads { workers };
    let cases = [
        (
            "computes",
            measured(80 * US, 0.02, &[SERIAL, par(3.8)]),
            parallel,
            "measured 3.80 ×",
        ),
        (
            "a lock",
            measured(80 * US, 0.0, &[SERIAL, par(0.9)]),
            Model::Serial,
            "wait for each other",
        ),
        (
            "just not worth it",
            measured(80 * US, 0.0, &[SERIAL, par(1.09)]),
            Model::Serial,
            "gave 1.09 ×",
        ),
        (
            "over at once",
            measured(2 * Duration::from_nanos(1), 0.0, &[]),
            Model::Serial,
            "less than it takes to wake",
        ),
        (
            "cheap to the last",
            measured(500 * Duration::from_nanos(1), 0.0, &[SERIAL, par(1.0)]),
            Model::Serial,
            "handing it over",
        ),
        (
            "waits",
            measured(10 * MS, 0.95, &[SERIAL, par(4.0), many(64, 60.0)]),
            threads(64),
            "measured 60.0 × with 64 threads",
        ),
        (
            "waits half of the time",
            measured(10 * MS, 0.5, &[SERIAL, par(3.9), many(8, 7.5)]),
            threads(8),
            "measured 7.5",
        ),
        (
            "waits, and threads gain nothing more",
            measured(10 * MS, 0.2, &[SERIAL, par(3.9), many(5, 4.0)]),
            parallel,
            "3.90 ×",
        ),
        (
            "waits for few",
            measured(10 * MS, 0.99, &[SERIAL, par(3.9), many(64, 8.0)]),
            threads(12),
            "no more through",
        ),
        (
            "waits behind a lock",
            measured(10 * MS, 0.99, &[SERIAL, par(1.0), many(2, 1.0)]),
            Model::Serial,
            "a lock",
        ),
        (
            "waits, and few threads were tried",
            measured(10 * MS, 0.95, &[SERIAL, many(16, 15.0)]),
            threads(64),
            "long enough for 64",
        ),
        (
            "waits so long that no more threads than processors were tried",
            measured(200 * MS, 0.95, &[SERIAL, par(2.0), many(2, 2.0)]),
            threads(64),
            "measured 2.0 × with 2 threads, and it waits long enough for 64",
        ),
        (
            "as long, but they gain nothing",
            measured(200 * MS, 0.95, &[SERIAL, par(1.9), many(2, 0.9)]),
            parallel,
            "1.90 ×",
        ),
        (
            "waits, too few items to try",
            measured(10 * MS, 0.8, &[]),
            threads(20),
            "not tried",
        ),
        (
            "computes, too few items to try",
            measured(10 * MS, 0.0, &[]),
            parallel,
            "not tried",
        ),
    ];
    for (name, measured, model, reason) in cases {
        let (advised, why) = judge(&measured, &WISHES);
        assert_eq!(advised, model, "{name}: {why}");
        assert!(why.contains(reason), "{name}: {why}");
    }
}

#[test]
fn nothing_to_divide_is_serial() {
    for (items, total) in [(0, None), (0, Some(0)), (1, Some(1))] {
        let mut measured = measured(10 * MS, 0.0, &[]);
        measured.items = items;
        measured.total_items = total;
        assert_eq!(judge(&measured, &WISHES).0, Model::Serial);
    }
}

#[test]
fn what_gets_slower_on_threads_shares_memory() {
    let mut measured = measured(80 * US, 0.0, &[SERIAL, par(1.0)]);
    measured.trials[1].processor = Some(300 * US);
    let (model, why) = judge(&measured, &WISHES);
    assert_eq!(model, Model::Serial);
    assert!(
        why.contains("300.0 µs of a processor instead of 80.00 µs"),
        "{why}"
    );
}

#[test]
fn a_busy_machine_is_told() {
    let mut scales = measured(80 * US, 0.0, &[SERIAL, par(3.0)]);
    scales.queued = 0.4;
    let mut fails = measured(80 * US, 0.0, &[SERIAL, par(0.7)]);
    fails.queued = 0.4;
    for measured in [scales, fails] {
        let (_, why) = judge(&measured, &WISHES);
        assert_eq!(why.matches("40 % of the time").count(), 1, "{why}");
    }
}

#[test]
fn futures_only_where_they_gain_much() {
    let mut measured = measured(10 * MS, 0.999, &[SERIAL, par(4.0), many(64, 60.0)]);
    // 1000 items take 0.16 s on 64 threads.
    assert_eq!(judge(&measured, &WISHES).0, Model::Threads { workers: 64 });
    measured.total_items = Some(100_000);
    let (model, why) = judge(&measured, &WISHES);
    assert_eq!(model, Model::Async { limit: 1_000 });
    assert!(
        why.contains("15.62 s") && why.contains("1.000 s") && why.contains("not tried"),
        "{why}"
    );
    // How many there are is not known.
    measured.total_items = None;
    assert_eq!(judge(&measured, &WISHES).0, Model::Threads { workers: 64 });
}

#[test]
fn processes_are_for_who_asks() {
    let measured = measured(80 * US, 0.0, &[SERIAL, par(3.8)]);
    let mut wishes = WISHES;
    wishes.may_crash = true;
    let processes = Model::Processes { workers: 4 };
    let (model, why) = judge(&measured, &wishes);
    assert_eq!(model, processes, "{why}");
    wishes.payload_bytes = Some(1_000_000);
    let (model, why) = judge(&measured, &wishes);
    assert_eq!(model, processes);
    assert!(why.contains("several items at a time"), "{why}");
    wishes.payload_bytes = Some(100);
    assert!(judge(&measured, &wishes).1.contains("outweighs"));
}

#[test]
fn without_a_processor_clock_the_trials_decide() {
    for (tried, model) in [
        (many(8, 7.9), Model::Threads { workers: 8 }),
        (many(8, 4.1), Model::Parallel { workers: 4 }),
    ] {
        let mut measured = measured(10 * MS, 0.0, &[SERIAL, par(4.0), tried]);
        measured.processor = None;
        measured.waiting = None;
        assert_eq!(judge(&measured, &WISHES).0, model);
    }
}

#[test]
fn threads_by_the_rule() {
    assert_eq!(threads_for(some(4), 0.0), 4);
    assert_eq!(threads_for(some(4), 0.5), 8);
    assert_eq!(threads_for(some(2), 0.9), 20);
    assert_eq!(threads_for(some(2), 1.0), usize::MAX);
}
