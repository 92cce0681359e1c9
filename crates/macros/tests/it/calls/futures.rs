//! What is recorded of async functions.

use std::{future::Future, pin::Pin};

use tuneup_macros::{profile, profile_lines};

use super::{block_on, poll, recorded, turn};

#[profile]
async fn waits(turns: u32) -> u32 {
    for _ in 0..turns {
        turn().await;
    }
    turns
}

#[test]
fn every_poll_is_a_frame() {
    let events = recorded(|| assert_eq!(block_on(waits(1)), 1));
    let expected = [
        "begin waits",
        "poll waits",
        "polled waits",
        "poll waits",
        "polled waits",
    ];
    assert_eq!(events, expected);
}

#[profile]
fn returns_a_future(turns: u32) -> impl Future<Output = u32> {
    async move { waits(turns).await }
}

#[test]
fn of_a_function_that_returns_a_future_the_call_counts() {
    let events = recorded(|| drop(returns_a_future(1)));
    assert_eq!(events, ["enter returns_a_future", "leave returns_a_future"]);
}

fn assert_send<T: Send>(future: T) -> T {
    future
}

#[profile]
#[profile_lines]
async fn sendable(text: &str, cell: std::cell::Cell<u32>) -> u32 {
    turn().await;
    let length = || text.len() as u32;
    cell.set(length());
    cell.get()
}

#[test]
fn futures_stay_send_and_static() {
    let future = assert_send(sendable("four", std::cell::Cell::new(0)));
    assert_eq!(block_on(future), 4);
    let boxed: Pin<Box<dyn Future<Output = u32> + Send + 'static>> = Box::pin(waits(0));
    assert_eq!(block_on(boxed), 0);
}

#[profile]
async fn forever(mut turns: u32) -> ! {
    loop {
        turns += 1;
        assert!(turns < 10);
        turn().await;
    }
}

#[test]
fn a_future_that_never_ends() {
    let mut future = Box::pin(forever(0));
    assert!(poll(future.as_mut()).is_pending());
    assert!(poll(future.as_mut()).is_pending());
}

/// # Safety
///
/// The pointer is to a value.
#[profile]
#[allow(unsafe_op_in_unsafe_fn)]
async unsafe fn dereferenced_later(pointer: *const u32) -> u32 {
    turn().await;
    *pointer
}

#[test]
fn unsafe_futures() {
    // SAFETY: the pointer is to a constant.
    assert_eq!(block_on(unsafe { dereferenced_later(&7) }), 7);
}

#[profile]
#[profile_lines]
async fn both_async(turns: u32) -> u32 {
    waits(turns).await
}

#[test]
fn both_attributes_on_a_future() {
    let events = recorded(|| assert_eq!(block_on(both_async(1)), 1));
    let expected = [
        "lines of both_async",
        "begin both_async",
        "poll both_async",
        "poll lines of both_async",
        "+1",
        "begin waits",
        "poll waits",
        "polled waits",
        "polled both_async",
        "poll both_async",
        "poll lines of both_async",
        "poll waits",
        "polled waits",
        "polled both_async",
    ];
    assert_eq!(events, expected);
}
