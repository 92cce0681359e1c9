//! A gather that is dropped in the middle of one of its items.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use tokio::sync::oneshot;
use tuneup_concurrency::gather;

use crate::watchdog::Watchdog;

/// Where the gather is until one of its own items drops it, as another thread might at that moment.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Option<Waiting>>>);

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Place {
    /// Begins what waits, and keeps it.
    async fn begin(&self, mut waiting: Waiting) {
        poll_fn(|context| {
            assert!(waiting.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        *self.0.lock().unwrap() = Some(waiting);
    }

    fn drop_it(&self) {
        let waiting = self.0.lock().unwrap().take();
        assert!(waiting.is_some());
    }
}

/// Says when it is dropped whether that is by a panic.
struct Dropped(Option<oneshot::Sender<bool>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(std::thread::panicking());
        }
    }
}

#[tokio::test]
async fn an_item_that_ends_meanwhile_is_dropped_without_a_panic() {
    let _watchdog = Watchdog::of("an_item_that_ends_meanwhile_is_dropped_without_a_panic");
    let (sender, is_dropped_by_panic) = oneshot::channel();
    let value = Dropped(Some(sender));
    let place = Place::default();
    let item = {
        let place = place.clone();
        async move {
            place.drop_it();
            value
        }
    };
    let waiting = async { drop(gather([item]).await) };
    place.begin(Box::pin(waiting)).await;
    assert_eq!(is_dropped_by_panic.await, Ok(false));
}

#[tokio::test]
async fn a_progress_that_panics_meanwhile_is_no_further_panic() {
    let _watchdog = Watchdog::of("a_progress_that_panics_meanwhile_is_no_further_panic");
    let (sender, is_dropped_by_panic) = oneshot::channel();
    let payload = Mutex::new(Some(Dropped(Some(sender))));
    let place = Place::default();
    let gathering = gather([std::future::ready(())]).progress({
        let place = place.clone();
        move |_| {
            place.drop_it();
            let payload = payload.lock().unwrap().take();
            std::panic::resume_unwind(Box::new(payload));
        }
    });
    let waiting = async { drop(gathering.await) };
    place.begin(Box::pin(waiting)).await;
    assert_eq!(is_dropped_by_panic.await, Ok(false));
}
