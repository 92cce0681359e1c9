//! Tasks of the only worker of an executor, which wait for threads that wait for tasks of the same executor.

use std::{
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use tuneup_concurrency::{Executor, ParImap, ParallelLines, Pipeline, Shutdown, ThreadExecutor};

use crate::{amounts::count, executor::on_global_pool, watchdog::Watchdog};

/// What `outer` makes of a function that asks the executor for a result, as a task of the same executor.
fn in_a_task<R: Send + 'static>(
    outer: impl FnOnce(Arc<dyn Fn(u64) -> u64 + Send + Sync>) -> R + Send + 'static,
) -> R {
    let executor = ThreadExecutor::builder()
        .max_threads(count(1))
        .queue_capacity(count(1))
        .build();
    let executor = Arc::new(executor.unwrap());
    let inner = {
        let executor = Arc::clone(&executor);
        Arc::new(move |n| executor.submit(move || n + 1).unwrap().result().unwrap())
    };
    executor
        .submit(move || outer(inner))
        .unwrap()
        .result()
        .unwrap()
}

#[test]
fn a_parallel_iterator_may_wait_for_tasks_of_the_executor_it_is_in() {
    let _watchdog = Watchdog::of("a_parallel_iterator_may_wait_for_tasks_of_the_executor_it_is_in");
    let sum = in_a_task(|inner| {
        // The thread beside the worker's has an item too.
        let meeting = Barrier::new(2);
        let f = move |n: u64| {
            meeting.wait();
            inner(n)
        };
        (0..4_u64).par_imap(f).workers(count(2)).sum::<u64>()
    });
    assert_eq!(sum, 10);
}

#[test]
fn a_stage_may_wait_for_tasks_of_the_executor_its_pipeline_is_in() {
    let _watchdog = Watchdog::of("a_stage_may_wait_for_tasks_of_the_executor_its_pipeline_is_in");
    let results = in_a_task(|inner| {
        let pipeline = Pipeline::from_iter(0..9).stage("ask", 3, move |n| inner(n));
        pipeline.ordered().collect().unwrap()
    });
    assert!(results.into_iter().eq(1..10));
}

#[test]
fn lines_may_wait_for_tasks_of_the_executor_they_are_reduced_in() {
    let _watchdog = Watchdog::of("lines_may_wait_for_tasks_of_the_executor_they_are_reduced_in");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    std::fs::write(&path, "line\n".repeat(40)).unwrap();
    let sum = in_a_task(move |inner| {
        let lines = ParallelLines::builder(&path)
            .workers(count(2))
            .block_bytes(5)
            .build();
        let add = |sum: &mut u64, line: &[u8]| {
            // So that the other thread has some of the lines.
            thread::sleep(Duration::from_millis(1));
            *sum += inner(line.len() as u64);
        };
        lines
            .unwrap()
            .reduce(add, |sum, other| *sum += other)
            .unwrap()
    });
    assert_eq!(sum, 200);
}

#[cfg(feature = "async")]
#[test]
fn what_is_computed_may_wait_for_tasks_of_the_executor_that_waits_for_it() {
    let _watchdog =
        Watchdog::of("what_is_computed_may_wait_for_tasks_of_the_executor_that_waits_for_it");
    let result = in_a_task(|inner| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .unwrap()
            .block_on(tuneup_concurrency::cpu(move || inner(6)))
    });
    assert_eq!(result.unwrap(), 7);
}

/// All threads of the global pool wait for stages, of which each waits for the end of an executor on that pool.
#[test]
fn an_executor_may_end_where_all_of_its_threads_wait_for_that() {
    let _watchdog = Watchdog::of("an_executor_may_end_where_all_of_its_threads_wait_for_that");
    let threads = rayon::current_num_threads();
    let executor = on_global_pool(threads, threads);
    let meeting = Arc::new(Barrier::new(threads));
    let tasks: Vec<_> = (0..threads)
        .map(|_| {
            let meeting = Arc::clone(&meeting);
            let end = move |n| {
                meeting.wait();
                let executor = on_global_pool(1, 1);
                let task = executor.submit(move || n + 1).unwrap();
                executor.shutdown(Shutdown::Drain);
                task.result().unwrap()
            };
            let pipeline = Pipeline::from_iter([1]).stage("end", 1, end);
            executor.submit(|| pipeline.collect().unwrap()).unwrap()
        })
        .collect();
    for task in tasks {
        assert_eq!(task.result().unwrap(), [2]);
    }
}
