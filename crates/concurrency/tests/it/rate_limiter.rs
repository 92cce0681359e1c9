//! So much in a time.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep};
use tuneup_concurrency::{RateLimiter, background};

use crate::{amounts::millis, watchdog::Watchdog};

const ONE: NonZeroU32 = NonZeroU32::MIN;

fn count(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

#[tokio::test(start_paused = true)]
async fn burst_passes_at_once_and_the_rest_evenly() {
    let _watchdog = Watchdog::of("burst_passes_at_once_and_the_rest_evenly");
    let limiter = RateLimiter::new(count(10), Duration::from_secs(1)).with_burst(count(3));
    let began = Instant::now();
    let mut times = Vec::new();
    for _ in 0..6 {
        limiter.acquire(ONE).await;
        times.push(began.elapsed().as_millis());
    }
    assert_eq!(times, [0, 0, 0, 100, 200, 300]);
    // After a rest, no more than the burst has gathered.
    sleep(Duration::from_secs(60)).await;
    assert!((0..3).all(|_| limiter.try_acquire(ONE)));
    assert!(!limiter.try_acquire(ONE));
    sleep(millis(100)).await;
    assert!(limiter.try_acquire(ONE));
    assert!(!limiter.try_acquire(ONE));
}

#[tokio::test(start_paused = true)]
async fn more_than_the_burst_waits_for_all_of_it() {
    let _watchdog = Watchdog::of("more_than_the_burst_waits_for_all_of_it");
    let limiter = RateLimiter::new(count(10), Duration::from_secs(1)).with_burst(count(2));
    let began = Instant::now();
    assert!(!limiter.try_acquire(count(5)));
    limiter.acquire(count(5)).await;
    assert_eq!(began.elapsed(), millis(300));
    limiter.acquire(ONE).await;
    assert_eq!(began.elapsed(), millis(400));
}

/// 3000 a second through a timer of a millisecond, in thirds of one: exactly so many in the end.
#[tokio::test(start_paused = true)]
async fn late_timers_do_not_add_up() {
    let _watchdog = Watchdog::of("late_timers_do_not_add_up");
    let limiter = Arc::new(RateLimiter::new(count(3000), Duration::from_secs(1)));
    let began = Instant::now();
    let waits: Vec<_> = (0..6001)
        .map(|_| {
            let limiter = Arc::clone(&limiter);
            background(async move { limiter.acquire(ONE).await })
        })
        .collect();
    for wait in waits {
        wait.await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_served_in_order_and_not_overtaken() {
    let _watchdog = Watchdog::of("who_waits_is_served_in_order_and_not_overtaken");
    let limiter = Arc::new(RateLimiter::new(count(100), Duration::from_secs(1)));
    let served = Arc::new(Mutex::new(Vec::new()));
    let waits: Vec<_> = (0..20_u32)
        .map(|number| {
            let (limiter, served) = (Arc::clone(&limiter), Arc::clone(&served));
            background(async move {
                // The large ones are not passed over.
                limiter.acquire(count(1 + number % 4)).await;
                served.lock().unwrap().push(number);
            })
        })
        .collect();
    for _ in 0..20 {
        sleep(millis(7)).await;
        assert!(!limiter.try_acquire(ONE));
    }
    for wait in waits {
        wait.await.unwrap();
    }
    assert_eq!(*served.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_has_taken_nothing() {
    let _watchdog = Watchdog::of("who_gives_up_has_taken_nothing");
    let limiter = Arc::new(RateLimiter::new(count(10), Duration::from_secs(1)));
    let began = Instant::now();
    limiter.acquire(ONE).await;
    // One that waits for its time, and one behind it.
    let first = Arc::clone(&limiter);
    let first = background(async move { first.acquire(count(50)).await });
    let second = Arc::clone(&limiter);
    let second = background(async move { second.acquire(ONE).await });
    let third = Arc::clone(&limiter);
    let third = background(async move { third.acquire(ONE).await });
    sleep(millis(50)).await;
    drop(second);
    drop(first);
    third.await.unwrap();
    assert_eq!(began.elapsed(), millis(100));
}

/// While one waited in vain, nothing was gathered for those behind it but the burst.
#[tokio::test(start_paused = true)]
async fn giving_up_late_makes_no_burst() {
    let _watchdog = Watchdog::of("giving_up_late_makes_no_burst");
    let limiter = Arc::new(RateLimiter::new(count(10), Duration::from_secs(1)));
    limiter.acquire(ONE).await;
    let first = Arc::clone(&limiter);
    let first = background(async move { first.acquire(count(1000)).await });
    let began = Instant::now();
    let behind: Vec<_> = (0..5)
        .map(|_| {
            let limiter = Arc::clone(&limiter);
            background(async move {
                limiter.acquire(ONE).await;
                began.elapsed().as_millis()
            })
        })
        .collect();
    sleep(Duration::from_secs(10)).await;
    drop(first);
    let mut times = Vec::new();
    for wait in behind {
        times.push(wait.await.unwrap());
    }
    assert_eq!(times, [10_000, 10_100, 10_200, 10_300, 10_400]);
}

#[tokio::test(start_paused = true)]
async fn extreme_numbers_neither_hang_nor_panic() {
    let _watchdog = Watchdog::of("extreme_numbers_neither_hang_nor_panic");
    let unlimited = RateLimiter::new(ONE, Duration::ZERO);
    for _ in 0..100 {
        unlimited.acquire(NonZeroU32::MAX).await;
    }
    let slow = RateLimiter::new(ONE, Duration::MAX);
    assert!(slow.try_acquire(ONE));
    for _ in 0..10 {
        assert!(!slow.try_acquire(NonZeroU32::MAX));
        assert!(
            tokio::time::timeout(millis(5), slow.acquire(NonZeroU32::MAX))
                .await
                .is_err()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// In any window, no more pass than the rate and the burst allow; a bucket that is filled step by step says the same.
    #[test]
    fn passes_what_a_bucket_passes(rests in proptest::collection::vec(0..300_u64, 1..60), burst in 1..8_u32) {
        let _watchdog = Watchdog::of("passes_what_a_bucket_passes");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        runtime.block_on(async {
            // One each 50 ms.
            let limiter = RateLimiter::new(count(20), Duration::from_secs(1)).with_burst(count(burst));
            let mut bucket_millis = u64::from(burst) * 50;
            for rest in rests {
                advance(millis(rest)).await;
                bucket_millis = (bucket_millis + rest).min(u64::from(burst) * 50);
                let expected = bucket_millis >= 50;
                if expected {
                    bucket_millis -= 50;
                }
                prop_assert_eq!(limiter.try_acquire(ONE), expected);
            }
            Ok(())
        })?;
    }
}
