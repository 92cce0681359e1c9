//! Async functions.

use std::{
    future::{pending, ready},
    pin::pin,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    task::{Context, Poll, Waker},
};

use pollster::block_on;
use tuneup_caching::memoize;

use crate::waiting::until_waited_for_async;

#[test]
fn answers_of_futures_are_kept() {
    #[memoize(maxsize = 10)]
    async fn len(text: &str, by: String) -> usize {
        ready(()).await;
        text.len() * by.len()
    }
    let call = || block_on(len("abc", "ab".to_owned()));
    assert_eq!((call(), call()), (6, 6));
    assert_eq!((len::cache_info().hits, len::cache_info().misses), (1, 1));
    assert!(len::cache_invalidate("abc", &"ab".to_owned()));
    assert_eq!(block_on(len::uncached("abc", String::new())), 0);
}

#[test]
fn errors_of_futures_are_not_kept() {
    #[memoize]
    async fn parse(text: String) -> Result<u32, std::num::ParseIntError> {
        text.parse()
    }
    #[memoize(by_thread, key = "text.len()")]
    async fn find(text: &str) -> Option<usize> {
        text.find('x')
    }
    let call = |text: &str| block_on(parse(text.to_owned()));
    assert!(call("x").is_err() && call("x").is_err());
    assert_eq!((call("7"), call("7")), (Ok(7), Ok(7)));
    assert_eq!(
        (parse::cache_info().hits, parse::cache_info().load_failures),
        (1, 2)
    );
    block_on(async {
        assert_eq!(
            (find("a").await, find("x").await, find("y").await),
            (None, Some(0), Some(0))
        );
    });
}

#[test]
fn futures_may_move_between_threads_and_recur_in_a_box() {
    #[memoize]
    async fn fibonacci(n: u64) -> u64 {
        match n {
            0 | 1 => n,
            _ => Box::pin(fibonacci(n - 2)).await + Box::pin(fibonacci(n - 1)).await,
        }
    }
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    assert_eq!(block_on(is_send(fibonacci(80))), 23_416_728_348_467_685);
    assert_eq!(fibonacci::cache_info().len, 81);
}

#[test]
fn a_dropped_future_keeps_nothing() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize]
    async fn first_never(n: u32) -> u32 {
        if CALLS.fetch_add(1, Relaxed) == 0 {
            pending::<()>().await;
        }
        n
    }
    {
        let mut dropped = pin!(first_never(1));
        assert_eq!(
            dropped
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop())),
            Poll::Pending
        );
    }
    assert_eq!(block_on(first_never(1)), 1);
    assert_eq!(first_never::cache_info().load_failures, 1);
}

#[test]
fn concurrent_tasks_compute_once() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize]
    async fn slow(n: u32) -> u32 {
        CALLS.fetch_add(1, Relaxed);
        until_waited_for_async(slow::cache_info, 19).await;
        n
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..20).map(|_| tokio::spawn(slow(1))).collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 1);
        }
    });
    assert_eq!(CALLS.load(Relaxed), 1);
}
