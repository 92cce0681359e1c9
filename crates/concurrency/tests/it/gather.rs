//! Bounded gathers. What is taken over from `asyncio.gather`, by its documentation
//! (<https://docs.python.org/3/library/asyncio-task.html#asyncio.gather>):
//!
//! | asyncio | here | test |
//! |---|---|---|
//! | "the order of result values corresponds to the order of awaitables" | the same | `results_come_in_order` |
//! | no awaitables: an empty list | the same | `nothing_gives_nothing` |
//! | `return_exceptions=False`: "the first raised exception is immediately propagated" | the same, with its index | `first_error_is_reported` |
//! | … "other awaitables … won't be cancelled and will continue to run" | they are cancelled, as in a `TaskGroup` | `first_error_cancels_siblings` |
//! | `return_exceptions=True`: "exceptions are treated the same as successful results" | `return_errors` | `errors_are_results_if_asked_for` |
//! | "If gather() is cancelled, all submitted awaitables (that have not completed yet) are also cancelled" | the same, by dropping | `dropping_cancels_what_is_in_flight` |
//! | "If any Task … is cancelled, it is treated as if it raised CancelledError – the gather() call is not cancelled" | the same | `cancelled_task_within_is_an_error_like_another` |

mod deadlines;
mod dropped;
mod panics;

use std::{
    future::IntoFuture,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use proptest::prelude::*;
use tokio::time::{Instant, sleep};
use tuneup_concurrency::{Failure, gather, gather_batches, try_gather};

use crate::{
    alive::Alive,
    amounts::{count, millis},
    watchdog::Watchdog,
};

#[tokio::test(start_paused = true)]
async fn results_come_in_order() {
    let _watchdog = Watchdog::of("results_come_in_order");
    let items = (0..200_u64).map(|number| async move {
        sleep(millis(number * 7 % 31)).await;
        number
    });
    let results = gather(items).limit(count(7)).await.unwrap();
    assert_eq!(results, (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_gives_nothing() {
    let _watchdog = Watchdog::of("nothing_gives_nothing");
    let none: [std::future::Ready<u8>; 0] = [];
    assert!(gather(none).await.unwrap().is_empty());
    let none: [std::future::Ready<Result<u8, u8>>; 0] = [];
    assert!(try_gather(none).return_errors().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn first_error_is_reported() {
    let _watchdog = Watchdog::of("first_error_is_reported");
    let items = [50, 10, 30].map(|after| async move {
        sleep(millis(after)).await;
        Err::<(), u64>(after)
    });
    let error = try_gather(items).await.unwrap_err();
    assert_eq!(error.index, 1);
    assert!(matches!(error.source, Failure::Failed(10)));
}

#[tokio::test(start_paused = true)]
async fn first_error_cancels_siblings() {
    let _watchdog = Watchdog::of("first_error_cancels_siblings");
    let alive = Arc::new(AtomicUsize::new(0));
    let begun = Arc::new(AtomicUsize::new(0));
    let counts = (Arc::clone(&alive), Arc::clone(&begun));
    let began = Instant::now();
    let items = (0..100_usize).map(move |number| {
        counts.1.fetch_add(1, SeqCst);
        let alive = Alive::new(&counts.0);
        async move {
            let _alive = alive;
            if number == 3 {
                sleep(millis(5)).await;
                return Err("broken");
            }
            sleep(Duration::from_secs(3600)).await;
            Ok(())
        }
    });
    let error = try_gather(items).limit(count(10)).await.unwrap_err();
    assert_eq!(error.index, 3);
    assert_eq!(began.elapsed(), millis(5));
    // When it returns, nothing of it is left.
    assert_eq!(alive.load(SeqCst), 0);
    assert_eq!(begun.load(SeqCst), 10);
}

#[tokio::test(start_paused = true)]
async fn errors_are_results_if_asked_for() {
    let _watchdog = Watchdog::of("errors_are_results_if_asked_for");
    let items = (0..4_u64).map(|number| async move {
        sleep(millis(number)).await;
        match number {
            1 => Err("broken"),
            2 => panic!("worse"),
            _ => Ok(number),
        }
    });
    let outcomes = try_gather(items).return_errors().await;
    assert_eq!(outcomes.len(), 4);
    assert!(matches!(outcomes[0], Ok(0)));
    assert!(matches!(outcomes[1], Err(Failure::Failed("broken"))));
    assert!(matches!(&outcomes[2], Err(Failure::Panicked(panic)) if panic.message() == "worse"));
    assert!(matches!(outcomes[3], Ok(3)));
}

#[tokio::test(start_paused = true)]
async fn dropping_cancels_what_is_in_flight() {
    let _watchdog = Watchdog::of("dropping_cancels_what_is_in_flight");
    let alive = Arc::new(AtomicUsize::new(0));
    let items = {
        let alive = Arc::clone(&alive);
        std::iter::repeat_with(move || {
            let alive = Alive::new(&alive);
            async move {
                let _alive = alive;
                sleep(Duration::from_secs(3600)).await;
            }
        })
    };
    let gathering = gather(items).limit(count(5)).into_future();
    assert!(tokio::time::timeout(millis(10), gathering).await.is_err());
    // They go when the runtime comes to them.
    sleep(millis(1)).await;
    assert_eq!(alive.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn cancelled_task_within_is_an_error_like_another() {
    let _watchdog = Watchdog::of("cancelled_task_within_is_an_error_like_another");
    let task = tokio::spawn(sleep(Duration::from_secs(3600)));
    task.abort();
    let items = [task, tokio::spawn(sleep(millis(1)))];
    let outcomes = try_gather(items).return_errors().await;
    assert!(matches!(&outcomes[0], Err(Failure::Failed(error)) if error.is_cancelled()));
    assert!(outcomes[1].is_ok());
}

#[tokio::test(start_paused = true)]
async fn limit_is_kept_and_reached() {
    let _watchdog = Watchdog::of("limit_is_kept_and_reached");
    for most in [1, 2, 3, 17, 100] {
        let alive = Arc::new(AtomicUsize::new(0));
        let peak = Arc::new(AtomicUsize::new(0));
        let counts = (Arc::clone(&alive), Arc::clone(&peak));
        let items = (0..300_u64).map(move |number| {
            // Counted from being pulled: the iterator is lazy.
            let alive = Alive::new(&counts.0);
            counts.1.fetch_max(counts.0.load(SeqCst), SeqCst);
            async move {
                let _alive = alive;
                sleep(millis(1 + number % 3)).await;
            }
        });
        gather(items).limit(count(most)).await.unwrap();
        assert_eq!(peak.load(SeqCst), most);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limit_is_kept_on_threads() {
    let _watchdog = Watchdog::of("limit_is_kept_on_threads");
    for round in 0..20_u32 {
        let alive = Arc::new(AtomicUsize::new(0));
        let peak = Arc::new(AtomicUsize::new(0));
        let counts = (Arc::clone(&alive), Arc::clone(&peak));
        let items = (0..500_u32).map(move |number| {
            let alive = Alive::new(&counts.0);
            counts.1.fetch_max(counts.0.load(SeqCst), SeqCst);
            async move {
                let _alive = alive;
                for _ in 0..(number * 31 + round) % 5 {
                    tokio::task::yield_now().await;
                }
                number
            }
        });
        let results = gather(items).limit(count(8)).await.unwrap();
        assert_eq!(results, (0..500).collect::<Vec<_>>());
        assert!(peak.load(SeqCst) <= 8);
        assert_eq!(alive.load(SeqCst), 0);
    }
}

/// Of two items in flight, both are polled though the consumer blocks its own task.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consumer_that_is_not_polled_stalls_nothing() {
    let _watchdog = Watchdog::of("consumer_that_is_not_polled_stalls_nothing");
    let done = Arc::new(AtomicUsize::new(0));
    let (all_done, mut wait) = tokio::sync::mpsc::unbounded_channel();
    let items = {
        let done = Arc::clone(&done);
        (0..10).map(move |_| {
            let (done, all_done) = (Arc::clone(&done), all_done.clone());
            async move {
                sleep(millis(1)).await;
                if done.fetch_add(1, SeqCst) == 9 {
                    all_done.send(()).unwrap();
                }
            }
        })
    };
    let mut gathering = Box::pin(gather(items).limit(count(2)).into_future());
    // One poll starts it; then it is not polled until the last item, which is not among the first in flight, is done.
    std::future::poll_fn(|context| {
        assert!(gathering.as_mut().poll(context).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    wait.recv().await.unwrap();
    assert_eq!(gathering.await.unwrap().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn progress_tells_each_number_once() {
    let _watchdog = Watchdog::of("progress_tells_each_number_once");
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let items = (0..30_u64).map(|number| sleep(millis(number * 7 % 5)));
    gather(items)
        .limit(count(4))
        .progress(move |progress| {
            assert_eq!(progress.total, Some(30));
            listener.lock().unwrap().push(progress.done);
        })
        .await
        .unwrap();
    assert_eq!(*told.lock().unwrap(), (1..=30).collect::<Vec<_>>());
}

#[test]
fn runtime_that_ends_cancels() {
    let _watchdog = Watchdog::of("runtime_that_ends_cancels");
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap()
    };
    let inner = runtime();
    let gathering = {
        let _inner = inner.enter();
        let mut gathering = Box::pin(
            gather((0..3).map(|_| std::future::pending::<()>()))
                .return_errors()
                .into_future(),
        );
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        assert!(gathering.as_mut().poll(&mut context).is_pending());
        gathering
    };
    drop(inner);
    let outcomes = runtime().block_on(gathering);
    assert_eq!(outcomes.len(), 3);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Err(Failure::Cancelled)))
    );
}

#[tokio::test(start_paused = true)]
async fn batches_wait_for_their_slowest() {
    let _watchdog = Watchdog::of("batches_wait_for_their_slowest");
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let items = (0..7_usize).map(move |number| {
        counted.fetch_add(1, SeqCst);
        async move {
            sleep(millis(number as u64)).await;
            assert!(number != 6, "last");
            number
        }
    });
    let mut batches = gather_batches(items, count(3));
    assert_eq!(begun.load(SeqCst), 0);
    assert_eq!(batches.next().await.unwrap().unwrap(), [0, 1, 2]);
    assert_eq!(begun.load(SeqCst), 3);
    // Dropping the wait does not drop the batch.
    assert!(
        tokio::time::timeout(millis(1), batches.next())
            .await
            .is_err()
    );
    assert_eq!(batches.next().await.unwrap().unwrap(), [3, 4, 5]);
    assert_eq!(batches.next().await.unwrap().unwrap_err().index, 6);
    assert!(batches.next().await.is_none());
}

/// An iterator that is pulled by one task at a time, though many have room for an item.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn iterator_is_pulled_by_one_at_a_time() {
    let _watchdog = Watchdog::of("iterator_is_pulled_by_one_at_a_time");
    let is_pulled = AtomicBool::new(false);
    let items = (0..300).map(move |number| {
        assert!(!is_pulled.swap(true, SeqCst));
        std::thread::yield_now();
        is_pulled.store(false, SeqCst);
        async move {
            tokio::task::yield_now().await;
            number
        }
    });
    let results = gather(items).limit(count(16)).await.unwrap();
    assert_eq!(results.len(), 300);
}

/// Items that are ready but costly are shared out, though none of them waits: both threads have to be in one at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn costly_items_use_all_threads() {
    let _watchdog = Watchdog::of("costly_items_use_all_threads");
    let (inside, met) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let ended = Arc::clone(&met);
    let items = std::iter::from_fn(move || {
        let (inside, met) = (Arc::clone(&inside), Arc::clone(&met));
        (!ended.load(SeqCst)).then_some(async move {
            if inside.fetch_add(1, SeqCst) > 0 {
                met.store(true, SeqCst);
            }
            std::thread::sleep(millis(1));
            inside.fetch_sub(1, SeqCst);
        })
    });
    gather(items).await.unwrap();
}

#[derive(Clone, Debug)]
enum Script {
    Ready,
    Waits(u64),
    Fails(u64),
    Panics(u64),
}

fn scripts() -> impl Strategy<Value = Vec<Script>> {
    let script = prop_oneof![
        4 => Just(Script::Ready),
        4 => (0..20_u64).prop_map(Script::Waits),
        1 => (0..20_u64).prop_map(Script::Fails),
        1 => (0..20_u64).prop_map(Script::Panics),
    ];
    proptest::collection::vec(script, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each outcome is what the item would have had alone.
    #[test]
    fn outcomes_are_those_of_the_items(scripts in scripts(), most in 1..10_usize) {
        let _watchdog = Watchdog::of("outcomes_are_those_of_the_items");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        let items = scripts.clone().into_iter().enumerate().map(|(index, script)| async move {
            match script {
                Script::Ready => Ok(index),
                Script::Waits(after) => {
                    sleep(millis(after)).await;
                    Ok(index)
                }
                Script::Fails(after) => {
                    sleep(millis(after)).await;
                    Err(index)
                }
                Script::Panics(after) => {
                    sleep(millis(after)).await;
                    std::panic::resume_unwind(Box::new(format!("{index}")))
                }
            }
        });
        let gathering = try_gather(items).limit(count(most)).return_errors().into_future();
        let outcomes = runtime.block_on(gathering);
        prop_assert_eq!(outcomes.len(), scripts.len());
        for (index, (outcome, script)) in outcomes.into_iter().zip(scripts).enumerate() {
            let is_right = match (outcome, script) {
                (Ok(value), Script::Ready | Script::Waits(_)) => value == index,
                (Err(Failure::Failed(value)), Script::Fails(_)) => value == index,
                (Err(Failure::Panicked(panic)), Script::Panics(_)) => panic.message() == index.to_string(),
                _ => false,
            };
            prop_assert!(is_right);
        }
    }
}
