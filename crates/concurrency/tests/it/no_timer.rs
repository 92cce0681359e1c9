//! Tokio runtimes whose timer is not enabled: who waits for a time there panics, and learns it; nobody waits for ever.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use tokio::{
    runtime::{Builder, Runtime},
    time::sleep,
};
use tuneup_concurrency::{
    Failure, ParBuffered as _, Pipeline, RateLimiter, RetryPolicy, gather, gather_batches, hybrid,
    retry, timeout,
};

use crate::{
    amounts::{count, millis},
    watchdog::Watchdog,
};

/// The words of tokio.
const NO_TIMER: &str = "timers are disabled";

/// Of one thread and of several: only the first is driven by the one who waits.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap(),
    ]
}

/// Awaits what `make` makes, which must panic for want of a timer.
fn panics<F: Future>(make: impl Fn() -> F) {
    for runtime in runtimes() {
        let awaited = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async { make().await });
        }));
        let payload = awaited.expect_err("it was awaited without a timer");
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        assert!(text.is_some_and(|text| text.contains(NO_TIMER)), "{text:?}");
    }
}

fn is_no_timer<E>(failure: &Failure<E>) -> bool {
    matches!(failure, Failure::Panicked(panic) if panic.message().contains(NO_TIMER))
}

#[test]
fn who_waits_for_a_time_panics() {
    let _watchdog = Watchdog::of("who_waits_for_a_time_panics");
    let never = std::future::pending::<()>;
    panics(|| async move { gather([never()]).deadline(millis(5)).await });
    panics(|| async move { gather([never()]).item_timeout(millis(5)).await });
    panics(|| async move {
        let gather = gather([never()]).item_timeout(millis(5));
        gather.return_errors().await
    });
    panics(|| timeout(millis(5), never()));
    panics(|| async { retry(&RetryPolicy::default(), || async { Err::<(), _>("busy") }).await });
    panics(|| async {
        let limiter = RateLimiter::new(NonZeroU32::MIN, Duration::from_secs(1));
        limiter.acquire(NonZeroU32::MIN).await;
        limiter.acquire(NonZeroU32::MIN).await;
    });
}

/// The panic is the item's own.
#[test]
fn an_item_that_waits_for_a_time_fails_of_it() {
    let _watchdog = Watchdog::of("an_item_that_waits_for_a_time_fails_of_it");
    let limit: NonZeroUsize = count(2);
    for runtime in runtimes() {
        runtime.block_on(async {
            let sleeps = || (0..3).map(|_| async { sleep(millis(1)).await });
            let error = gather(sleeps()).await.unwrap_err();
            assert!(is_no_timer(&error.source), "{error}");
            let error = gather_batches(sleeps(), limit).next().await.unwrap();
            assert!(is_no_timer(&error.unwrap_err().source));

            let mut results = stream::iter(sleeps()).par_buffered(limit);
            let error = results.next().await.unwrap().unwrap_err();
            assert!(is_no_timer(&error.source), "{error}");

            let fetch = |_| async { sleep(millis(1)).await };
            let computed = hybrid(0..3).fetch(limit, fetch).compute(limit, |()| ());
            let error = computed.collect().await.unwrap_err();
            assert!(is_no_timer(&error.source), "{error}");

            let pipeline = Pipeline::from_iter(0..3).async_stage("sleep", 2, fetch);
            let error = pipeline.collect_async().await.unwrap_err();
            assert!(format!("{error:?}").contains(NO_TIMER), "{error:?}");
        });
    }
}
