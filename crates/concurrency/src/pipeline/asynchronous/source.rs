//! Pulls from a stream.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::atomic::Ordering,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_core::Stream;

use crate::pipeline::{
    queue::{Queue, Seen},
    work::{Entry, Shared},
};

/// Pulls items as there are places for them, and puts them in the first queue, one by one.
///
/// While it waits for an item, it is woken when the pipeline is stopped, and drops the stream.
pub(super) async fn feed<T>(
    shared: &Shared,
    stream: impl Stream<Item = T>,
    output: &Queue<Entry<T>>,
) {
    let mut stream = pin!(stream);
    let since = Instant::now();
    let mut seen = Seen::default();
    let window = &shared.signal.window;
    let (mut places, mut index) = (0, 0);
    // One entry, in what the queue takes entries from.
    let mut entries = Vec::with_capacity(1);
    loop {
        if places == 0 {
            let reserve = |context: &mut Context<'_>| window.poll_reserve(context.waker());
            match waited(&mut seen.blocked, reserve).await {
                Some(reserved) => places = reserved,
                None => break,
            }
        }
        let next = poll_fn(|context| {
            if window.poll_closed(context.waker()).is_ready() {
                return Poll::Ready(None);
            }
            let next = || stream.as_mut().poll_next(context);
            match catch_unwind(AssertUnwindSafe(next)) {
                Ok(polled) => polled.map(|item| Some(Ok(item))),
                Err(payload) => Poll::Ready(Some(Err(payload))),
            }
        });
        match next.await {
            Some(Ok(Some(item))) => {
                let item = Some(item);
                entries.push(Entry { index, item });
            }
            Some(Ok(None)) => {
                shared.has_source_ended.store(true, Ordering::Relaxed);
                break;
            }
            Some(Err(payload)) => {
                shared.panicked(0, index, payload);
                break;
            }
            None => break,
        }
        places -= 1;
        index += 1;
        let put = |context: &mut Context<'_>| output.poll_put_all(&mut entries, context.waker());
        if !waited(&mut seen.blocked, put).await {
            break;
        }
    }
    shared.count(0, index as u64, since, seen);
}

/// Waits, and adds how long it was.
async fn waited<T>(total: &mut Duration, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    let mut since = None;
    poll_fn(|context| {
        let polled = poll(context);
        match (&polled, since) {
            (Poll::Pending, None) => since = Some(Instant::now()),
            (Poll::Ready(_), Some(since)) => *total += Instant::elapsed(&since),
            _ => {}
        }
        polled
    })
    .await
}
