//! Known traps of the libraries that people use instead: each is shown, and that the way here does not lead into it.
//!
//! Further ones are beside what avoids them:
//!
//! | trap | shown in | avoided in |
//! |---|---|---|
//! | a bridge of rayon is unordered (rayon #210, #1142) | `par::a_bridge_of_rayon_forgets_the_order_and_imap_does_not` | the same |
//! | work is stolen while a lock is held (rayon #592, #1251) | `par::a_task_of_rayon_meets_a_lock_that_its_own_thread_holds` | `par::a_map_with_a_lock_held_meets_no_other_task` |
//! | the same, in a task | `executor::cpu::bare_rayon_begins_a_job_on_top_of_another` | `executor::cpu::no_task_begins_on_top_of_another` |
//! | `buffered` stops while its consumer works (futures-rs #2387) | `par_buffered::buffered_of_futures_stalls_while_its_consumer_works` | `par_buffered::par_buffered_goes_on_while_its_consumer_works` |
//! | results pile up in a `JoinSet` | `task_group::results_do_not_pile_up` | the same |

use std::{
    cell::Cell,
    sync::{Arc, mpsc},
    time::Duration,
};

use tuneup_concurrency::{Executor, TaskError};

use crate::{executor::cpu, watchdog::Watchdog};

thread_local! {
    /// Whether this thread is in the middle of something: with a lock held, say.
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// The trap (rayon #872, #1105): a thread of a pool that waits for another pool takes up any task of its own meanwhile.
#[test]
fn a_thread_that_waits_for_another_pool_of_rayon_begins_something_else() {
    let _watchdog =
        Watchdog::of("a_thread_that_waits_for_another_pool_of_rayon_begins_something_else");
    let pool = || {
        rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap()
    };
    let (here, there) = (pool(), pool());
    let (ran, runs) = mpsc::channel();
    let (here, there) = (&here, &there);
    let is_met = here.install(move || {
        HOLDS.set(true);
        let is_met = there.install(move || {
            here.spawn(move || ran.send(HOLDS.get()).unwrap());
            runs.recv().unwrap()
        });
        HOLDS.set(false);
        is_met
    });
    assert!(is_met);
}

#[test]
fn a_task_that_waits_for_another_executor_begins_nothing_else() {
    let _watchdog = Watchdog::of("a_task_that_waits_for_another_executor_begins_nothing_else");
    let (here, there) = (Arc::new(cpu(1, 8)), Arc::new(cpu(1, 8)));
    let (ran, runs) = mpsc::channel();
    let outer = here.submit({
        let here = Arc::clone(&here);
        move || {
            HOLDS.set(true);
            let inner = there.submit(move || {
                drop(here.submit(move || ran.send(HOLDS.get()).unwrap()));
                // Time for it to begin where it should not.
                std::thread::sleep(Duration::from_millis(5));
            });
            inner.unwrap().result().unwrap();
            HOLDS.set(false);
        }
    });
    outer.unwrap().result().unwrap();
    assert!(!runs.recv().unwrap());
}

/// The trap: nobody catches a panic in `spawn`, and the process is gone.
#[test]
fn a_panic_in_a_spawn_of_rayon_ends_the_process() {
    const IS_CHILD: &str = "TUNEUP_TEST_PANICS_IN_SPAWN";
    let _watchdog = Watchdog::of("a_panic_in_a_spawn_of_rayon_ends_the_process");
    if std::env::var_os(IS_CHILD).is_some() {
        rayon::spawn(|| panic!("nobody catches this"));
        std::thread::sleep(Duration::from_secs(30));
        return;
    }
    let name = "traps::a_panic_in_a_spawn_of_rayon_ends_the_process";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(IS_CHILD, "1")
        .output()
        .unwrap();
    assert!(!child.status.success());
    // A test that fails ends with a number.
    #[cfg(unix)]
    assert_eq!(child.status.code(), None, "it was aborted");
}

#[test]
fn a_panic_in_a_task_is_an_error_and_the_executor_goes_on() {
    let _watchdog = Watchdog::of("a_panic_in_a_task_is_an_error_and_the_executor_goes_on");
    let executor = cpu(1, 8);
    // Without a handle too.
    drop(executor.submit(|| panic!("nobody asks for this")).unwrap());
    let task = executor.submit(|| -> u8 { panic!("somebody asks for this") });
    let result = task.unwrap().result();
    assert!(matches!(result, Err(TaskError::Panicked(_))));
    assert_eq!(executor.submit(|| 5).unwrap().result().unwrap(), 5);
}

#[cfg(feature = "async")]
mod asynchronous {
    use std::{
        future::{pending, ready},
        num::NonZeroUsize,
        pin::pin,
        sync::{
            Arc, Barrier,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        task::{Context, Wake},
        thread::available_parallelism,
    };

    use futures_util::{
        Stream as _,
        stream::{self, StreamExt as _},
    };
    use tuneup_concurrency::{CoreBudget, CpuPool, background, gather};

    use crate::watchdog::Watchdog;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    /// The trap: it is not ready and wakes nobody. A limit of 0 cannot be written down here.
    #[tokio::test]
    async fn none_at_a_time_hangs_in_futures_and_is_no_limit_here() {
        let _watchdog = Watchdog::of("none_at_a_time_hangs_in_futures_and_is_no_limit_here");
        let wakes = Arc::new(Wakes::default());
        let waker = Arc::clone(&wakes).into();
        let mut results = pin!(stream::iter([ready(1)]).buffered(0));
        for _ in 0..3 {
            let poll = results.as_mut().poll_next(&mut Context::from_waker(&waker));
            assert!(poll.is_pending());
        }
        assert_eq!(wakes.0.load(SeqCst), 0);

        assert!(NonZeroUsize::new(0).is_none());
        let results = gather([ready(1)]).limit(NonZeroUsize::MIN).await;
        assert_eq!(results.unwrap(), [1]);
    }

    /// The trap: one task that was aborted, and all results are gone in a panic.
    #[tokio::test]
    async fn a_join_set_panics_where_a_gather_has_an_error() {
        let _watchdog = Watchdog::of("a_join_set_panics_where_a_gather_has_an_error");
        let all = tokio::spawn(async {
            let mut set = tokio::task::JoinSet::new();
            set.spawn(async { 1 });
            set.spawn(pending::<i32>()).abort();
            set.join_all().await
        });
        assert!(all.await.unwrap_err().is_panic());

        let aborted = background(pending::<i32>());
        aborted.cancel();
        let all = gather([background(async { 1 }), aborted]).await.unwrap();
        assert!(matches!(all[..], [Ok(1), Err(_)]));
    }

    /// The trap: a thread for each call, here two hundred, for work that wants a processor.
    #[tokio::test]
    async fn spawn_blocking_has_a_thread_for_each_call_and_a_pool_for_each_processor() {
        let _watchdog =
            Watchdog::of("spawn_blocking_has_a_thread_for_each_call_and_a_pool_for_each_processor");
        let barrier = Arc::new(Barrier::new(200));
        let calls: Vec<_> = (0..200)
            .map(|_| {
                let barrier = Arc::clone(&barrier);
                tokio::task::spawn_blocking(move || barrier.wait())
            })
            .collect();
        // All are there at the same time.
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(CpuPool::global().threads(), CoreBudget::global().cores());
    }

    /// The trap: each by itself takes all processors. Here both ask one budget.
    #[test]
    fn rayon_and_tokio_take_all_processors_each_and_executors_share_them() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
        let both = runtime.metrics().num_workers() + pool.current_num_threads();
        assert!(both > available_parallelism().unwrap().get());

        let two = NonZeroUsize::new(2).unwrap();
        let budget = CoreBudget::new(two);
        let all = budget.lease(two);
        let other = budget.lease(two);
        assert_eq!(all.cores(), two);
        assert_eq!(other.cores(), NonZeroUsize::MIN);
    }
}
