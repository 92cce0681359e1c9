//! What all executors promise, asked of each.

mod promises;

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use tuneup_concurrency::{
    CpuExecutor, Executor, Refusal, ReturnWhen, Shutdown, Task, TaskError, TaskStatus,
    ThreadExecutor, as_completed, wait,
};

use super::{cpu, occupy, on_global_pool, threads};
use crate::{amounts::count, watchdog::Watchdog};

/// Makes one test of each function, asked of every executor with a number of workers and of places in the queue.
macro_rules! alike {
    ($($test:ident($workers:expr, $capacity:expr);)*) => {
        $(
            #[test]
            fn $test() {
                let _watchdog = Watchdog::of(stringify!($test));
                promises::$test(cpu($workers, $capacity));
                promises::$test(threads($workers, $capacity));
                #[cfg(feature = "async")]
                {
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    promises::$test(
                        tuneup_concurrency::AsyncExecutor::builder(runtime.handle().clone())
                            .max_blocking(count($workers))
                            .queue_capacity(count($capacity))
                            .build(),
                    );
                }
            }
        )*
    };
}

alike! {
    a_panic_is_an_error_of_its_task_alone(1, 8);
    a_task_that_was_dropped_is_done_all_the_same(1, 8);
    a_full_queue_gives_the_closure_back(1, 2);
    submit_waits_for_room(1, 1);
    a_cancelled_task_makes_room(1, 1);
    cancelled_tasks_do_not_pile_up(1, 4);
    a_shutdown_drains(2, 100);
    a_shutdown_cancels(1, 100);
    a_drop_drains(2, 100);
    who_waits_for_room_is_refused_by_a_shutdown(1, 1);
    nothing_is_taken_after_a_shutdown(1, 1);
    a_task_may_shut_its_executor_down(2, 8);
    a_task_may_drop_its_executor(2, 8);
    map_keeps_the_order_and_the_window(2, 8);
    map_goes_on_after_a_panic(2, 8);
    map_that_is_dropped_cancels(1, 8);
    map_through_a_queue_that_others_fill(1, 1);
    tasks_submit_to_their_own_full_executor(1, 1);
    tasks_wait_for_their_children(1, 1);
    tasks_wait_for_any_of_their_children(1, 8);
    tasks_begin_in_order(1, 100);
    no_more_run_at_once_than_workers(2, 100);
    a_task_is_a_future(1, 8);
}

#[test]
fn the_global_pool_serves_several_executors() {
    let _watchdog = Watchdog::of("the_global_pool_serves_several_executors");
    let executors: Vec<_> = (1..4).map(|workers| on_global_pool(workers, 4)).collect();
    std::thread::scope(|scope| {
        for executor in &executors {
            scope.spawn(|| {
                use rayon::prelude::*;
                let sums = executor.map(0..100_u64, |x| (0..=x).into_par_iter().sum::<u64>());
                for (x, sum) in (0..).zip(sums) {
                    assert_eq!(sum.unwrap(), x * (x + 1) / 2);
                }
            });
        }
    });
}

fn back_and_forth(executors: &Arc<(CpuExecutor, ThreadExecutor)>, depth: u32) -> u32 {
    if depth == 0 {
        return 1;
    }
    let next = || {
        let executors = Arc::clone(executors);
        move || back_and_forth(&executors, depth - 1)
    };
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(executors.0.submit(next()).unwrap());
        tasks.push(executors.1.submit(next()).unwrap());
    }
    tasks.into_iter().map(|task| task.result().unwrap()).sum()
}

#[test]
fn executors_that_wait_for_each_other_do_not_deadlock() {
    let _watchdog = Watchdog::of("executors_that_wait_for_each_other_do_not_deadlock");
    let executors = Arc::new((cpu(1, 1), threads(1, 1)));
    assert_eq!(back_and_forth(&executors, 4), 256);
}
