//! Tasks whose handle does not lose them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use tokio::time::sleep;
use tuneup_concurrency::{Failure, background};

use crate::{amounts::millis, watchdog::Watchdog};

/// A future that tells whether it came to its end.
fn work(done: &Arc<AtomicBool>) -> impl Future<Output = u8> + Send + 'static {
    let done = Arc::clone(done);
    async move {
        sleep(millis(10)).await;
        done.store(true, SeqCst);
        7
    }
}

#[tokio::test(start_paused = true)]
async fn goes_on_without_being_awaited() {
    let _watchdog = Watchdog::of("goes_on_without_being_awaited");
    let done = Arc::default();
    let task = background(work(&done));
    sleep(millis(20)).await;
    assert!(done.load(SeqCst) && task.is_finished());
    assert!(matches!(task.await, Ok(7)));
}

#[tokio::test(start_paused = true)]
async fn dropped_is_cancelled_and_detached_is_not() {
    let _watchdog = Watchdog::of("dropped_is_cancelled_and_detached_is_not");
    let (dropped, detached, waited) = (Arc::default(), Arc::default(), Arc::default());
    drop(background(work(&dropped)));
    background(work(&detached)).detach();
    // A wait by reference that is dropped leaves the task.
    let mut task = background(work(&waited));
    assert!(tokio::time::timeout(millis(1), &mut task).await.is_err());
    sleep(millis(20)).await;
    assert!(!dropped.load(SeqCst));
    assert!(detached.load(SeqCst));
    assert!(waited.load(SeqCst));
}

#[tokio::test(start_paused = true)]
async fn panics_and_cancellations_are_errors() {
    let _watchdog = Watchdog::of("panics_and_cancellations_are_errors");
    let panicked = background(async { panic!("no") }).await;
    let Err::<(), _>(Failure::Panicked(panic)) = panicked else {
        panic!("it panicked");
    };
    assert_eq!(panic.message(), "no");
    assert_eq!(panic.into_payload().downcast_ref(), Some(&"no"));
    let task = background(sleep(millis(10)));
    task.cancel();
    assert!(matches!(task.await, Err(Failure::Cancelled)));
}
