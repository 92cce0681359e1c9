//! The queue against a model, with a sink that fails in every way.

use std::{
    collections::{HashMap, VecDeque},
    panic::resume_unwind,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::{Change, Refused, Sink, WriteBehind, WriteBehindBuilder};
use crate::Cache;

const LONG: Duration = Duration::from_secs(60);

/// How a call of the sink ends.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Works,
    FailsBefore,
    FailsHalfway,
    FailsAfter,
    PanicsAfter,
}

/// Does as it is told, and remembers what was done.
#[derive(Default)]
struct Scripted {
    outcomes: Mutex<VecDeque<Outcome>>,
    log: Mutex<Vec<Change<u8, u32>>>,
    /// Whose changes always fail.
    bad_key: Option<u8>,
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Scripted {
    fn close(&self) {
        *self.closed.lock().unwrap() = true;
    }

    fn open(&self) {
        *self.closed.lock().unwrap() = false;
        self.opened.notify_all();
    }

    fn contents(&self) -> HashMap<u8, u32> {
        let mut contents = HashMap::new();
        for change in &*self.log.lock().unwrap() {
            match change.value {
                Some(value) => contents.insert(change.key, value),
                None => contents.remove(&change.key),
            };
        }
        contents
    }
}

impl Sink<u8, u32> for Scripted {
    type Error = &'static str;

    fn write(&self, _: &u8, _: &u32) -> Result<(), &'static str> {
        unreachable!("the queue uses `apply`")
    }

    fn delete(&self, _: &u8) -> Result<(), &'static str> {
        unreachable!("the queue uses `apply`")
    }

    fn apply(&self, changes: &[Change<u8, u32>]) -> Result<(), &'static str> {
        let mut closed = self.closed.lock().unwrap();
        while *closed {
            closed = self.opened.wait(closed).unwrap();
        }
        drop(closed);
        let mut keys: Vec<u8> = changes.iter().map(|change| change.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), changes.len(), "one change a key");
        if changes
            .iter()
            .any(|change| Some(change.key) == self.bad_key)
        {
            return Err("bad key");
        }
        let outcome = self.outcomes.lock().unwrap().pop_front();
        let outcome = outcome.unwrap_or(Outcome::Works);
        let applied = match outcome {
            Outcome::FailsBefore => 0,
            Outcome::FailsHalfway => changes.len() / 2,
            _ => changes.len(),
        };
        self.log
            .lock()
            .unwrap()
            .extend_from_slice(&changes[..applied]);
        match outcome {
            Outcome::Works => Ok(()),
            // Past the hook, which would print.
            Outcome::PanicsAfter => resume_unwind(Box::new("of the sink")),
            _ => Err("as told"),
        }
    }
}

type Builder = WriteBehindBuilder<u8, u32, Cache<u8, u32>, Arc<Scripted>>;

fn builder(cached: u64, sink: &Arc<Scripted>) -> Builder {
    WriteBehind::builder(Cache::new(cached).unwrap(), Arc::clone(sink))
        .delay(Duration::from_millis(1))
        .retry_after(Duration::from_micros(100), Duration::from_millis(2))
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Write(u8),
    Delete(u8),
    Flush,
    Pause,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6_u8).prop_map(Step::Write),
        2 => (0..6_u8).prop_map(Step::Delete),
        1 => Just(Step::Flush),
        1 => Just(Step::Pause),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        3 => Just(Outcome::Works),
        1 => Just(Outcome::FailsBefore),
        1 => Just(Outcome::FailsHalfway),
        1 => Just(Outcome::FailsAfter),
        1 => Just(Outcome::PanicsAfter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 300, ..ProptestConfig::default() })]

    /// Nothing acknowledged is lost, values of a key arrive in order, and what is read is never old.
    #[test]
    fn does_as_a_map_does(
        steps in prop::collection::vec(step(), 1..60),
        outcomes in prop::collection::vec(outcome(), 0..40),
        capacity in 1..5_usize,
        max_batch in 1..4_usize,
    ) {
        let sink = Arc::new(Scripted { outcomes: Mutex::new(outcomes.into()), ..Scripted::default() });
        // So small that most of what is on its way is not in the cache.
        let queue = builder(2, &sink).capacity(capacity).max_batch(max_batch).build().unwrap();
        let mut model = HashMap::new();
        let mut number = 0;
        for step in steps {
            number += 1;
            match step {
                Step::Write(key) => {
                    queue.write(key, number).unwrap();
                    model.insert(key, number);
                }
                Step::Delete(key) => {
                    queue.delete(key).unwrap();
                    model.remove(&key);
                }
                Step::Flush => {
                    queue.flush(LONG).unwrap();
                    prop_assert_eq!(&sink.contents(), &model);
                }
                Step::Pause => thread::sleep(Duration::from_millis(1)),
            }
            for key in 0..6 {
                let found = queue.get(&key);
                if found.is_none() && model.contains_key(&key) {
                    // Evicted; then the sink has it.
                    prop_assert_eq!(sink.contents().get(&key).copied(), model.get(&key).copied());
                } else {
                    prop_assert_eq!(found, model.get(&key).copied());
                }
                let loaded = queue.get_or_load(key, || {
                    Ok::<_, ()>(sink.contents().get(&key).copied())
                });
                prop_assert_eq!(loaded.unwrap(), model.get(&key).copied());
            }
            prop_assert!(queue.info().queued <= capacity as u64 + 1);
        }
        queue.shutdown(LONG).unwrap();
        prop_assert_eq!(&sink.contents(), &model);
        let mut last = HashMap::new();
        for change in &*sink.log.lock().unwrap() {
            if let Some(value) = change.value {
                let before = last.insert(change.key, value).unwrap_or(0);
                prop_assert!(before <= value, "an older value after a newer one");
            }
        }
    }
}

#[test]
fn a_full_queue_pushes_back_and_coalesces_all_the_same() {
    let sink = Arc::new(Scripted::default());
    sink.close();
    let queue = builder(100, &sink)
        .capacity(3)
        .max_batch(1)
        .build()
        .unwrap();
    for key in 0..3 {
        queue.write(key, 1).unwrap();
    }
    // Key 0 is in the hand of the sink sooner or later.
    while queue.info().batches == 0 && matches!(queue.try_write(3, 1), Err(Refused::Full(_))) {
        if let Err(refused) = queue.try_write(3, 2) {
            let change = refused.into_change();
            assert_eq!((change.key, change.value), (3, Some(2)));
            break;
        }
    }
    assert_eq!(queue.get(&3), None, "what was refused is not cached");
    queue.try_write(2, 7).unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| queue.write(3, 3));
        while queue.info().waits == 0 {
            thread::yield_now();
        }
        sink.open();
        writer.join().unwrap().unwrap();
    });
    queue.flush(LONG).unwrap();
    assert_eq!(
        sink.contents(),
        HashMap::from([(0, 1), (1, 1), (2, 7), (3, 3)])
    );
}

#[test]
fn a_shutdown_hands_back_what_it_could_not_write() {
    let sink = Arc::new(Scripted::default());
    sink.close();
    let queue = builder(100, &sink).max_batch(1).build().unwrap();
    for key in 0..5 {
        queue.write(key, 1).unwrap();
    }
    queue.delete(4).unwrap();
    let late = queue.flush(Duration::from_millis(10)).unwrap_err();
    assert_eq!(late.queued, 5);
    let mut unwritten = queue.shutdown(Duration::from_millis(10)).unwrap_err();
    unwritten.changes.sort_by_key(|change| change.key);
    let expected: Vec<_> = (0..5)
        .map(|key| Change {
            key,
            value: (key != 4).then_some(1),
        })
        .collect();
    assert_eq!(unwritten.changes, expected);
    sink.open();
}

#[test]
fn a_drop_writes_what_it_can_and_hands_on_the_rest() {
    let sink = Arc::new(Scripted {
        bad_key: Some(3),
        ..Scripted::default()
    });
    let left = Arc::new(Mutex::new(Vec::new()));
    let queue = {
        let left = Arc::clone(&left);
        builder(100, &sink)
            .drop_timeout(Duration::from_millis(300))
            .on_unwritten(move |unwritten| {
                left.lock().unwrap().extend(unwritten.changes);
                resume_unwind(Box::new("of the listener"));
            })
            .build()
            .unwrap()
    };
    for key in 0..6 {
        queue.write(key, 1).unwrap();
    }
    drop(queue);
    let left: Vec<u8> = left
        .lock()
        .unwrap()
        .iter()
        .map(|change| change.key)
        .collect();
    assert_eq!(left, [3]);
    assert_eq!(sink.contents().len(), 5);
}

#[test]
fn a_bad_change_does_not_hold_up_the_others() {
    let sink = Arc::new(Scripted {
        bad_key: Some(0),
        ..Scripted::default()
    });
    let queue = builder(100, &sink).build().unwrap();
    for round in 0..20 {
        for key in 0..10 {
            queue.write(key, round).unwrap();
        }
    }
    let deadline = Instant::now() + LONG;
    while sink.contents().len() < 9 || sink.contents().values().any(|value| *value != 19) {
        assert!(Instant::now() < deadline, "the others are written");
        thread::yield_now();
    }
    assert!(queue.flush(Duration::from_millis(10)).is_err());
    assert_eq!(queue.get(&0), Some(19));
    let unwritten = queue.shutdown(Duration::from_millis(10)).unwrap_err();
    assert_eq!(unwritten.changes.len(), 1);
    assert_eq!(unwritten.changes[0].value, Some(19));
}

#[test]
fn many_writers_and_the_cache_agree_with_the_sink_in_the_end() {
    let sink = Arc::new(Scripted {
        outcomes: Mutex::new([Outcome::FailsHalfway, Outcome::PanicsAfter].into()),
        ..Scripted::default()
    });
    let queue = builder(100, &sink).capacity(4).build().unwrap();
    thread::scope(|scope| {
        for thread in 0..4_u32 {
            let queue = &queue;
            scope.spawn(move || {
                for round in 0..500_u32 {
                    let key = ((round + thread) % 6) as u8;
                    if round % 50 == 49 {
                        queue.delete(key).unwrap();
                    } else {
                        queue.write(key, thread * 1000 + round).unwrap();
                    }
                    let _ = queue.get(&key);
                }
            });
        }
    });
    queue.flush(LONG).unwrap();
    let contents = sink.contents();
    for key in 0..6 {
        // Overlapping writers leave a gap in the cache rather than an old value.
        if let Some(cached) = queue.get(&key) {
            assert_eq!(contents.get(&key), Some(&cached), "key {key}");
        }
    }
    let info = queue.info();
    assert_eq!(info.accepted, 2000);
    assert!(info.coalesced > 0 && info.failures == 2);
}

#[test]
fn options_are_checked() {
    let sink = Arc::new(Scripted::default());
    for builder in [
        builder(10, &sink).capacity(0),
        builder(10, &sink).max_batch(0),
        builder(10, &sink).delay(Duration::MAX),
        builder(10, &sink).retry_after(Duration::ZERO, LONG),
        builder(10, &sink).retry_after(LONG, Duration::from_secs(1)),
    ] {
        assert!(builder.build().is_err());
    }
    let queue = builder(10, &sink).build().unwrap();
    queue.write(1, 1).unwrap();
    queue.shutdown(Duration::MAX).unwrap();
}
