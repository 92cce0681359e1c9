//! Exact counts for async functions.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tuneup_profiling::{FunctionKind, profile};

use super::{calls, counted, function, leaf};
use crate::{
    alone::alone,
    recorded::{BETWEEN_POLLS_NS, block_on, pass, recorded, turn},
};

#[profile]
async fn waits(turns: u64) -> u64 {
    for _ in 0..turns {
        pass(3);
        turn().await;
    }
    leaf(turns)
}

#[profile]
async fn awaits(turns: u64) -> u64 {
    waits(turns).await + waits(0).await
}

#[profile]
fn makes_a_future(turns: u64) -> impl Future<Output = u64> {
    waits(turns)
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn futures_count_once_and_polls_each() {
    let profile = recorded(|| {
        assert_eq!(block_on(awaits(2)), 2);
        assert_eq!(block_on(makes_a_future(1)), 1);
        drop(waits(7));
        let mut cancelled = Box::pin(waits(7));
        assert!(poll(cancelled.as_mut()).is_pending());
        assert!(poll(cancelled.as_mut()).is_pending());
    });
    let expected = counted([
        ("awaits", 1),
        ("leaf", 3),
        ("makes_a_future", 1),
        ("waits", 4),
    ]);
    assert_eq!(calls(&profile), expected);
    let waits = function(&profile, "waits");
    let polls = waits.polls.expect("it is a future");
    assert_eq!(
        (waits.kind, polls.polls),
        (FunctionKind::Async, 3 + 1 + 2 + 2)
    );
    assert_eq!((polls.completed, polls.cancelled), (3, 1));
    // Of the polls, 2 + 1 + 2 pass 3 ns, and the last ones pass 2, 0 and 1 ns in `leaf`.
    assert_eq!(polls.busy, Duration::from_nanos(5 * 3 + 2 + 1));
    assert_eq!(waits.self_time, Duration::from_nanos(5 * 3));
    // The cancelled one waits for nothing but its second poll, as no time passes before.
    assert_eq!(polls.waiting, Duration::from_nanos(3 * BETWEEN_POLLS_NS));
    let awaits = function(&profile, "awaits").polls.unwrap();
    assert_eq!((awaits.polls, awaits.completed), (3, 1));
    assert!(function(&profile, "makes_a_future").polls.is_none());
}

#[profile(boxed)]
async fn descends(n: u64) -> u64 {
    turn().await;
    match n {
        0 => leaf(0),
        _ => n + descends(n - 1).await,
    }
}

trait Service {
    async fn call(&mut self, request: &str) -> usize;

    #[profile]
    async fn call_twice(&mut self, request: &str) -> usize {
        self.call(request).await + self.call(request).await
    }
}

impl Service for Vec<String> {
    #[profile]
    async fn call(&mut self, request: &str) -> usize {
        turn().await;
        self.push(request.to_owned());
        self.len()
    }
}

#[test]
fn async_methods_and_recursive_futures() {
    let profile = recorded(|| {
        assert_eq!(block_on(descends(3)), 6);
        assert_eq!(block_on(Vec::new().call_twice("a")), 1 + 2);
    });
    let expected = counted([
        (
            "<alloc::vec::Vec<alloc::string::String> as Service>::call",
            2,
        ),
        ("Service::call_twice", 1),
        ("descends", 4),
        ("leaf", 1),
    ]);
    assert_eq!(calls(&profile), expected);
    let polls = function(&profile, "descends").polls.unwrap();
    // The outermost is polled in each of five turns, the one in it in all but the first.
    assert_eq!((polls.polls, polls.completed), (5 + 4 + 3 + 2, 4));
}

async fn plain(room: [u8; 1_000], more: [u8; 1_000]) -> usize {
    turn().await;
    room.len() + more.len()
}

#[profile]
async fn measured(room: [u8; 1_000], more: [u8; 1_000]) -> usize {
    turn().await;
    room.len() + more.len()
}

#[test]
fn arguments_are_in_a_future_once_more_at_most() {
    let plain = plain([0; 1_000], [0; 1_000]);
    let measured = measured([0; 1_000], [0; 1_000]);
    let growth = size_of_val(&measured).saturating_sub(size_of_val(&plain));
    assert!(growth <= 100, "the future grew by {growth} bytes");
    let _outside_of_sessions = alone();
    assert_eq!(block_on(plain), block_on(measured));
}

#[test]
fn futures_move_between_threads() {
    let profile = recorded(|| {
        let mut future = Box::pin(waits(2));
        for _ in 0..2 {
            future = std::thread::spawn(move || {
                assert!(poll(future.as_mut()).is_pending());
                future
            })
            .join()
            .unwrap();
        }
        assert_eq!(poll(future.as_mut()), Poll::Ready(2));
    });
    assert_eq!(calls(&profile), counted([("leaf", 1), ("waits", 1)]));
    let polls = function(&profile, "waits").polls.unwrap();
    assert_eq!((polls.polls, polls.completed), (3, 1));
}
