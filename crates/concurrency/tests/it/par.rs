//! Parallel maps against loops, and the traps of their peers.

use std::{
    cell::Cell,
    collections::HashSet,
    hint::black_box,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelRefIterator, ParallelBridge, ParallelIterator,
};
use tuneup_concurrency::{ParImap, par};

use crate::parallel::{Ledger, item_panic, pool, within_a_minute, work};

/// Rounds of work an item: nothing, a little, and so much that other threads are called.
fn rounds() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(100), Just(3_000)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn all_give_what_a_loop_gives(
        items in prop::collection::vec(any::<u32>(), 0..300),
        rounds in rounds(),
        len in 1_usize..20,
    ) {
        let f = |&n: &u32| { work(rounds); u64::from(n) * 3 };
        let expected: Vec<u64> = items.iter().map(f).collect();
        prop_assert_eq!(&par::map(&items, f), &expected);
        prop_assert_eq!(&par::map(items.clone(), |n| f(&n)), &expected);
        prop_assert_eq!(&par::map(items.par_iter().enumerate(), |(_, n)| f(n)), &expected);
        prop_assert_eq!(&par::try_map(&items, |n| Ok::<_, ()>(f(n))), &Ok(expected.clone()));

        let pairs: Vec<(u32, u64)> = items.iter().map(|&n| (n, 2)).collect();
        let add = |n: &u32, more: &u64| f(n) + more;
        let sums: Vec<u64> = expected.iter().map(|n| n + 2).collect();
        prop_assert_eq!(&par::starmap(&pairs, add), &sums);
        prop_assert_eq!(&par::starmap(pairs, |n: u32, more: u64| add(&n, &more)), &sums);

        let len = NonZeroUsize::new(len).unwrap();
        let runs: Vec<Vec<u64>> = items.chunks(len.get()).map(|run| run.iter().map(f).collect()).collect();
        let by_chunks = par::chunks(&items, len, |run| run.iter().map(f).collect::<Vec<_>>());
        prop_assert_eq!(&by_chunks, &runs);
        let batches: Vec<Vec<u32>> = par::batched(items.iter().copied(), len).collect();
        let chunks: Vec<Vec<u32>> = items.chunks(len.get()).map(<[u32]>::to_vec).collect();
        prop_assert_eq!(batches, chunks);

        let mut unordered = par::map_unordered(items.iter().filter(|&n| n % 2 == 0), f);
        unordered.sort_unstable();
        let mut even: Vec<u64> = items.iter().filter(|&n| n % 2 == 0).map(f).collect();
        even.sort_unstable();
        prop_assert_eq!(unordered, even);

        let mut changed = items.clone();
        par::for_each(&mut changed, |n| { work(rounds); *n ^= 1 });
        prop_assert_eq!(changed, items.iter().map(|n| n ^ 1).collect::<Vec<_>>());
    }

    /// Appending is associative and not commutative.
    #[test]
    fn fold_keeps_the_order(items in prop::collection::vec(any::<u16>(), 0..300), rounds in rounds()) {
        let folded = par::fold(
            &items,
            Vec::new,
            |mut list, &n| { work(rounds); list.push(n); list },
            |mut left, right| { left.extend(right); left },
        );
        prop_assert_eq!(folded, items);
    }

    /// Items and results, those that were made and those that were not.
    #[test]
    fn a_panic_drops_everything_once(
        len in 1_usize..300,
        bad in prop::collection::btree_set(0_usize..300, 1..4),
        rounds in rounds(),
    ) {
        let items = Ledger::new(len);
        let results = Ledger::new(len);
        let made = AtomicUsize::new(0);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let input: Vec<_> = (0..len).map(|number| items.value(number)).collect();
            par::map(input, |item| {
                work(rounds);
                if bad.contains(&item.number) {
                    panic!("number {}", item.number);
                }
                made.fetch_add(1, Ordering::Relaxed);
                results.value(item.number)
            })
        }));
        match outcome {
            Ok(all) => {
                prop_assert!(bad.iter().all(|&number| number >= len));
                prop_assert_eq!(all.len(), len);
            }
            Err(payload) => {
                let panic = item_panic(payload);
                prop_assert!(bad.contains(&panic.index));
                let message = format!("number {}", panic.index);
                prop_assert_eq!(panic.message(), Some(message.as_str()));
            }
        }
        prop_assert!(items.drops().iter().all(|&drops| drops == 1));
        prop_assert!(results.drops().iter().all(|&drops| drops <= 1));
        let dropped: u32 = results.drops().iter().sum();
        prop_assert_eq!(dropped as usize, made.into_inner());
    }

    #[test]
    fn an_error_tells_its_index_and_drops_everything_once(
        len in 1_usize..300,
        bad in prop::collection::btree_set(0_usize..300, 1..4),
        rounds in rounds(),
    ) {
        let items = Ledger::new(len);
        let results = Ledger::new(len);
        let made = AtomicUsize::new(0);
        let input: Vec<_> = (0..len).map(|number| items.value(number)).collect();
        let outcome = par::try_map(input, |item| {
            work(rounds);
            if bad.contains(&item.number) {
                return Err(item.number);
            }
            made.fetch_add(1, Ordering::Relaxed);
            Ok(results.value(item.number))
        });
        match outcome {
            Ok(all) => {
                prop_assert!(bad.iter().all(|&number| number >= len));
                prop_assert_eq!(all.len(), len);
            }
            Err(error) => {
                prop_assert!(bad.contains(&error.index));
                prop_assert_eq!(error.index, error.error);
            }
        }
        prop_assert!(items.drops().iter().all(|&drops| drops == 1));
        let dropped: u32 = results.drops().iter().sum();
        prop_assert_eq!(dropped as usize, made.into_inner());
    }
}

#[test]
fn results_without_a_size_are_counted_too() {
    assert_eq!(par::map(0..1000, |_| ()).len(), 1000);
    assert_eq!(par::map(&[(); 1000], |()| 1).iter().sum::<i32>(), 1000);
    assert!(par::map(&[0_u8; 0], |_| 1).is_empty());
}

#[test]
fn after_an_error_no_more_items_are_fed() {
    let begun = AtomicUsize::new(0);
    let error = par::try_map(0..100_000, |n| {
        begun.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_micros(50));
        if n == 3 { Err("three") } else { Ok(()) }
    })
    .unwrap_err();
    assert_eq!((error.index, error.error), (3, "three"));
    assert!(begun.into_inner() < 50_000);
}

#[test]
fn a_panic_in_merge_is_passed_on() {
    let folded = catch_unwind(|| {
        par::fold(
            0..64,
            || 0,
            |sum, n| {
                thread::sleep(Duration::from_micros(200));
                sum + n
            },
            |_, _| panic!("merging"),
        )
    });
    // With one processor there may be nothing to merge.
    if let Err(payload) = folded {
        assert_eq!(item_panic(payload).message(), Some("merging"));
    }
}

#[test]
fn a_panic_in_merge_tells_the_first_item_of_its_right_half() {
    let pool = pool(2);
    let fold = || {
        par::fold(
            0..64_usize,
            || None,
            |first: Option<usize>, n| {
                thread::sleep(Duration::from_micros(200));
                first.or(Some(n))
            },
            |_, right| resume_unwind(Box::new(right)),
        )
    };
    // Whether the second thread comes in time is for the system to say: that it never does is not believed.
    let panics: Vec<_> = (0..20)
        .filter_map(|_| catch_unwind(AssertUnwindSafe(|| pool.install(fold))).err())
        .map(item_panic)
        .collect();
    assert!(!panics.is_empty());
    for panic in panics {
        assert_eq!(panic.payload.downcast_ref(), Some(&Some(panic.index)));
    }
}

#[test]
fn of_nested_panics_all_indices_are_told() {
    let payload = catch_unwind(|| {
        par::map(0..4, |outer| {
            par::map(0..4, |inner| assert!((outer, inner) != (2, 1), "here"));
        })
    })
    .unwrap_err();
    let outer = item_panic(payload);
    assert_eq!((outer.index, outer.message()), (2, Some("here")));
    assert_eq!(outer.to_string(), "item 2 panicked: here");
    assert_eq!(item_panic(outer.payload).index, 1);
}

/// The innermost items are long enough for other threads to be called, of whom there may be none.
fn nested() -> u64 {
    let sums = par::map(0..6_u32, |outer| {
        (0..6_u64)
            .par_imap(move |middle| {
                let parts = par::map(0..6_u32, |inner| {
                    work(5_000);
                    u64::from(inner) + middle + u64::from(outer)
                });
                parts.iter().sum::<u64>()
            })
            .sum::<u64>()
    });
    sums.iter().sum()
}

/// Until two threads have been there.
#[derive(Default)]
struct Meeting {
    seen: Mutex<HashSet<thread::ThreadId>>,
    changed: Condvar,
}

impl Meeting {
    fn wait(&self) {
        let mut seen = self.seen.lock().unwrap();
        seen.insert(thread::current().id());
        self.changed.notify_all();
        drop(
            self.changed
                .wait_while(seen, |seen| seen.len() < 2)
                .unwrap(),
        );
    }
}

/// Calls of a place that take no time, and then one that never ends on one thread.
fn heavy_after_tiny(call: impl Fn(&(dyn Fn(u32) + Sync)) + Sync) {
    pool(2).install(|| {
        for _ in 0..1_000 {
            call(&|n| {
                black_box(n);
            });
        }
        let meeting = Meeting::default();
        call(&|n| match n {
            0 => thread::sleep(Duration::from_millis(1)),
            _ => meeting.wait(),
        });
    });
}

#[test]
fn a_call_that_is_heavy_is_shared_where_all_before_were_tiny() {
    within_a_minute("a_call_that_is_heavy_is_shared", || {
        heavy_after_tiny(|f| par::for_each(0..4_u32, f));
        heavy_after_tiny(|f| par::fold(0..4_u32, || (), |(), n| f(n), |(), ()| ()));
    });
}

#[test]
fn nested_maps_do_not_wait_for_each_other() {
    within_a_minute("nested_maps_do_not_wait_for_each_other", || {
        let expected = 3 * 36 * 15;
        assert_eq!(nested(), expected);
        for threads in [1, 2] {
            let pool = pool(threads);
            for _ in 0..3 {
                assert_eq!(pool.install(nested), expected);
            }
            // From inside of rayon's own operations, too.
            let (left, right) = pool.install(|| rayon::join(nested, nested));
            assert_eq!((left, right), (expected, expected));
        }
    });
}

#[test]
fn a_map_in_a_pool_that_is_busy_does_all_itself() {
    within_a_minute("a_map_in_a_pool_that_is_busy_does_all_itself", || {
        let pool = pool(1);
        let release = AtomicBool::new(false);
        pool.in_place_scope(|scope| {
            scope.spawn(|_| {
                while !release.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            });
            let other = self::pool(2);
            other.install(|| {
                for _ in 0..10 {
                    assert_eq!(
                        par::map(0..100, |n| {
                            work(10_000);
                            n
                        })
                        .len(),
                        100
                    );
                }
            });
            release.store(true, Ordering::Relaxed);
        });
    });
}

thread_local! {
    /// Whether this thread is inside of something that another task of the pool must not meet: stands for a lock that is held.
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// Two items at once on two threads of a pool, the first of which holds something. The second spawns a task into the pool and gives the first thread time
/// to take it up. Whether the task met what is held.
fn is_met(both: impl FnOnce(&(dyn Fn() + Sync), &(dyn Fn() + Sync)) + Send) -> bool {
    let (second_runs, task_ran, is_met) = (
        AtomicBool::new(false),
        AtomicBool::new(false),
        AtomicBool::new(false),
    );
    let wait_for = |flag: &AtomicBool, most: Duration| {
        let start = Instant::now();
        while !flag.load(Ordering::Relaxed) && start.elapsed() < most {
            thread::yield_now();
        }
    };
    pool(2).scope(|scope| {
        let (second_runs, task_ran, is_met) = (&second_runs, &task_ran, &is_met);
        scope.spawn(move |scope| {
            HOLDS.set(true);
            let first = || wait_for(second_runs, Duration::from_secs(5));
            // Only the thread that runs the second item reads it, and the scope outlives it.
            let scope = Mutex::new(scope);
            let second = || {
                second_runs.store(true, Ordering::Relaxed);
                scope.lock().unwrap().spawn(move |_| {
                    is_met.store(HOLDS.get(), Ordering::Relaxed);
                    task_ran.store(true, Ordering::Relaxed);
                });
                wait_for(task_ran, Duration::from_millis(50));
            };
            both(&first, &second);
            HOLDS.set(false);
        });
    });
    assert!(task_ran.into_inner());
    is_met.into_inner()
}

/// The trap (rayon #592): a thread that waits in `join` takes up any other task, whatever it holds.
#[test]
fn a_task_of_rayon_meets_a_lock_that_its_own_thread_holds() {
    within_a_minute("a_task_of_rayon_meets_a_lock", || {
        assert!(is_met(|first, second| {
            rayon::join(first, second);
        }));
    });
}

#[test]
fn a_map_with_a_lock_held_meets_no_other_task() {
    within_a_minute("a_map_with_a_lock_held_meets_no_other_task", || {
        assert!(!is_met(|first, second| {
            par::for_each(&[first, second], |item| item());
        }));
    });
}

/// The trap (rayon #210): a bridge gives results in the order in which threads made them.
#[test]
fn a_bridge_of_rayon_forgets_the_order_and_imap_does_not() {
    fn f(n: u32) -> u32 {
        thread::sleep(Duration::from_micros(50));
        n
    }
    let pool = pool(2);
    let is_sorted =
        |_| pool.install(|| (0..64).par_bridge().map(f).collect::<Vec<_>>().is_sorted());
    assert!(!(0..100).all(is_sorted));
    assert!((0..20).all(|_| (0..64).par_imap(f).collect::<Vec<_>>().is_sorted()));
}
