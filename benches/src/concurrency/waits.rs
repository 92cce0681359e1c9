//! Many futures, a hundred at a time.

use std::{num::NonZeroUsize, time::Duration};

use tokio::runtime::Runtime;
use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_concurrency::gather;

use super::of_items;

const LIMIT: NonZeroUsize = NonZeroUsize::new(100).unwrap();

pub(super) fn register(suite: &mut Suite) {
    ready(suite);
    sleeping(suite);
    all_at_once(suite);
}

pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("the system gives threads")
}

fn group<'s>(suite: &'s mut Suite, name: &str, about: &str, size: usize) -> Cases<'s, usize, u64> {
    of_items(suite, name, about, size)
        .input(|n| n)
        .expect(|n| (0..*n as u64).sum())
}

fn ready(suite: &mut Suite) {
    let about = "10000 futures that are ready, at most 100 in flight";
    let cases = group(suite, "gather_ready", about, 10_000);
    let cases = gathered(cases, std::future::ready);
    #[cfg(feature = "peers")]
    let cases = peers::buffered(cases.at_most(1.5, "buffer_unordered"), std::future::ready);
    cases.finish();
}

fn sleeping(suite: &mut Suite) {
    let about = "10000 futures that sleep for a millisecond, at most 100 in flight";
    let millisecond = |n| slept(n, 1);
    let cases = group(suite, "gather_sleeps", about, 10_000);
    let cases = gathered(cases, millisecond);
    #[cfg(feature = "peers")]
    let cases = peers::buffered(cases.at_most(1.03, "buffer_unordered"), millisecond);
    cases.finish();
}

fn all_at_once(suite: &mut Suite) {
    let about = "100 futures that sleep for 100 ms, all in flight";
    let cases = group(suite, "gather_100_ms", about, 100);
    gathered(cases, |n| slept(n, 100))
        .at_most(1.05, "100 ms")
        .case("100 ms", |n| {
            std::thread::sleep(Duration::from_millis(100));
            (0..*n as u64).sum()
        })
        .finish();
}

async fn slept(n: u64, millis: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    n
}

fn gathered<F>(
    cases: Cases<'_, usize, u64>,
    future: impl Fn(u64) -> F + Copy + Send + Sync + 'static,
) -> Cases<'_, usize, u64>
where
    F: Future<Output = u64> + Send + 'static,
{
    cases.concurrent(
        "tuneup",
        1,
        |_| runtime(),
        move |runtime, n| {
            let futures = (0..*n as u64).map(future);
            let results = runtime.block_on(async { gather(futures).limit(LIMIT).await });
            results.expect("none panics").iter().sum()
        },
    )
}

#[cfg(feature = "peers")]
mod peers {
    use futures_util::{StreamExt as _, stream};

    use super::*;

    pub(super) fn buffered<F>(
        cases: Cases<'_, usize, u64>,
        future: impl Fn(u64) -> F + Copy + Sync + 'static,
    ) -> Cases<'_, usize, u64>
    where
        F: Future<Output = u64> + Send + 'static,
    {
        cases
            .concurrent(
                "buffer_unordered",
                1,
                |_| runtime(),
                move |runtime, n| {
                    let futures = stream::iter((0..*n as u64).map(future));
                    let results = futures.buffer_unordered(LIMIT.get()).collect::<Vec<_>>();
                    runtime.block_on(results).iter().sum()
                },
            )
            .mark_peer()
    }
}
