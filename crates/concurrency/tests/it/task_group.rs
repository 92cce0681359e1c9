//! Groups of tasks. What is taken over from `asyncio.TaskGroup`, by its documentation
//! (<https://docs.python.org/3/library/asyncio-task.html#task-groups>):
//!
//! | asyncio | here | test |
//! |---|---|---|
//! | "all tasks are awaited when the context manager exits" | the same | `scope_waits_for_all` |
//! | "While waiting, new tasks may still be added to the group" | the same | `tasks_start_tasks_while_it_closes` |
//! | "The first time any of the tasks … fails with an exception … the remaining tasks in the group are cancelled. No further tasks can then be added" | the same | `first_failure_cancels_the_others` |
//! | "If the body of the async with statement exits with an exception … the remaining tasks are cancelled" | the same | `body_that_fails_cancels_the_tasks` |
//! | "At this point, if the body … is still active … the task directly containing the async with statement is also cancelled" | the same | `failure_cancels_the_body` |
//! | the exceptions of all tasks "are combined in an ExceptionGroup" | the first cause alone | `first_cause_is_reported` |

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};
use tuneup_concurrency::{Failure, TaskGroup};

use crate::{alive::Alive, amounts::millis, watchdog::Watchdog};

/// A task that would go on for an hour.
fn endless(
    count: &Arc<AtomicUsize>,
) -> impl Future<Output = Result<(), &'static str>> + Send + 'static {
    let alive = Alive::new(count);
    async move {
        let _alive = alive;
        sleep(Duration::from_secs(3600)).await;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn scope_waits_for_all() {
    let _watchdog = Watchdog::of("scope_waits_for_all");
    let began = Instant::now();
    let result = TaskGroup::<&str>::scope(async |group| {
        let first = group.spawn(async {
            sleep(millis(10)).await;
            Ok(1)
        });
        group.spawn(async {
            sleep(millis(30)).await;
            Ok(())
        });
        Ok(first.await.unwrap() + 1)
    });
    assert_eq!(result.await.unwrap(), 2);
    assert_eq!(began.elapsed(), millis(30));
}

/// The future of a scope can be a task itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scope_may_be_sent() {
    let _watchdog = Watchdog::of("scope_may_be_sent");
    let scope = TaskGroup::<&str>::scope(async |group| {
        tokio::task::yield_now().await;
        Ok(group.spawn(async { Ok(3) }).await.unwrap())
    });
    assert_eq!(tokio::spawn(scope).await.unwrap().unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn tasks_start_tasks_while_it_closes() {
    let _watchdog = Watchdog::of("tasks_start_tasks_while_it_closes");
    let done = Arc::new(AtomicUsize::new(0));
    let group = TaskGroup::<&str>::new();
    let (handle, counted) = (group.handle(), Arc::clone(&done));
    group.spawn(async move {
        sleep(millis(10)).await;
        handle.spawn(async move {
            sleep(millis(10)).await;
            counted.fetch_add(1, SeqCst);
            Ok(())
        });
        Ok(())
    });
    let handle = group.handle();
    group.close().await.unwrap();
    assert_eq!(done.load(SeqCst), 1);
    // It is over: what comes now is dropped.
    let late = handle.spawn(async { Ok(()) });
    assert!(matches!(late.await, Err(Failure::Cancelled)));
}

#[tokio::test(start_paused = true)]
async fn first_failure_cancels_the_others() {
    let _watchdog = Watchdog::of("first_failure_cancels_the_others");
    let count = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let group = TaskGroup::new();
    let sibling = group.spawn(endless(&count));
    group.spawn(endless(&count));
    group.spawn(async {
        sleep(millis(5)).await;
        Err::<(), _>("broken")
    });
    let handle = group.handle();
    let error = group.close().await.unwrap_err();
    assert_eq!(error.task, Some(2));
    assert!(matches!(error.source, Failure::Failed("broken")));
    assert_eq!(began.elapsed(), millis(5));
    // Nothing outlives it.
    assert_eq!(count.load(SeqCst), 0);
    assert!(matches!(sibling.await, Err(Failure::Cancelled)));
    let late = handle.spawn(endless(&count));
    assert!(matches!(late.await, Err(Failure::Cancelled)));
}

#[tokio::test(start_paused = true)]
async fn body_that_fails_cancels_the_tasks() {
    let _watchdog = Watchdog::of("body_that_fails_cancels_the_tasks");
    let count = Arc::new(AtomicUsize::new(0));
    let error = TaskGroup::scope(async |group| {
        group.spawn(endless(&count));
        sleep(millis(1)).await;
        Err::<(), _>("body")
    });
    let error = error.await.unwrap_err();
    assert_eq!(error.to_string(), "the body of the group failed");
    assert_eq!(count.load(SeqCst), 0);

    let panicked = TaskGroup::scope(async |group| {
        group.spawn(endless(&count));
        sleep(millis(1)).await;
        panic!("body");
        #[expect(unreachable_code, reason = "tells the type")]
        Ok(())
    });
    let error = panicked.await.unwrap_err();
    assert_eq!(error.to_string(), "the body of the group panicked: body");
    assert_eq!(count.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn failure_cancels_the_body() {
    let _watchdog = Watchdog::of("failure_cancels_the_body");
    let began = Instant::now();
    let count = Arc::new(AtomicUsize::new(0));
    let result = TaskGroup::scope(async |group| {
        group.spawn(async {
            sleep(millis(5)).await;
            panic!("task");
            #[expect(unreachable_code, reason = "tells the type")]
            Ok(())
        });
        endless(&count).await
    });
    let error = result.await.unwrap_err();
    assert_eq!(error.to_string(), "task 0 panicked: task");
    assert_eq!(began.elapsed(), millis(5));
    assert_eq!(count.load(SeqCst), 0);
}

/// Others that fail because they are cancelled, or at the same time, do not hide the cause.
#[tokio::test(start_paused = true)]
async fn first_cause_is_reported() {
    let _watchdog = Watchdog::of("first_cause_is_reported");
    let group = TaskGroup::new();
    let waited = group.spawn(async {
        sleep(millis(5)).await;
        Err::<(), _>("cause")
    });
    group.spawn(async move { waited.await.map_err(|_| "consequence") });
    for _ in 0..10 {
        group.spawn(async {
            sleep(millis(6)).await;
            Err::<(), _>("later")
        });
    }
    assert!(matches!(
        group.close().await.unwrap_err().source,
        Failure::Failed("cause")
    ));
}

#[tokio::test(start_paused = true)]
async fn dropping_cancels() {
    let _watchdog = Watchdog::of("dropping_cancels");
    let count = Arc::new(AtomicUsize::new(0));
    let group = TaskGroup::new();
    group.spawn(endless(&count));
    // One that is never polled goes too.
    drop(group);
    sleep(millis(1)).await;
    assert_eq!(count.load(SeqCst), 0);

    let scope = TaskGroup::scope(async |group| {
        group.spawn(endless(&count));
        sleep(Duration::from_secs(3600)).await;
        Ok(())
    });
    assert!(tokio::time::timeout(millis(5), scope).await.is_err());
    sleep(millis(1)).await;
    assert_eq!(count.load(SeqCst), 0);
}

/// The trap of `JoinSet`: what is done stays until somebody asks.
#[tokio::test(start_paused = true)]
async fn results_do_not_pile_up() {
    let _watchdog = Watchdog::of("results_do_not_pile_up");
    let count = Arc::new(AtomicUsize::new(0));
    let mut set = tokio::task::JoinSet::new();
    let group = TaskGroup::<&str>::new();
    for _ in 0..100 {
        let (one, other) = (Alive::new(&count), Alive::new(&count));
        set.spawn(async move { one });
        group.spawn(async move { Ok(other) });
    }
    sleep(millis(1)).await;
    assert_eq!(set.len(), 100);
    assert_eq!(group.len(), 0);
    assert_eq!(count.load(SeqCst), 100);
    group.close().await.unwrap();
}

#[test]
fn runtime_that_ends_is_an_error() {
    let _watchdog = Watchdog::of("runtime_that_ends_is_an_error");
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let group = TaskGroup::<&str>::new();
    let inner = runtime();
    {
        let _inner = inner.enter();
        group.spawn(std::future::pending::<Result<(), _>>());
    }
    drop(inner);
    let error = runtime().block_on(group.close()).unwrap_err();
    assert!(matches!(error.source, Failure::Cancelled));
}
