//! The executor for work that computes.

use std::{
    cell::Cell,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use rayon::prelude::*;
use tuneup_concurrency::{CoreBudget, CpuExecutor, Error, Executor, Shutdown};

use super::{cpu, on_global_pool};
use crate::{amounts::count, watchdog::Watchdog};

#[test]
fn executors_share_the_budget() {
    let budget = CoreBudget::new(count(3));
    let build = || CpuExecutor::builder().budget(&budget).build().unwrap();
    let first = build();
    let second = build();
    assert_eq!((first.workers(), second.workers()), (count(3), count(1)));
    assert_eq!(budget.in_use(), 4);
    drop(first);
    assert_eq!(build().workers(), count(2));
    drop(second);
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn more_workers_than_a_system_has_threads_are_an_error() {
    let budget = CoreBudget::new(NonZeroUsize::MAX);
    let refused = CpuExecutor::builder().budget(&budget).build();
    assert!(matches!(
        refused.unwrap_err(),
        Error::OutOfRange {
            option: "workers",
            ..
        }
    ));
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn a_name_with_a_nul_byte_is_an_error() {
    let built = CpuExecutor::builder().thread_name("a\0b").build();
    assert!(matches!(built, Err(Error::ThreadName { .. })));
}

#[test]
fn parallel_iterators_work_on_the_own_pool() {
    let executor = cpu(3, 8);
    let threads = executor.submit(rayon::current_num_threads).unwrap();
    assert_eq!(threads.result().unwrap(), 3);
    let sum = executor
        .submit(|| (0..10_000_u64).into_par_iter().sum::<u64>())
        .unwrap();
    assert_eq!(sum.result().unwrap(), 49_995_000);
}

thread_local! {
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// Waits for parallel work of which another thread has a part that takes until `until`, after `begin`.
fn wait_for_another_thread(begin: impl FnOnce() + Send, until: impl FnOnce() + Send) {
    let (stolen, is_stolen) = mpsc::channel();
    HOLDS.set(true);
    rayon::join(
        move || {
            is_stolen.recv().unwrap();
            begin();
        },
        move || {
            stolen.send(()).unwrap();
            until();
        },
    );
    HOLDS.set(false);
}

/// The trap: with a lock in place of the mark, this thread would wait for itself (rayon issue 592).
#[test]
fn bare_rayon_begins_a_job_on_top_of_another() {
    let _watchdog = Watchdog::of("bare_rayon_begins_a_job_on_top_of_another");
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let (ran, runs) = mpsc::channel();
    pool.install(|| {
        wait_for_another_thread(
            || rayon::spawn(move || ran.send(HOLDS.get()).unwrap()),
            move || {
                let on_top = runs.recv().unwrap();
                assert!(on_top, "on the thread that waits: the other is here");
            },
        );
    });
}

#[test]
fn no_task_begins_on_top_of_another() {
    let _watchdog = Watchdog::of("no_task_begins_on_top_of_another");
    let mut executors = vec![cpu(2, 8)];
    if rayon::current_num_threads() > 1 {
        executors.push(on_global_pool(2, 8));
    }
    for executor in executors {
        let executor = Arc::new(executor);
        for _ in 0..5 {
            let (ran, runs) = mpsc::channel();
            let outer = executor.submit({
                let executor = Arc::clone(&executor);
                move || {
                    let begin = || {
                        drop(
                            executor
                                .submit(move || ran.send(HOLDS.get()).unwrap())
                                .unwrap(),
                        );
                    };
                    wait_for_another_thread(begin, || {
                        std::thread::sleep(Duration::from_millis(2));
                    });
                }
            });
            outer.unwrap().result().unwrap();
            assert!(!runs.recv().unwrap());
        }
    }
}

/// The first thread of the pool to look at a new task may be one that must not begin it. Another that is idle has to.
#[test]
fn a_task_that_comes_to_a_thread_in_the_middle_of_another_is_not_lost() {
    let _watchdog =
        Watchdog::of("a_task_that_comes_to_a_thread_in_the_middle_of_another_is_not_lost");
    let executor = Arc::new(cpu(2, 8));
    for _ in 0..20 {
        let outer = executor.submit({
            let executor = Arc::clone(&executor);
            move || {
                let (done, is_done) = mpsc::channel();
                let begin = || {
                    let inner = executor.submit(|| ()).unwrap();
                    inner.on_done(move |_| done.send(()).unwrap());
                };
                // So long that this thread, which waits, is brought the new task meanwhile.
                wait_for_another_thread(begin, || std::thread::sleep(Duration::from_millis(2)));
                // Not `inner.result()`, which would run it here.
                is_done.recv().unwrap();
            }
        });
        outer.unwrap().result().unwrap();
    }
}

#[test]
fn tasks_with_parallel_work_follow_each_other() {
    let _watchdog = Watchdog::of("tasks_with_parallel_work_follow_each_other");
    for executor in [cpu(2, 8), on_global_pool(2, 8)] {
        let executor = Arc::new(executor);
        for _ in 0..300 {
            let outer = executor.submit({
                let executor = Arc::clone(&executor);
                move || {
                    let inner = executor.submit(|| 1).unwrap();
                    let sum: u32 = (0..64_u32).into_par_iter().with_max_len(1).sum();
                    inner.result().unwrap() + sum
                }
            });
            assert_eq!(outer.unwrap().result().unwrap(), 2017);
        }
    }
}

#[test]
fn a_task_that_is_waited_for_in_a_parallel_iterator_is_run_there() {
    let _watchdog = Watchdog::of("a_task_that_is_waited_for_in_a_parallel_iterator_is_run_there");
    let executor = on_global_pool(1, 1);
    let sum: u64 = (0..200_u64)
        .into_par_iter()
        .map(|x| executor.submit(move || x).unwrap().result().unwrap())
        .sum();
    assert_eq!(sum, 19_900);
}

/// What is to run on the global pool must not wait for a thread of the pool that it was submitted on, which waits for it.
#[test]
fn a_task_of_another_pool_may_wait_for_one_of_the_global_pool() {
    let _watchdog = Watchdog::of("a_task_of_another_pool_may_wait_for_one_of_the_global_pool");
    let own = cpu(1, 8);
    let waiting = own.submit(|| {
        let (done, is_done) = mpsc::channel();
        let executor = on_global_pool(1, 8);
        let inner = executor.submit(move || done.send(()).unwrap()).unwrap();
        // Not `inner.result()`, which would run it here.
        is_done.recv().unwrap();
        drop(inner);
    });
    waiting.unwrap().result().unwrap();
}

#[test]
fn a_part_of_a_task_may_shut_the_executor_down() {
    let _watchdog = Watchdog::of("a_part_of_a_task_may_shut_the_executor_down");
    for executor in [cpu(2, 8), on_global_pool(1, 8)] {
        let executor = Arc::new(executor);
        let task = executor.submit({
            let executor = Arc::clone(&executor);
            move || {
                (0..64_u32)
                    .into_par_iter()
                    .with_max_len(1)
                    .for_each(|_| executor.shutdown(Shutdown::Drain));
            }
        });
        task.unwrap().result().unwrap();
        assert!(executor.submit(|| ()).is_err());
    }
}

#[test]
fn a_parallel_iterator_from_outside_comes_to_its_turn() {
    let _watchdog = Watchdog::of("a_parallel_iterator_from_outside_comes_to_its_turn");
    let executor = on_global_pool(rayon::current_num_threads(), 4);
    let ends = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ends.load(Ordering::SeqCst) {
                drop(executor.submit(|| std::hint::black_box((0..100).sum::<u64>())));
            }
        });
        for _ in 0..20 {
            assert_eq!((0..1000_u64).into_par_iter().sum::<u64>(), 499_500);
        }
        ends.store(true, Ordering::SeqCst);
    });
    executor.shutdown(Shutdown::Cancel);
}
