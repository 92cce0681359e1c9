//! Many futures, a hundred at a time.

use std::{num::NonZeroUsize, time::Duration};

use tokio::runtime::Runtime;
use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_concurrency::gather;

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
    suite
        .group(&format!("concurrency/{name}"))
        .about(about)
        .size(size)
        .elements(|n| n as u64)
        .input(|n| n)
        .expect(|n| (0..*n as u64).sum())
}

fn ready(suite: &mut Suite) {
    let cases = group(
        suite,
        "gather_ready",
        "10000 futures that are ready, at most 100 in flight",
        10_000,
    )
    .concurrent(
        "tuneup",
        1,
        |_| runtime(),
        |runtime, n| {
            let futures = (0..*n as u64).map(std::future::ready);
            runtime
                .block_on(async { gather(futures).limit(LIMIT).await.expect("none panics") })
                .iter()
                .sum()
        },
    );
    #[cfg(feature = "peers")]
    let cases = peers::ready(cases.at_most(1.5, "buffer_unordered"));
    cases.finish();
}

async fn slept(n: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    n
}

fn sleeping(suite: &mut Suite) {
    let cases = group(
        suite,
        "gather_sleeps",
        "1000 futures that sleep for a millisecond, at most 100 in flight",
        1_000,
    )
    .concurrent(
        "tuneup",
        1,
        |_| runtime(),
        |runtime, n| {
            let futures = (0..*n as u64).map(slept);
            runtime
                .block_on(async { gather(futures).limit(LIMIT).await.expect("none panics") })
                .iter()
                .sum()
        },
    );
    #[cfg(feature = "peers")]
    let cases = peers::sleeping(cases.at_most(1.03, "buffer_unordered"));
    cases.finish();
}

fn all_at_once(suite: &mut Suite) {
    group(
        suite,
        "gather_100_ms",
        "100 futures that sleep for 100 ms, all in flight",
        100,
    )
    .concurrent(
        "tuneup",
        1,
        |_| runtime(),
        |runtime, n| {
            let futures = (0..*n as u64).map(async |n| {
                tokio::time::sleep(Duration::from_millis(100)).await;
                n
            });
            runtime
                .block_on(async { gather(futures).limit(LIMIT).await.expect("none panics") })
                .iter()
                .sum()
        },
    )
    .at_most(1.05, "100 ms")
    .case("100 ms", |n| {
        std::thread::sleep(Duration::from_millis(100));
        (0..*n as u64).sum()
    })
    .finish();
}

#[cfg(feature = "peers")]
mod peers {
    use futures_util::{StreamExt as _, stream};

    use super::*;

    pub(super) fn ready(cases: Cases<'_, usize, u64>) -> Cases<'_, usize, u64> {
        cases
            .concurrent(
                "buffer_unordered",
                1,
                |_| runtime(),
                |runtime, n| {
                    let futures = stream::iter((0..*n as u64).map(std::future::ready));
                    let results = futures.buffer_unordered(LIMIT.get()).collect::<Vec<_>>();
                    runtime.block_on(results).iter().sum()
                },
            )
            .mark_peer()
    }

    pub(super) fn sleeping(cases: Cases<'_, usize, u64>) -> Cases<'_, usize, u64> {
        cases
            .concurrent(
                "buffer_unordered",
                1,
                |_| runtime(),
                |runtime, n| {
                    let futures = stream::iter((0..*n as u64).map(slept));
                    let results = futures.buffer_unordered(LIMIT.get()).collect::<Vec<_>>();
                    runtime.block_on(results).iter().sum()
                },
            )
            .mark_peer()
    }
}
