//! Streams of futures that go on by themselves.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use futures_util::{Stream, StreamExt as _, stream};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};
use tuneup_concurrency::ParBuffered as _;

use crate::{
    amounts::{count, millis},
    watchdog::Watchdog,
};

/// Three requests to a server that closes a connection 50 ms after it was opened, each of which needs to be polled twice.
fn requests() -> impl Stream<Item = impl Future<Output = Result<(), &'static str>> + Send + 'static>
{
    stream::iter((1..=3_u64).map(|number| async move {
        let opened = Instant::now();
        sleep(millis(10 * number)).await;
        if opened.elapsed() > millis(50) {
            return Err("the connection was closed");
        }
        Ok(())
    }))
}

/// The trap: futures-rs #2387.
#[tokio::test(start_paused = true)]
async fn buffered_of_futures_stalls_while_its_consumer_works() {
    let _watchdog = Watchdog::of("buffered_of_futures_stalls_while_its_consumer_works");
    let mut results = requests().buffered(3);
    assert_eq!(results.next().await, Some(Ok(())));
    sleep(millis(100)).await;
    assert_eq!(results.next().await, Some(Err("the connection was closed")));
}

#[tokio::test(start_paused = true)]
async fn par_buffered_goes_on_while_its_consumer_works() {
    let _watchdog = Watchdog::of("par_buffered_goes_on_while_its_consumer_works");
    let mut results = requests().par_buffered(count(3));
    assert_eq!(results.next().await.unwrap().unwrap(), Ok(()));
    sleep(millis(100)).await;
    assert_eq!(results.next().await.unwrap().unwrap(), Ok(()));
    assert_eq!(results.next().await.unwrap().unwrap(), Ok(()));
    assert!(results.next().await.is_none());

    let mut results = requests().par_buffered_unordered(count(3));
    assert_eq!(results.next().await.unwrap().unwrap(), Ok(()));
    sleep(millis(100)).await;
    assert_eq!(results.next().await.unwrap().unwrap(), Ok(()));
    assert_eq!(results.next().await.unwrap().unwrap(), Ok(()));
    assert!(results.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn slow_consumer_holds_the_stream_back() {
    let _watchdog = Watchdog::of("slow_consumer_holds_the_stream_back");
    let pulled = Arc::new(AtomicUsize::new(0));
    let source = |pulled: &Arc<AtomicUsize>| {
        let pulled = Arc::clone(pulled);
        stream::iter(0..100_u64).map(move |number| {
            pulled.fetch_add(1, SeqCst);
            async move { number }
        })
    };
    let mut ordered = source(&pulled).par_buffered(count(4));
    for taken in 1..=10 {
        ordered.next().await.unwrap().unwrap();
        sleep(millis(10)).await;
        assert_eq!(pulled.load(SeqCst), taken + 3);
    }
    pulled.store(0, SeqCst);
    let mut unordered = source(&pulled).par_buffered_unordered(count(4));
    for taken in 1..=10 {
        unordered.next().await.unwrap().unwrap();
        sleep(millis(10)).await;
        assert_eq!(pulled.load(SeqCst), taken + 3);
    }
}

#[tokio::test(start_paused = true)]
async fn panic_is_the_result_of_its_item() {
    let _watchdog = Watchdog::of("panic_is_the_result_of_its_item");
    let source = || {
        stream::iter(0..5_usize).map(|number| async move {
            assert!(number != 3, "three");
            number
        })
    };
    let results: Vec<_> = source().par_buffered(count(2)).collect().await;
    assert_eq!(results.len(), 5);
    for (index, result) in results.into_iter().enumerate() {
        match result {
            Ok(number) => assert!(index != 3 && number == index),
            Err(error) => assert!(index == 3 && error.index == 3),
        }
    }
    let results: Vec<_> = source().par_buffered_unordered(count(2)).collect().await;
    let failed: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(failed.len() == 1 && failed[0].index == 3);
}

#[tokio::test(start_paused = true)]
async fn dropped_stream_cancels() {
    let _watchdog = Watchdog::of("dropped_stream_cancels");
    let done = Arc::new(AtomicUsize::new(0));
    let source = || {
        let done = Arc::clone(&done);
        stream::iter(0..5_u64).map(move |number| {
            let done = Arc::clone(&done);
            async move {
                sleep(millis(10 * number)).await;
                done.fetch_add(1, SeqCst);
            }
        })
    };
    let mut ordered = source().par_buffered(count(3));
    ordered.next().await.unwrap().unwrap();
    drop(ordered);
    let mut unordered = source().par_buffered_unordered(count(3));
    unordered.next().await.unwrap().unwrap();
    drop(unordered);
    sleep(millis(1_000)).await;
    assert_eq!(done.load(SeqCst), 2);
}

/// A source that is not ready all the time.
#[tokio::test(start_paused = true)]
async fn source_that_waits_is_waited_for() {
    let _watchdog = Watchdog::of("source_that_waits_is_waited_for");
    let source = || {
        stream::unfold(0_u64, |number| async move {
            sleep(millis(7)).await;
            (number < 10).then(|| {
                let item = async move {
                    sleep(millis(20 - number)).await;
                    number
                };
                (item, number + 1)
            })
        })
    };
    let ordered: Vec<_> = source()
        .par_buffered(count(3))
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(ordered, (0..10).collect::<Vec<_>>());
    let mut unordered: Vec<_> = source()
        .par_buffered_unordered(count(3))
        .map(Result::unwrap)
        .collect()
        .await;
    unordered.sort_unstable();
    assert_eq!(unordered, ordered);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same as `buffered`, whatever takes how long.
    #[test]
    fn results_are_those_of_buffered(waits in proptest::collection::vec(0..20_u64, 0..40), most in 1..8_usize) {
        let _watchdog = Watchdog::of("results_are_those_of_buffered");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        let source = || {
            stream::iter(waits.clone().into_iter().enumerate()).map(|(index, wait)| async move {
                sleep(millis(wait)).await;
                index
            })
        };
        let expected: Vec<_> = runtime.block_on(source().buffered(most).collect());
        let ordered: Vec<_> = runtime.block_on(source().par_buffered(count(most)).map(Result::unwrap).collect());
        prop_assert_eq!(&ordered, &expected);
        let unordered = source().par_buffered_unordered(count(most)).map(Result::unwrap);
        let mut unordered: Vec<_> = runtime.block_on(unordered.collect());
        unordered.sort_unstable();
        prop_assert_eq!(unordered, expected);
    }
}
