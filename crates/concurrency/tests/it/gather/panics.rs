//! Panics: of items, of the iterator, of what is dropped, and of the one who is told of progress.

use std::future::ready;

use tokio::time::sleep;
use tuneup_concurrency::{Failure, gather};

use crate::{
    amounts::{count, millis},
    watchdog::Watchdog,
};

#[tokio::test(start_paused = true)]
async fn panics_are_errors_with_their_index() {
    let _watchdog = Watchdog::of("panics_are_errors_with_their_index");
    for waits in [false, true] {
        let items = (0..50_usize).map(move |number| async move {
            if waits {
                sleep(millis(1)).await;
            }
            assert!(number != 20, "item twenty");
        });
        let error = gather(items).limit(count(4)).await.unwrap_err();
        assert_eq!(error.index, 20);
        assert_eq!(error.to_string(), "item 20 panicked: item twenty");
    }
}

#[tokio::test]
async fn panic_of_the_iterator_is_the_error_of_the_item_it_owed() {
    let _watchdog = Watchdog::of("panic_of_the_iterator_is_the_error_of_the_item_it_owed");
    let items = (0..10).map(|number| {
        assert!(number < 6, "no more");
        ready(number)
    });
    let error = gather(items).await.unwrap_err();
    assert_eq!(error.index, 6);
    let items = (0..10).map(|number| {
        assert!(number < 6, "no more");
        ready(number)
    });
    let outcomes = gather(items).return_errors().await;
    assert_eq!(outcomes.len(), 7);
    assert!(outcomes[..6].iter().all(Result::is_ok));
    assert!(matches!(outcomes[6], Err(Failure::Panicked(_))));
}

/// Panics when it is dropped.
struct Burr;

impl Drop for Burr {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn panic_of_a_drop_is_caught() {
    let _watchdog = Watchdog::of("panic_of_a_drop_is_caught");
    // When it is done, and when it is cancelled.
    let done = gather([async {
        let burr = Burr;
        sleep(millis(1)).await;
        drop(burr);
    }]);
    assert!(done.await.is_err());
    let cancelled = gather([async {
        let _burr = Burr;
        sleep(millis(100)).await;
    }]);
    let outcomes = cancelled.deadline(millis(1)).return_errors().await;
    assert!(matches!(outcomes[0], Err(Failure::TimedOut { .. })));
}

#[tokio::test]
async fn panic_of_the_progress_is_the_error_of_the_item() {
    let _watchdog = Watchdog::of("panic_of_the_progress_is_the_error_of_the_item");
    let error = gather((0..5).map(ready))
        .progress(|progress| assert!(progress.done != 3, "third"))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "item 2 panicked: third");
}
