//! The parallel map of iterators against the sequential one, and what it promises besides.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

mod input;

use proptest::prelude::*;
use tuneup_concurrency::{Imap, ParImap};

use crate::{
    amounts::count,
    parallel::{Ledger, item_panic, within_a_minute, work},
};

fn rounds() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(50), Just(3_000)]
}

/// Checks at every pull that there is room for it.
struct Watched {
    next: usize,
    end: usize,
    yielded: Rc<Cell<usize>>,
    look_ahead: usize,
    farthest: Rc<Cell<usize>>,
}

impl Iterator for Watched {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.next == self.end {
            return None;
        }
        let ahead = self.next + 1 - self.yielded.get();
        assert!(ahead <= self.look_ahead, "{ahead} items ahead");
        self.farthest.set(self.farthest.get().max(ahead));
        self.next += 1;
        Some(self.next - 1)
    }
}

/// Uses the results up and counts them for the input; how far ahead the input was at most.
fn farthest<F>(
    end: usize,
    look_ahead: usize,
    f: F,
    set: impl FnOnce(Imap<'static, Watched, usize, F>) -> Imap<'static, Watched, usize, F>,
) -> (Vec<usize>, usize)
where
    F: Fn(usize) -> usize + Send + Sync + 'static,
{
    let yielded = Rc::new(Cell::new(0));
    let farthest = Rc::new(Cell::new(0));
    let input = Watched {
        next: 0,
        end,
        yielded: Rc::clone(&yielded),
        look_ahead,
        farthest: Rc::clone(&farthest),
    };
    let mut results = Vec::new();
    for result in set(input.par_imap(f).look_ahead(count(look_ahead))) {
        results.push(result);
        yielded.set(results.len());
    }
    (results, farthest.get())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn results_are_those_of_map_in_order_and_the_look_ahead_is_kept(
        end in 0_usize..400,
        workers in 1_usize..5,
        look_ahead in 1_usize..60,
        rounds in rounds(),
    ) {
        let f = move |n: usize| { work(rounds * (n % 3) as u32); n * 2 };
        let (results, _) = farthest(end, look_ahead, f, |imap| imap.workers(count(workers)));
        prop_assert_eq!(results, (0..end).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn without_order_nothing_is_lost_or_doubled(
        end in 0_usize..400,
        workers in 1_usize..5,
        look_ahead in 1_usize..60,
        rounds in rounds(),
    ) {
        let f = move |n: usize| { work(rounds * (n % 3) as u32); n * 2 };
        let set = |imap: Imap<'static, Watched, _, _>| imap.workers(count(workers)).unordered();
        let (mut results, _) = farthest(end, look_ahead, f, set);
        results.sort_unstable();
        prop_assert_eq!(results, (0..end).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_comes_after_the_items_before_it_and_drops_everything_once(
        end in 1_usize..200,
        bad in 0_usize..200,
        workers in 1_usize..4,
        rounds in rounds(),
    ) {
        let items = Ledger::new(end);
        let results = Ledger::new(end);
        let yielded = thread::scope(|scope| {
            let input = (0..end).map(|number| items.value(number));
            let f = |item: crate::parallel::Counted| {
                work(rounds);
                assert!(item.number != bad, "bad item");
                results.value(item.number)
            };
            let mut imap = input.par_imap_scoped(scope, f).workers(count(workers));
            let mut yielded = 0;
            loop {
                match catch_unwind(AssertUnwindSafe(|| imap.next())) {
                    Ok(Some(result)) => assert_eq!(result.number, yielded),
                    Ok(None) => break,
                    Err(payload) => {
                        let panic = item_panic(payload);
                        assert_eq!((panic.index, yielded), (bad, bad));
                        assert_eq!(panic.message(), Some("bad item"));
                        assert!(imap.next().is_none());
                        assert_eq!(imap.size_hint(), (0, Some(0)));
                        break;
                    }
                }
                yielded += 1;
            }
            yielded
        });
        prop_assert_eq!(yielded, bad.min(end));
        // Of an item that was never pulled there is nothing to drop.
        prop_assert!(items.drops().iter().take(yielded).all(|&drops| drops == 1));
        prop_assert!(items.drops().iter().all(|&drops| drops <= 1));
        prop_assert!(results.drops().iter().all(|&drops| drops <= 1));
    }

    #[test]
    fn an_early_drop_drops_everything_once(
        end in 1_usize..200,
        taken in 0_usize..200,
        workers in 1_usize..4,
        rounds in rounds(),
    ) {
        let items = Ledger::new(end);
        let results = Ledger::new(end);
        let (pulled, made) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            let input = (0..end).map(|number| {
                pulled.fetch_add(1, Ordering::Relaxed);
                items.value(number)
            });
            let f = |item: crate::parallel::Counted| {
                work(rounds);
                made.fetch_add(1, Ordering::Relaxed);
                results.value(item.number)
            };
            let imap = input.par_imap_scoped(scope, f).workers(count(workers));
            assert_eq!(imap.take(taken).count(), taken.min(end));
        });
        let sum = |ledger: &Ledger| ledger.drops().iter().sum::<u32>() as usize;
        prop_assert_eq!(sum(&items), pulled.into_inner());
        prop_assert_eq!(sum(&results), made.into_inner());
        prop_assert!(items.drops().iter().all(|&drops| drops <= 1));
        prop_assert!(results.drops().iter().all(|&drops| drops <= 1));
    }

    #[test]
    fn the_size_hint_holds_at_any_time(end in 0_usize..200, workers in 1_usize..4, rounds in rounds()) {
        let mut imap = (0..end).par_imap(move |n| { work(rounds); n }).workers(count(workers));
        for left in (0..=end).rev() {
            prop_assert_eq!(imap.size_hint(), (left, Some(left)));
            prop_assert_eq!(imap.next().is_some(), left > 0);
        }
    }
}

#[test]
fn the_look_ahead_is_used_when_items_are_slow() {
    let f = |n: usize| {
        thread::sleep(Duration::from_millis(1));
        n
    };
    let (_, ahead) = farthest(40, 6, f, |imap| imap.workers(count(2)));
    assert_eq!(ahead, 6);
    let (_, ahead) = farthest(40, 100, f, |imap| imap.workers(count(2)));
    assert_eq!(ahead, 8, "four slow items a worker");
}

#[test]
fn as_many_items_are_in_work_as_there_are_workers() {
    within_a_minute("as_many_items_are_in_work_as_there_are_workers", || {
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            let imap = (0..32).par_imap_scoped(scope, |n| {
                // Never passes with fewer.
                barrier.wait();
                n
            });
            assert!(imap.workers(count(8)).eq(0..32));
        });
    });
}

/// Cheap items first, so that batches are long when they begin to wait.
#[test]
fn an_early_drop_stops_the_workers_within_one_item() {
    within_a_minute("an_early_drop_stops_the_workers_within_one_item", || {
        const CHEAP: usize = 2000;
        // Longer than a batch can be with four workers, so that the last cheap item's batch has no other items.
        const BETWEEN: usize = 100;
        let consumer = thread::current().id();
        let (is_released, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
        let running = AtomicUsize::new(0);
        thread::scope(|scope| {
            let mut imap = (0..)
                .par_imap_scoped(scope, |n: usize| {
                    if n < CHEAP + BETWEEN {
                        work(300);
                    } else if thread::current().id() != consumer {
                        begun.fetch_add(1, Ordering::Relaxed);
                        running.fetch_add(1, Ordering::Relaxed);
                        while !is_released.load(Ordering::Relaxed) {
                            thread::sleep(Duration::from_millis(1));
                        }
                        running.fetch_sub(1, Ordering::Relaxed);
                    }
                    n
                })
                .workers(count(4))
                .look_ahead(count(1000));
            assert_eq!(imap.nth(CHEAP - 1), Some(CHEAP - 1));
            let start = Instant::now();
            while running.load(Ordering::Relaxed) < 3 && start.elapsed() < Duration::from_secs(5) {
                thread::yield_now();
            }
            scope.spawn(|| {
                // By then the iterator is being dropped, and waits for the workers.
                thread::sleep(Duration::from_millis(200));
                is_released.store(true, Ordering::Relaxed);
            });
            drop(imap);
            assert_eq!(running.load(Ordering::Relaxed), 0, "the workers have ended");
        });
        // Three workers, each in one item.
        assert!(begun.load(Ordering::Relaxed) <= 3);
    });
}

/// The later items need two threads; by then the worker has slept.
#[test]
fn a_worker_that_sleeps_is_woken() {
    within_a_minute("a_worker_that_sleeps_is_woken", || {
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            let mut imap = (0..64)
                .par_imap_scoped(scope, |n| {
                    // Long enough to be a batch of one.
                    thread::sleep(Duration::from_millis(1));
                    if n >= 40 {
                        barrier.wait();
                    }
                    n
                })
                .workers(count(2));
            assert_eq!(imap.next(), Some(0));
            thread::sleep(Duration::from_millis(50));
            assert!(imap.eq(1..64));
        });
    });
}

#[test]
fn the_function_is_dropped_with_the_iterator() {
    let held = Arc::new(());
    let inside = Arc::clone(&held);
    let mut imap = (0..).par_imap(move |n: u32| {
        thread::sleep(Duration::from_millis(1));
        (n, Arc::strong_count(&inside)).0
    });
    assert_eq!(imap.next(), Some(0));
    drop(imap);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn without_order_a_slow_item_holds_up_nobody() {
    within_a_minute("without_order_a_slow_item_holds_up_nobody", || {
        let others = AtomicUsize::new(0);
        let consumer = thread::current().id();
        let is_held_up = AtomicBool::new(false);
        thread::scope(|scope| {
            let imap = (0..20)
                .par_imap_scoped(scope, |n| {
                    // The consumer cannot both wait here and use the others' results up.
                    if n == 1 && thread::current().id() != consumer {
                        is_held_up.store(true, Ordering::Relaxed);
                        // Never ends if its result must come before the others'.
                        while others.load(Ordering::Relaxed) < 12 {
                            thread::yield_now();
                        }
                    } else {
                        thread::sleep(Duration::from_millis(1));
                    }
                    n
                })
                .workers(count(3))
                .unordered();
            let mut seen = Vec::new();
            for n in imap {
                others.fetch_add(1, Ordering::Relaxed);
                seen.push(n);
            }
            if is_held_up.load(Ordering::Relaxed) {
                assert!(!seen.is_sorted());
            }
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..20));
        });
    });
}

#[test]
fn iterators_in_iterators_do_not_wait_for_each_other() {
    within_a_minute("iterators_in_iterators_do_not_wait_for_each_other", || {
        let sum: u64 = (0..8_u64)
            .par_imap(|outer| {
                (0..8_u64)
                    .par_imap(move |middle| {
                        (0..8_u64)
                            .par_imap(move |inner| {
                                work(3_000);
                                outer + middle + inner
                            })
                            .sum::<u64>()
                    })
                    .sum::<u64>()
            })
            .sum();
        assert_eq!(sum, 3 * 64 * 28);
    });
}

/// While the consumer sleeps, the workers fill what there is room for and then sleep too.
#[cfg(target_os = "linux")]
#[test]
fn a_slow_consumer_costs_no_processor_time() {
    within_a_minute("a_slow_consumer_costs_no_processor_time", || {
        let proc = std::path::Path::new("/proc");
        let threads = Arc::new(Mutex::new(std::collections::BTreeSet::new()));
        let noted = Arc::clone(&threads);
        let mut imap = (0..)
            .par_imap(move |n: u32| {
                let thread = std::fs::read_link("/proc/thread-self").unwrap();
                noted.lock().unwrap().insert(thread);
                thread::sleep(Duration::from_millis(1));
                n
            })
            .workers(count(3))
            .look_ahead(count(60));
        assert_eq!(imap.nth(20), Some(20));
        let own = std::fs::read_link("/proc/thread-self").unwrap();
        crate::asleep::wait_until_asleep(|| {
            let threads = threads.lock().unwrap();
            let workers = threads.iter().filter(|&thread| *thread != own);
            workers.map(|thread| proc.join(thread)).collect()
        });
    });
}
