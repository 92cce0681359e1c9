//! Trying again.

use std::{cell::Cell, num::NonZeroU32, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};
use tuneup_concurrency::{Error, GiveUp, RetryBudget, RetryPolicy, retry, retry_if};

use crate::{amounts::millis, watchdog::Watchdog};

#[tokio::test(start_paused = true)]
async fn pauses_double_up_to_a_cap_and_are_jittered() {
    let _watchdog = Watchdog::of("pauses_double_up_to_a_cap_and_are_jittered");
    let policy = RetryPolicy::builder()
        .first_delay(millis(100))
        .max_delay(millis(800))
        .max_attempts(7)
        .build()
        .unwrap();
    let mut sums = [Duration::ZERO; 6];
    for _ in 0..200 {
        let mut last: Option<Instant> = None;
        let mut pauses = Vec::new();
        let error = retry(&policy, || {
            pauses.extend(last.replace(Instant::now()).map(|last| last.elapsed()));
            async { Err::<(), _>("busy") }
        })
        .await
        .unwrap_err();
        assert_eq!((error.attempts, error.reason), (7, GiveUp::Attempts));
        assert_eq!(error.elapsed, pauses.iter().sum());
        // The timer rounds up to a millisecond.
        for ((pause, longest), sum) in pauses
            .iter()
            .zip([100, 200, 400, 800, 800, 800])
            .zip(&mut sums)
        {
            assert!(*pause <= millis(longest + 1));
            *sum += *pause;
        }
    }
    // The mean of each is half of the longest: that of 200 evenly drawn is off by more than a third once in 10^15 runs or so.
    for (sum, longest) in sums.iter().zip([100, 200, 400, 800, 800, 800]) {
        let mean = *sum / 200;
        assert!(
            mean > millis(longest) / 3 && mean < millis(longest) * 2 / 3,
            "{mean:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn long_rows_of_failures_do_not_overflow() {
    let _watchdog = Watchdog::of("long_rows_of_failures_do_not_overflow");
    let policy = RetryPolicy::builder()
        .first_delay(millis(1))
        .max_delay(millis(2))
        .max_attempts(100)
        .build()
        .unwrap();
    let error = retry(&policy, || async { Err::<(), _>(()) })
        .await
        .unwrap_err();
    assert_eq!(error.attempts, 100);
}

#[tokio::test(start_paused = true)]
async fn pauses_of_nothing_stay_so_and_tiny_ones_only_double() {
    let _watchdog = Watchdog::of("pauses_of_nothing_stay_so_and_tiny_ones_only_double");
    let hour = Duration::from_secs(3_600);
    // The 35 pauses that begin with a nanosecond are less than 2³⁵ ns together, and a millisecond more each by the timer's rounding.
    for (first, attempts, most) in [
        (Duration::ZERO, 200, Duration::from_secs(1)),
        (Duration::from_nanos(1), 36, Duration::from_secs(40)),
    ] {
        let policy = RetryPolicy::builder()
            .first_delay(first)
            .max_delay(hour)
            .max_attempts(attempts)
            .build()
            .unwrap();
        let error = retry(&policy, || async { Err::<(), _>(()) })
            .await
            .unwrap_err();
        assert_eq!(error.attempts, attempts);
        assert!(error.elapsed < most, "{first:?}: {:?}", error.elapsed);
    }
}

#[tokio::test(start_paused = true)]
async fn no_try_begins_too_late() {
    let _watchdog = Watchdog::of("no_try_begins_too_late");
    let policy = RetryPolicy::builder()
        .max_attempts(u32::MAX)
        .max_elapsed(millis(1_000))
        .build()
        .unwrap();
    for _ in 0..50 {
        let began = Instant::now();
        let latest = Cell::new(Duration::ZERO);
        let error = retry(&policy, || {
            latest.set(began.elapsed());
            async {
                sleep(millis(50)).await;
                Err::<(), _>(())
            }
        })
        .await
        .unwrap_err();
        assert_eq!(error.reason, GiveUp::Time);
        assert!(latest.get() <= millis(1_001));
        assert!(error.elapsed <= millis(1_051));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_worth_it_is_not_tried_again() {
    let _watchdog = Watchdog::of("what_is_not_worth_it_is_not_tried_again");
    let budget = Arc::new(RetryBudget::new(NonZeroU32::MIN));
    let policy = RetryPolicy::builder()
        .budget(Arc::clone(&budget))
        .build()
        .unwrap();
    let tries = Cell::new(0);
    let error = retry_if(
        &policy,
        |status| *status == 503,
        || async {
            tries.set(tries.get() + 1);
            Err::<(), _>(404)
        },
    )
    .await
    .unwrap_err();
    assert_eq!(
        (error.source, error.reason, tries.get()),
        (404, GiveUp::NotWorthIt, 1)
    );
    assert!(budget.has_room());
}

/// The numbers of gRPC A6: 10 tokens, 0.1 for a success, retries while more than 5 are there.
#[tokio::test(start_paused = true)]
async fn budget_ends_retries_when_most_fail() {
    let _watchdog = Watchdog::of("budget_ends_retries_when_most_fail");
    let budget = Arc::new(RetryBudget::new(NonZeroU32::new(10).unwrap()));
    let policy = RetryPolicy::builder()
        .max_attempts(100)
        .budget(Arc::clone(&budget))
        .build()
        .unwrap();
    // Failures 1 to 4 leave 9 to 6; the fifth leaves 5.
    let error = retry(&policy, || async { Err::<(), _>(()) })
        .await
        .unwrap_err();
    assert_eq!((error.attempts, error.reason), (5, GiveUp::Budget));
    // First tries always happen; this one leaves 4.
    let error = retry(&policy, || async { Err::<(), _>(()) })
        .await
        .unwrap_err();
    assert_eq!((error.attempts, error.reason), (1, GiveUp::Budget));
    for _ in 0..10 {
        retry(&policy, || async { Ok::<_, ()>(()) }).await.unwrap();
    }
    assert!(!budget.has_room());
    retry(&policy, || async { Ok::<_, ()>(()) }).await.unwrap();
    assert!(budget.has_room());
    // It is never more than full.
    for _ in 0..1000 {
        retry(&policy, || async { Ok::<_, ()>(()) }).await.unwrap();
    }
    let error = retry(&policy, || async { Err::<(), _>(()) })
        .await
        .unwrap_err();
    assert_eq!(error.attempts, 5);
}

#[test]
fn options_are_checked() {
    let no_attempts = RetryPolicy::builder().max_attempts(0).build();
    assert!(matches!(
        no_attempts,
        Err(Error::OutOfRange {
            option: "max_attempts",
            ..
        })
    ));
    let crossed = RetryPolicy::builder()
        .first_delay(millis(20))
        .max_delay(millis(10))
        .build();
    assert!(matches!(
        crossed,
        Err(Error::OutOfRange {
            option: "first_delay",
            ..
        })
    ));
}
