//! The executor on a runtime.

use std::{
    future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    task::Poll,
    thread,
    time::Duration,
};

use tokio::runtime::{Builder, Handle, Runtime};
use tuneup_concurrency::{AsyncExecutor, Executor, Refusal, Shutdown, Task, TaskError, TaskStatus};

use crate::{amounts::count, watchdog::Watchdog};

fn two_workers() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

fn with_room_for(futures: usize, handle: &Handle) -> AsyncExecutor {
    AsyncExecutor::builder(handle.clone())
        .max_futures(count(futures))
        .build()
}

#[test]
fn no_more_futures_are_under_way_than_there_may_be() {
    let _watchdog = Watchdog::of("no_more_futures_are_under_way_than_there_may_be");
    let runtime = two_workers();
    let executor = with_room_for(3, runtime.handle());
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    runtime.block_on(async {
        for _ in 0..100 {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            drop(
                executor
                    .spawn(async move {
                        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        for _ in 0..3 {
                            tokio::task::yield_now().await;
                        }
                        running.fetch_sub(1, Ordering::SeqCst);
                    })
                    .await
                    .unwrap(),
            );
        }
        executor.close(Shutdown::Drain).await;
    });
    assert_eq!(running.load(Ordering::SeqCst), 0);
    assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
}

#[test]
fn a_panic_of_a_future_is_an_error_of_its_task() {
    let runtime = two_workers();
    let executor = with_room_for(1, runtime.handle());
    let task = executor
        .try_spawn(async {
            tokio::task::yield_now().await;
            if true {
                panic!("in a future");
            }
        })
        .unwrap();
    match task.result() {
        Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "in a future"),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_future_that_runs_can_be_cancelled_and_makes_room() {
    let _watchdog = Watchdog::of("a_future_that_runs_can_be_cancelled_and_makes_room");
    let runtime = two_workers();
    let executor = with_room_for(1, runtime.handle());
    runtime.block_on(async {
        let held = Arc::new(());
        let (begun, begins) = tokio::sync::oneshot::channel();
        let never = executor
            .spawn({
                let held = Arc::clone(&held);
                async move {
                    begun.send(()).unwrap();
                    future::pending::<()>().await;
                    drop(held);
                }
            })
            .await
            .unwrap();
        begins.await.unwrap();
        assert_eq!(never.status(), TaskStatus::Running);
        assert_eq!(
            executor.try_spawn(async {}).unwrap_err().refusal(),
            Refusal::Full
        );
        assert!(never.cancel());
        assert!(!never.cancel());
        assert!(matches!(never.await, Err(TaskError::Cancelled)));
        // Waits for the place of the first, which is free when that is dropped.
        executor.spawn(async {}).await.unwrap().await.unwrap();
        assert_eq!(Arc::strong_count(&held), 1);
    });
}

#[test]
fn futures_spawn_futures_on_a_full_executor() {
    type Leaves = Pin<Box<dyn Future<Output = u32> + Send>>;
    fn leaves(executor: Arc<AsyncExecutor>, depth: u32) -> Leaves {
        Box::pin(async move {
            let mut sum = u32::from(depth == 0);
            for _ in 0..if depth == 0 { 0 } else { 3 } {
                let child = leaves(Arc::clone(&executor), depth - 1);
                sum += executor.spawn(child).await.unwrap().await.unwrap();
            }
            sum
        })
    }
    let _watchdog = Watchdog::of("futures_spawn_futures_on_a_full_executor");
    for room in [1, 2, 5] {
        let runtime = two_workers();
        let executor = Arc::new(with_room_for(room, runtime.handle()));
        let root = runtime
            .block_on(executor.spawn(leaves(Arc::clone(&executor), 4)))
            .unwrap();
        assert_eq!(root.result().unwrap(), 81);
    }
}

#[test]
fn a_close_cancels_futures_that_run() {
    let _watchdog = Watchdog::of("a_close_cancels_futures_that_run");
    let runtime = two_workers();
    let executor = with_room_for(8, runtime.handle());
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            tasks.push(executor.spawn(future::pending::<()>()).await.unwrap());
        }
        let waiting = executor.spawn(future::pending::<()>());
        let (refused, ()) = tokio::join!(waiting, executor.close(Shutdown::Cancel));
        assert_eq!(refused.unwrap_err().refusal(), Refusal::ShutDown);
        assert!(tasks.iter().all(Task::is_cancelled));
        assert_eq!(
            executor.try_spawn(async {}).unwrap_err().refusal(),
            Refusal::ShutDown
        );
    });
}

#[test]
fn a_shutdown_from_outside_waits_for_futures() {
    let _watchdog = Watchdog::of("a_shutdown_from_outside_waits_for_futures");
    let runtime = two_workers();
    let executor = with_room_for(8, runtime.handle());
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            executor
                .try_spawn(async move {
                    tokio::task::yield_now().await;
                    number
                })
                .unwrap()
        })
        .collect();
    executor.shutdown(Shutdown::Drain);
    assert!(tasks.iter().all(Task::is_done));
}

#[test]
fn a_close_inside_of_a_future_does_not_wait_for_itself() {
    let _watchdog = Watchdog::of("a_close_inside_of_a_future_does_not_wait_for_itself");
    let runtime = two_workers();
    let executor = Arc::new(with_room_for(8, runtime.handle()));
    let closing = executor.try_spawn({
        let executor = Arc::clone(&executor);
        async move { executor.close(Shutdown::Drain).await }
    });
    closing.unwrap().result().unwrap();
}

/// Takes its time to be dropped.
struct Slow(Arc<AtomicBool>);

impl Drop for Slow {
    fn drop(&mut self) {
        thread::sleep(Duration::from_millis(50));
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_close_waits_for_the_drop_of_a_future_that_has_not_begun() {
    let _watchdog = Watchdog::of("a_close_waits_for_the_drop_of_a_future_that_has_not_begun");
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let executor = with_room_for(2, runtime.handle());
    let (begun, begins) = mpsc::channel();
    let (go, goes) = mpsc::channel::<()>();
    let busy = async move {
        begun.send(()).unwrap();
        goes.recv().unwrap();
    };
    drop(executor.try_spawn(busy).unwrap());
    begins.recv().unwrap();
    let is_dropped = Arc::new(AtomicBool::new(false));
    let slow = Slow(Arc::clone(&is_dropped));
    let behind = async move { drop(slow) };
    let behind = executor.try_spawn(behind).unwrap();
    runtime.block_on(async {
        let mut closing = pin!(executor.close(Shutdown::Cancel));
        poll_once(closing.as_mut()).await;
        go.send(()).unwrap();
        closing.await;
    });
    assert!(behind.is_cancelled() && is_dropped.load(Ordering::SeqCst));
}

#[test]
fn a_close_waits_for_the_drop_of_a_result_that_nobody_wants() {
    let _watchdog = Watchdog::of("a_close_waits_for_the_drop_of_a_result_that_nobody_wants");
    let runtime = two_workers();
    let executor = with_room_for(1, runtime.handle());
    let is_dropped = Arc::new(AtomicBool::new(false));
    let slow = Slow(Arc::clone(&is_dropped));
    drop(executor.try_spawn(async move { slow }).unwrap());
    runtime.block_on(executor.close(Shutdown::Drain));
    assert!(is_dropped.load(Ordering::SeqCst));
}

/// Polls what is not ready yet.
async fn poll_once(mut waiting: Pin<&mut impl Future<Output = ()>>) {
    future::poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// Of two threads that may block, the closure has one, and needs the other.
#[test]
fn a_close_takes_no_thread_that_closures_need() {
    let _watchdog = Watchdog::of("a_close_takes_no_thread_that_closures_need");
    let runtime = Builder::new_current_thread()
        .max_blocking_threads(2)
        .build()
        .unwrap();
    let executor = with_room_for(1, runtime.handle());
    let (go, goes) = mpsc::channel();
    let closure = executor.submit({
        let handle = runtime.handle().clone();
        move || {
            goes.recv().unwrap();
            handle.block_on(handle.spawn_blocking(|| 7)).unwrap()
        }
    });
    runtime.block_on(async {
        let mut closing = pin!(executor.close(Shutdown::Drain));
        poll_once(closing.as_mut()).await;
        go.send(()).unwrap();
        closing.await;
    });
    assert_eq!(closure.unwrap().result().unwrap(), 7);
}

#[test]
fn a_drop_in_a_runtime_does_not_hold_it_up() {
    let _watchdog = Watchdog::of("a_drop_in_a_runtime_does_not_hold_it_up");
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let executor = with_room_for(8, &Handle::current());
        let future = executor.spawn(async { 1 }).await.unwrap();
        let closure = executor.submit(|| 2).unwrap();
        drop(executor);
        assert_eq!((future.await.unwrap(), closure.await.unwrap()), (1, 2));
    });
}

#[test]
fn what_an_ended_runtime_has_not_done_is_cancelled() {
    let _watchdog = Watchdog::of("what_an_ended_runtime_has_not_done_is_cancelled");
    let runtime = Builder::new_current_thread().build().unwrap();
    let executor = with_room_for(8, runtime.handle());
    let before = executor.try_spawn(future::pending::<()>()).unwrap();
    drop(runtime);
    assert!(before.is_cancelled());
    assert!(executor.try_spawn(async {}).unwrap().is_cancelled());
    if let Ok(task) = executor.submit(|| ()) {
        assert!(matches!(task.result(), Err(TaskError::Cancelled)));
    }
    assert_eq!(
        executor.submit(|| ()).unwrap_err().refusal(),
        Refusal::ShutDown
    );
    executor.shutdown(Shutdown::Drain);
}
