//! From the beginning of endless work over its cancellation until nobody works any more.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use tuneup_benchmarking::harness::Suite;
use tuneup_concurrency::{Executor as _, ParImap as _, Pipeline, Shutdown, ThreadExecutor, gather};

use super::{job, waits};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// An item, and before it is cancelled the work goes on for so long.
const ITEM: u64 = 100;
const BEFORE: Duration = Duration::from_millis(1);

/// What it may take from the cancellation on, without the item that everybody is at.
const ALLOWED: Duration = Duration::from_millis(10);

pub(super) fn register(suite: &mut Suite) {
    let allowance = "a millisecond of work, ten more, and one item";
    suite
        .group("concurrency/cancel")
        .about("endless items of 100 µs on two threads, cancelled after a millisecond, until all are idle")
        .size(1)
        .input(|_| ())
        .case("par_imap, dropped", |()| imap())
        .at_most(1.0, allowance)
        .case("executor, shut down", |()| executor())
        .at_most(1.0, allowance)
        .concurrent("gather, dropped", 1, |()| waits::runtime(), |runtime, ()| {
            runtime.block_on(gathered());
        })
        .at_most(1.0, allowance)
        .case("pipeline, cancelled", |()| pipeline())
        .at_most(1.0, allowance)
        .case(allowance, |()| {
            std::thread::sleep(BEFORE + ALLOWED + Duration::from_micros(ITEM));
        })
        .finish();
}

fn imap() {
    let begin = Instant::now();
    let results = (0..).par_imap(|n| job(n, ITEM)).workers(TWO);
    results
        .take_while(|_| begin.elapsed() < BEFORE)
        .for_each(drop);
}

fn executor() {
    let executor = ThreadExecutor::builder().max_threads(TWO).build();
    let executor = executor.expect("the system gives threads");
    for n in 0..1_000 {
        // Only the handle: the task goes on.
        drop(executor.submit(move || job(n, ITEM)));
    }
    std::thread::sleep(BEFORE);
    executor.shutdown(Shutdown::Cancel);
}

async fn gathered() {
    let items = Arc::new(());
    let live = Arc::clone(&items);
    let endless = (0..).map(move |n| {
        let item = Arc::clone(&live);
        async move {
            loop {
                job(n, ITEM);
                tokio::task::yield_now().await;
                let _ = &item;
            }
        }
    });
    let gathering = gather::<_>(endless).limit(NonZeroUsize::new(100).unwrap());
    // The time is over.
    let _ = tokio::time::timeout(BEFORE, gathering).await;
    while Arc::strong_count(&items) > 1 {
        tokio::task::yield_now().await;
    }
}

fn pipeline() {
    let begin = Instant::now();
    let pipeline = Pipeline::from_iter(0..).stage("job", 2, |n| job(n, ITEM));
    let handle = pipeline.handle();
    let run = pipeline.run(|_| {
        if begin.elapsed() >= BEFORE {
            handle.cancel();
        }
    });
    run.expect("no item panics");
}
