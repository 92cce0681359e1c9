//! One load for one key at a time.

use std::{
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use tuneup_caching::{Cache, LoadError};

use crate::waiting::{until_waited_for, until_waited_for_async};

#[test]
fn a_thousand_concurrent_misses_load_once() {
    let cache = Cache::new(10).unwrap();
    let loads = AtomicU32::new(0);
    let together = Barrier::new(1_000);
    std::thread::scope(|scope| {
        for _ in 0..1_000 {
            scope.spawn(|| {
                together.wait();
                let value = cache.get_or_insert_with(7, || {
                    until_waited_for(|| cache.info(), 999);
                    loads.fetch_add(1, SeqCst) + 40
                });
                assert_eq!(value, 40);
            });
        }
    });
    assert_eq!(loads.load(SeqCst), 1);
    let info = cache.info();
    assert_eq!((info.loads, info.hits + info.misses), (1, 1_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tasks_and_threads_load_once_together() {
    let cache = Cache::new(10).unwrap();
    let loads = Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for _ in 0..1_000 {
        let (cache, loads) = (cache.clone(), Arc::clone(&loads));
        tasks.push(tokio::spawn(async move {
            let load = async || {
                until_waited_for_async(|| cache.info(), 1_019).await;
                loads.fetch_add(1, SeqCst)
            };
            cache.get_or_insert_async("key", load).await
        }));
    }
    let threads: Vec<_> = (0..20)
        .map(|_| {
            let (cache, loads) = (cache.clone(), Arc::clone(&loads));
            std::thread::spawn(move || {
                cache.get_or_insert_with("key", || {
                    until_waited_for(|| cache.info(), 1_019);
                    loads.fetch_add(1, SeqCst)
                })
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 0);
    }
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 0);
    }
    assert_eq!(loads.load(SeqCst), 1);
}

#[test]
fn other_keys_do_not_wait() {
    let cache = Cache::new(10).unwrap();
    let value = cache.get_or_insert_with(1, || {
        std::thread::scope(|scope| {
            scope
                .spawn(|| cache.get_or_insert_with(2, || 2))
                .join()
                .unwrap()
        })
    });
    assert_eq!(value, 2);
}

#[test]
fn a_panic_is_the_leaders_alone_and_another_loads() {
    let cache = Cache::new(10).unwrap();
    let (begun, has_begun) = mpsc::channel();
    std::thread::scope(|scope| {
        let leader = scope.spawn(|| {
            catch_unwind(AssertUnwindSafe(|| {
                cache.get_or_insert_with(1, || {
                    begun.send(()).unwrap();
                    until_waited_for(|| cache.info(), 1);
                    panic!("the loader fails")
                })
            }))
        });
        has_begun.recv().unwrap();
        let waiter = scope.spawn(|| cache.get_or_insert_with(1, || 5));
        assert!(leader.join().unwrap().is_err());
        assert_eq!(waiter.join().unwrap(), 5);
    });
    assert_eq!(cache.get(&1), Some(5), "the cache works as before");
    assert_eq!(cache.info().load_failures, 1);
}

#[test]
fn who_waits_for_one_leader_after_another_waits_once() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let caller = || {
        catch_unwind(AssertUnwindSafe(|| {
            cache.get_or_insert_with(1, || {
                until_waited_for(|| cache.info(), 9);
                panic!("the loader fails")
            })
        }))
    };
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(caller);
        }
    });
    let info = cache.info();
    assert_eq!((info.load_failures, info.waits), (10, 9));
}

#[test]
fn an_error_is_shared_and_not_kept() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let (begun, has_begun) = mpsc::channel();
    std::thread::scope(|scope| {
        let leader = scope.spawn(|| {
            cache.try_get_or_insert_with(1, || {
                begun.send(()).unwrap();
                until_waited_for(|| cache.info(), 1);
                Err("down".to_owned())
            })
        });
        has_begun.recv().unwrap();
        let waiter = scope.spawn(|| cache.try_get_or_insert_with(1, || Err("its own".to_owned())));
        let (leader, waiter) = (leader.join().unwrap(), waiter.join().unwrap());
        let (Err(LoadError::Failed(one)), Err(LoadError::Failed(other))) = (leader, waiter) else {
            panic!("both fail");
        };
        assert_eq!((&**one, &**other), ("down", "down"));
        assert!(Arc::ptr_eq(&one, &other));
    });
    assert_eq!(
        cache
            .try_get_or_insert_with(1, || Ok::<_, String>(3))
            .unwrap(),
        3
    );
}

#[test]
fn who_expects_another_type_of_error_tries_for_itself() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let (begun, has_begun) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = cache.try_get_or_insert_with(1, || {
                begun.send(()).unwrap();
                until_waited_for(|| cache.info(), 1);
                Err("text")
            });
        });
        has_begun.recv().unwrap();
        let waiter = cache.try_get_or_insert_with(1, || Err(17_u8));
        assert!(matches!(waiter, Err(LoadError::Failed(error)) if *error == 17));
    });
}

#[test]
fn a_loader_that_asks_for_its_own_key_is_told() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let inner = cache.try_get_or_insert_with(1, || {
        match cache.try_get_or_insert_with(1, || Ok::<_, ()>(2)) {
            Err(LoadError::Recursive) => Err("recursive"),
            other => panic!("{other:?}"),
        }
    });
    assert!(matches!(inner, Err(LoadError::Failed(_))));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        cache.get_or_insert_with(1, || {
            cache.get_or_insert_with(2, || cache.get_or_insert_with(1, || 3))
        })
    }));
    let message = *panicked.unwrap_err().downcast::<&str>().unwrap();
    assert!(
        message.contains("asked for the key that it was loading"),
        "{message}"
    );
    assert_eq!(
        cache.get_or_insert_with(1, || 4),
        4,
        "the cache works as before"
    );
}

#[test]
fn two_threads_that_wait_for_each_other_are_told() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let both = Barrier::new(2);
    let crossed = |own: u32, other: u32| {
        cache.try_get_or_insert_with(own, || {
            both.wait();
            match cache.try_get_or_insert_with(other, || Ok::<_, &str>(other)) {
                Ok(value) => Ok(value + 10),
                Err(LoadError::Recursive) => Err("recursive"),
                Err(LoadError::Failed(error)) => Err(*error),
                Err(other) => panic!("{other:?}"),
            }
        })
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| crossed(1, 2));
        let second = scope.spawn(|| crossed(2, 1));
        let ends = [first.join().unwrap(), second.join().unwrap()];
        let failed = ends.iter().filter(|end| end.is_err()).count();
        assert!(failed >= 1, "one at least is told: {ends:?}");
    });
}

#[test]
fn a_future_that_waits_for_itself_is_told() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let end = pollster::block_on(cache.try_get_or_insert_async(1, async || {
        // Across a suspension, so that it is not the first poll that finds out.
        tokio::task::yield_now().await;
        match cache
            .try_get_or_insert_async(1, async || Ok::<_, ()>(2))
            .await
        {
            Err(LoadError::Recursive) => Err("recursive"),
            other => panic!("{other:?}"),
        }
    }));
    assert!(matches!(end, Err(LoadError::Failed(error)) if *error == "recursive"));
}

#[tokio::test]
async fn a_leader_that_is_dropped_hands_over() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let leader = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_insert_async(1, std::future::pending).await }
    });
    tokio::task::yield_now().await;
    let waiters: Vec<_> = (0..100)
        .map(|number| {
            let cache = cache.clone();
            tokio::spawn(async move { cache.get_or_insert_async(1, async || number).await })
        })
        .collect();
    tokio::task::yield_now().await;
    leader.abort();
    let mut values = Vec::new();
    for waiter in waiters {
        values.push(waiter.await.unwrap());
    }
    assert!(
        values.iter().all(|value| *value == values[0]),
        "one of them loaded for all"
    );
    assert_eq!((cache.info().loads, cache.info().load_failures), (1, 1));
}

#[tokio::test]
async fn a_waiter_that_is_dropped_is_forgotten() {
    let cache = Cache::<u32, u32>::new(10).unwrap();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let leader = tokio::spawn({
        let cache = cache.clone();
        async move {
            cache
                .get_or_insert_async(1, async || {
                    released.await.unwrap();
                    6
                })
                .await
        }
    });
    tokio::task::yield_now().await;
    for _ in 0..1_000 {
        let waiter = cache.get_or_insert_async(1, async || 7);
        assert!(tokio::time::timeout(Duration::ZERO, waiter).await.is_err());
    }
    release.send(()).unwrap();
    assert_eq!(leader.await.unwrap(), 6);
    assert_eq!(cache.get(&1), Some(6));
}

#[test]
fn what_is_invalidated_while_it_loads_is_not_kept() {
    let invalidations: [fn(&Cache<u32, u32>); 2] = [
        |cache| assert_eq!(cache.remove(&1), None),
        |cache| cache.invalidate_all(),
    ];
    for invalidate in invalidations {
        let cache = Cache::new(10).unwrap();
        let value = cache.get_or_insert_with(1, || {
            invalidate(&cache);
            assert_eq!(
                cache.get_or_insert_with(1, || 9),
                9,
                "a new load is not the old one"
            );
            5
        });
        assert_eq!(value, 5, "who asked before gets what was loaded");
        assert_eq!(cache.get(&1), Some(9), "who asks after does not");
    }
}

#[test]
fn changes_of_one_key_are_not_lost() {
    let cache = Cache::new(100).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for step in 0..2_000_u32 {
                    cache
                        .entry(step % 10)
                        .and_upsert_with(|count: Option<u32>| count.unwrap_or(0) + 1);
                }
            });
        }
    });
    let total: u32 = (0..10).map(|key| cache.get(&key).unwrap()).sum();
    assert_eq!(total, 8_000);
}

#[test]
fn a_value_that_is_too_heavy_reaches_those_who_wait() {
    let cache = Cache::builder(1).weigher(|_, _: &u32| 2).build().unwrap();
    let together = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                together.wait();
                let value = cache.get_or_insert_with(1, || {
                    until_waited_for(|| cache.info(), 7);
                    5
                });
                assert_eq!(value, 5);
            });
        }
    });
    assert!(cache.is_empty());
}

type Waits = Pin<Box<dyn Future<Output = u32> + Send>>;

/// A waker that owns a future, as those of simple executors do.
struct Owner(Mutex<Option<Waits>>);

impl Wake for Owner {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().unwrap().take());
    }
}

#[test]
fn a_waker_that_owns_another_waiting_future_is_dropped_without_a_deadlock() {
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || {
        let cache = Cache::new(10).unwrap();
        let waits = || -> Waits {
            let cache = cache.clone();
            Box::pin(async move { cache.get_or_insert_async('a', pending).await })
        };
        let poll = |future: &mut Waits, waker: &Waker| {
            let polled = future.as_mut().poll(&mut Context::from_waker(waker));
            assert!(polled.is_pending());
        };
        let mut leads = waits();
        poll(&mut leads, Waker::noop());
        for is_replaced in [true, false] {
            let (mut first, mut second) = (waits(), waits());
            poll(&mut second, Waker::noop());
            let owner = Waker::from(Arc::new(Owner(Mutex::new(Some(second)))));
            poll(&mut first, &owner);
            drop(owner);
            if is_replaced {
                poll(&mut first, Waker::noop());
            }
            drop(first);
        }
        ended.send(()).unwrap();
    });
    let minute = Duration::from_secs(60);
    end.recv_timeout(minute).expect("no lock was held");
}
