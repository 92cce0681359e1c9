//! Advice for functions whose nature is known. Wall times are not trusted: the machine may be busy.

use std::{
    any::Any,
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tuneup_concurrency::{Advisor, ItemPanic, Model, Trial, advise};

use crate::watchdog::Watchdog;

/// Some tens of microseconds of computing.
fn compute(seed: u64) -> u64 {
    (0..20_000).fold(seed, |state, n| black_box(state.rotate_left(5) ^ n))
}

fn advisor(millis: u64) -> Advisor {
    Advisor::builder()
        .sample_time(Duration::from_millis(millis))
        .build()
        .unwrap()
}

#[test]
fn what_computes_is_not_said_to_wait() {
    let _watchdog = Watchdog::of("what_computes_is_not_said_to_wait");
    let advice = advisor(200).advise(0..100_000, compute);
    if advice.measured.processor.is_some() && cfg!(target_os = "linux") {
        assert!(advice.measured.waiting < Some(0.3), "{advice}");
    }
    // Which of the two depends on what else the machine has to do.
    let is_computing = matches!(advice.model, Model::Serial | Model::Parallel { .. });
    assert!(
        is_computing || advice.measured.waiting > Some(0.1),
        "{advice}"
    );
    for (index, result) in advice.results.iter().enumerate() {
        assert_eq!(*result, compute(index as u64));
    }
    assert_eq!(advice.measured.items, advice.results.len());
}

#[test]
fn what_sleeps_gets_threads() {
    let _watchdog = Watchdog::of("what_sleeps_gets_threads");
    let advice = advisor(400).advise(0..300, |n| {
        thread::sleep(Duration::from_millis(3));
        n
    });
    assert!(
        matches!(advice.model, Model::Threads { workers: 3.. }),
        "{advice}"
    );
    assert!(
        advice.measured.waiting.is_none_or(|waiting| waiting > 0.5),
        "{advice}"
    );
    assert!(advice.results.iter().copied().eq(0..advice.results.len()));
    // The sentence, and the table with its three trials.
    let text = advice.to_string();
    assert!(
        text.starts_with("use `ThreadExecutor` or `par_imap`, "),
        "{text}"
    );
    assert!(
        text.contains("\n  a plain loop ") && text.contains("waiting"),
        "{text}"
    );
}

/// An item takes a good part of the time: threads are tried by and by, as many as there is time for.
#[test]
fn what_sleeps_long_gets_many_threads() {
    let _watchdog = Watchdog::of("what_sleeps_long_gets_many_threads");
    let advice = advisor(1_000).advise(0..600, |_| thread::sleep(Duration::from_millis(100)));
    assert!(
        matches!(advice.model, Model::Threads { workers: 16.. }),
        "{advice}"
    );
    let is_tried = |trial: &Trial| matches!(trial.model, Model::Threads { workers: 8.. });
    assert!(advice.measured.trials.iter().any(is_tried), "{advice}");
}

/// One item takes longer than the time: the first, one that counts, and two on threads in each way.
#[test]
fn what_sleeps_longer_than_the_time_gets_many_threads_of_six_items() {
    let _watchdog = Watchdog::of("what_sleeps_longer_than_the_time_gets_many_threads_of_six_items");
    let advice = advisor(50).advise(0..200, |_| thread::sleep(Duration::from_millis(200)));
    assert!(
        matches!(advice.model, Model::Threads { workers: 16.. }),
        "{advice}"
    );
    assert!(advice.measured.items <= 6, "{advice}");
    assert!(!advice.measured.trials.is_empty(), "{advice}");
}

#[test]
fn what_is_tiny_stays_in_a_loop() {
    let advice = advise(0..1_000_u64, |n| n + 1);
    assert_eq!(advice.model, Model::Serial, "{advice}");
    assert!(advice.measured.trials.is_empty(), "{advice}");
}

#[test]
fn what_sleeps_with_a_lock_held_gets_no_threads() {
    let _watchdog = Watchdog::of("what_sleeps_with_a_lock_held_gets_no_threads");
    let lock = Mutex::new(0);
    let advice = advisor(400).advise(0..10_000, |n| {
        let mut sum = lock.lock().unwrap();
        thread::sleep(Duration::from_millis(2));
        *sum += n;
    });
    assert_eq!(advice.model, Model::Serial, "{advice}");
    assert!(!advice.measured.trials.is_empty(), "{advice}");
    // Of the 64 threads that may be, fewer were tried, since two or some were no faster than one.
    for trial in &advice.measured.trials {
        assert!(
            !matches!(trial.model, Model::Threads { workers: 60.. }),
            "{advice}"
        );
    }
}

#[test]
fn the_rest_stays_in_the_iterator() {
    let calls = AtomicUsize::new(0);
    let mut items = 0..1_000_000;
    let advice = advisor(20).advise(&mut items, |n| {
        calls.fetch_add(1, Relaxed);
        n
    });
    let done = advice.results.len();
    assert_eq!(calls.into_inner(), done);
    assert_eq!(items.next(), Some(done));
    assert!(done <= 10_000);
    assert_eq!(advice.measured.total_items, Some(1_000_000));
}

#[test]
fn few_items_are_enough() {
    for len in 0..40 {
        let advice = advisor(5).advise(0..len, |n| n * 2);
        assert!(
            advice
                .results
                .iter()
                .copied()
                .eq((0..advice.results.len()).map(|n| n * 2))
        );
        assert!(advice.results.len() <= len, "{advice}");
        assert!(len == 0 || !advice.results.is_empty());
    }
}

#[test]
fn a_panic_tells_its_item_wherever_it_is() {
    let _watchdog = Watchdog::of("a_panic_tells_its_item_wherever_it_is");
    let panics_at = |bad: usize| -> Option<Box<dyn Any + Send>> {
        catch_unwind(AssertUnwindSafe(|| {
            advisor(200).advise(0..150, |n| {
                assert!(n != bad, "no such item");
                thread::sleep(Duration::from_millis(1));
            })
        }))
        .err()
    };
    // The first, one of the serial part, and some of the trials.
    for bad in [0, 5, 50, 60, 70, 75] {
        // On a machine that is busy the time may be over before a late item has its turn.
        let Some(payload) = panics_at(bad) else {
            assert!(bad > 5);
            continue;
        };
        let panic = payload.downcast::<ItemPanic>().unwrap();
        assert_eq!((panic.index, panic.message()), (bad, Some("no such item")));
    }
}

#[test]
fn options_are_checked() {
    let builders = [
        Advisor::builder().sample_items(0),
        Advisor::builder().sample_time(Duration::ZERO),
        Advisor::builder().sample_time(Duration::MAX),
        Advisor::builder().max_threads(0),
        Advisor::builder().max_threads(10_001),
    ];
    for builder in builders {
        assert!(builder.clone().build().is_err(), "{builder:?}");
    }
}
