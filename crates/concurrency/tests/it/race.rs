//! Several ways to one result.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tuneup_concurrency::{Failure, TimedOut, race, timeout};

use crate::{amounts::millis, watchdog::Watchdog};

type Runner = std::pin::Pin<Box<dyn Future<Output = Result<u64, &'static str>> + Send>>;

async fn runner(after: u64, result: Result<u64, &'static str>) -> Result<u64, &'static str> {
    sleep(millis(after)).await;
    match result {
        Err("panic") => panic!("fell"),
        result => result,
    }
}

#[tokio::test(start_paused = true)]
async fn first_success_wins() {
    let _watchdog = Watchdog::of("first_success_wins");
    let began = Instant::now();
    let runners = [
        runner(1, Err("lost")),
        runner(30, Ok(30)),
        runner(2, Err("panic")),
        runner(20, Ok(20)),
    ];
    assert_eq!(race(runners).await.unwrap(), 20);
    assert_eq!(began.elapsed(), millis(20));
}

#[tokio::test(start_paused = true)]
async fn losers_are_cancelled() {
    let _watchdog = Watchdog::of("losers_are_cancelled");
    let (told, mut tells) = tokio::sync::mpsc::channel::<()>(1);
    let slow = async move {
        sleep(Duration::from_secs(3600)).await;
        drop(told);
        Ok(1)
    };
    let runners: [Runner; 2] = [Box::pin(slow), Box::pin(runner(5, Ok(5)))];
    let began = Instant::now();
    assert_eq!(race(runners).await.unwrap(), 5);
    // The channel closes when its sender is dropped, long before the hour.
    assert!(tells.recv().await.is_none());
    assert_eq!(began.elapsed(), millis(5));
}

#[tokio::test(start_paused = true)]
async fn all_failures_are_told_in_order() {
    let _watchdog = Watchdog::of("all_failures_are_told_in_order");
    let runners = [
        runner(3, Err("first")),
        runner(2, Err("panic")),
        runner(1, Err("third")),
    ];
    let error = race(runners).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "none of the 3 futures of the race succeeded"
    );
    assert!(matches!(error.failures[0], Failure::Failed("first")));
    assert!(matches!(&error.failures[1], Failure::Panicked(panic) if panic.message() == "fell"));
    assert!(matches!(error.failures[2], Failure::Failed("third")));
}

#[tokio::test]
async fn race_of_none_is_an_error() {
    let _watchdog = Watchdog::of("race_of_none_is_an_error");
    let none: [std::future::Ready<Result<u8, u8>>; 0] = [];
    assert!(race(none).await.unwrap_err().failures.is_empty());
}

#[tokio::test(start_paused = true)]
async fn timeout_drops_what_is_late() {
    let _watchdog = Watchdog::of("timeout_drops_what_is_late");
    assert_eq!(timeout(millis(20), runner(10, Ok(1))).await, Ok(Ok(1)));
    let Err(TimedOut { after, .. }) = timeout(millis(20), runner(30, Ok(1))).await else {
        panic!("it was late");
    };
    assert_eq!(after, millis(20));
}
