//! Everything at once, at random: nothing hangs, nothing is lost, nothing is left.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use tokio::time::sleep;
use tuneup_concurrency::{
    Failure, ParBuffered as _, TaskGroup, cpu, gather, race, timeout, try_gather,
};

use crate::{alive::Alive, watchdog::Watchdog};

/// What an item does, by a random number.
async fn item(fate: u64, alive: Alive) -> Result<u64, u64> {
    let _alive = alive;
    match fate % 16 {
        0 => Err(fate),
        1 => std::panic::resume_unwind(Box::new("soaked")),
        2 | 3 => {
            sleep(Duration::from_micros(fate % 2_000)).await;
            Ok(fate)
        }
        4..7 => {
            tokio::task::yield_now().await;
            Ok(fate)
        }
        7 => cpu(move || fate).await.map_err(|_| fate),
        8 => cpu(move || std::panic::resume_unwind(Box::new("soaked")))
            .await
            .map_err(|_| fate),
        9 => {
            // Nested.
            let inner = gather((0..5).map(|_| tokio::task::yield_now()));
            inner
                .limit(NonZeroUsize::MIN)
                .await
                .map(|_| fate)
                .map_err(|_| fate)
        }
        _ => Ok(fate),
    }
}

fn is_right(fate: u64, outcome: &Result<u64, Failure<u64>>) -> bool {
    match outcome {
        Ok(value) => *value == fate && ![0, 1, 8].contains(&(fate % 16)),
        Err(Failure::Failed(error)) => *error == fate && [0, 8].contains(&(fate % 16)),
        Err(Failure::Panicked(_)) => fate % 16 == 1,
        Err(_) => false,
    }
}

async fn round(random: &mut fastrand::Rng, alive: &Arc<AtomicUsize>) {
    let limit = NonZeroUsize::new(1 + random.u64(..) as usize % 20).unwrap();
    let fates: Vec<u64> = (0..random.u64(..) % 200).map(|_| random.u64(..)).collect();
    let counted = Arc::clone(alive);
    let items = fates
        .clone()
        .into_iter()
        .map(move |fate| item(fate, Alive::new(&counted)));
    match random.u64(..) % 6 {
        0 => {
            let outcomes = try_gather(items).limit(limit).return_errors().await;
            assert_eq!(outcomes.len(), fates.len());
            assert!(
                fates
                    .iter()
                    .zip(&outcomes)
                    .all(|(fate, outcome)| is_right(*fate, outcome))
            );
        }
        1 => match try_gather(items).limit(limit).await {
            Ok(values) => assert_eq!(values, fates),
            Err(error) => assert!(is_right(fates[error.index], &Err(error.source))),
        },
        2 => {
            let cut = Duration::from_micros(random.u64(..) % 3_000);
            let outcomes = try_gather(items)
                .limit(limit)
                .deadline(cut)
                .return_errors()
                .await;
            assert_eq!(outcomes.len(), fates.len());
            for (fate, outcome) in fates.iter().zip(&outcomes) {
                assert!(
                    matches!(outcome, Err(Failure::TimedOut { .. })) || is_right(*fate, outcome)
                );
            }
        }
        3 => {
            let cut = Duration::from_micros(random.u64(..) % 3_000);
            let _ = timeout(cut, try_gather(items).limit(limit).into_future()).await;
        }
        4 => {
            let taken = random.u64(..) as usize % 100;
            let mut results = stream::iter(items)
                .par_buffered(limit)
                .take(taken)
                .enumerate();
            while let Some((index, result)) = results.next().await {
                match result {
                    Ok(Ok(value)) => assert_eq!(value, fates[index]),
                    Ok(Err(error)) => assert_eq!(error, fates[index]),
                    Err(error) => assert_eq!((error.index, fates[index] % 16), (index, 1)),
                }
            }
        }
        _ => {
            let few: Vec<_> = items.take(10).collect();
            let raced = TaskGroup::scope(async |group| {
                let winner = group.spawn(async move { race(few).await.map_err(|_| 0) });
                group.spawn(item(random.u64(..), Alive::new(alive)));
                Ok::<_, u64>(winner.await.unwrap_or_default())
            });
            let _ = raced.await;
        }
    }
}

#[test]
fn nothing_hangs_and_nothing_is_left() {
    let _watchdog = Watchdog::of("nothing_hangs_and_nothing_is_left");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_time()
        .build()
        .unwrap();
    let alive = Arc::new(AtomicUsize::new(0));
    let rounds: Vec<_> = (0..4_u64)
        .map(|seed| {
            let alive = Arc::clone(&alive);
            runtime.spawn(async move {
                let mut random = fastrand::Rng::with_seed(seed);
                for _ in 0..100 {
                    round(&mut random, &alive).await;
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for round in rounds {
            round.await.unwrap();
        }
        // What was dropped without a wait goes when the runtime comes to it.
        while alive.load(SeqCst) > 0 || runtime.metrics().num_alive_tasks() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    });
}
