//! The time that an item has, and that all of them have.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::time::{Instant, sleep};
use tuneup_concurrency::{Failure, gather};

use crate::{
    alive::Alive,
    amounts::{count, millis},
    watchdog::Watchdog,
};

#[tokio::test(start_paused = true)]
async fn items_have_their_time() {
    let _watchdog = Watchdog::of("items_have_their_time");
    let items = (0..20_u64).map(|number| async move {
        sleep(millis(number * 10)).await;
        number
    });
    // Each has its own: the last ones begin later than what each may take.
    let outcomes = gather(items)
        .limit(count(2))
        .item_timeout(millis(105))
        .return_errors()
        .await;
    for (number, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(value) => assert!(number <= 10 && *value == number as u64),
            Err(Failure::TimedOut { after }) => assert!(number > 10 && *after == millis(105)),
            Err(other) => panic!("{other}"),
        }
    }
    let slow = [10, 1_000].map(|after| sleep(millis(after)));
    let error = gather(slow).item_timeout(millis(20)).await.unwrap_err();
    assert_eq!(
        (error.index, error.to_string().as_str()),
        (1, "item 1 took longer than 20ms")
    );
}

#[tokio::test(start_paused = true)]
async fn deadline_keeps_what_is_done() {
    let _watchdog = Watchdog::of("deadline_keeps_what_is_done");
    let alive = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&alive);
    let items = (0..20_usize).map(move |number| {
        let alive = Alive::new(&counted);
        async move {
            let _alive = alive;
            sleep(millis(10)).await;
            number
        }
    });
    let began = Instant::now();
    let outcomes = gather(items)
        .limit(count(4))
        .deadline(millis(25))
        .return_errors()
        .await;
    assert_eq!(began.elapsed(), millis(25));
    assert_eq!(alive.load(SeqCst), 0);
    assert_eq!(outcomes.len(), 20);
    for (number, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(value) => assert!(number < 8 && *value == number),
            Err(Failure::TimedOut { after }) => assert!(number >= 8 && *after == millis(25)),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_ends_an_endless_iterator() {
    let _watchdog = Watchdog::of("deadline_ends_an_endless_iterator");
    let endless = || std::iter::repeat_with(|| sleep(millis(10)));
    let outcomes = gather(endless())
        .limit(count(4))
        .deadline(millis(25))
        .return_errors()
        .await;
    assert_eq!(outcomes.len(), 12);
    assert!(outcomes[..8].iter().all(Result::is_ok));
    let error = gather(endless())
        .limit(count(4))
        .deadline(millis(25))
        .await
        .unwrap_err();
    assert_eq!(error.index, 8);
}

#[tokio::test]
async fn deadline_reaches_items_that_never_wait() {
    let _watchdog = Watchdog::of("deadline_reaches_items_that_never_wait");
    // The worker lets the runtime see to its timers, though every item is ready.
    let endless = std::iter::repeat_with(|| ready(()));
    let error = gather(endless).deadline(millis(5)).await.unwrap_err();
    assert!(matches!(error.source, Failure::TimedOut { .. }));
}
