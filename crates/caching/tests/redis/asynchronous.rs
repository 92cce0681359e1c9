//! Futures, on tokio.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tuneup_caching::{AsyncStore, Cache, Error, Tiered};

use super::{
    server::{Server, wait_until},
    sharing::{HALF_MINUTE, MINUTE, all_others_wait, leasing},
};

#[tokio::test]
async fn does_what_a_store_does() {
    let Some(server) = Server::start("asynchronous::does_what_a_store_does") else {
        return;
    };
    let store = server.store("space").build().unwrap();
    let store: &dyn AsyncStore = &store;
    assert_eq!(store.get(b"k").await.unwrap(), None);
    store
        .set(b"k", b"1", Some(Duration::from_secs(60)))
        .await
        .unwrap();
    assert_eq!(store.get(b"k").await.unwrap().as_deref(), Some(&b"1"[..]));
    assert!(!store.compare_and_set(b"k", None, b"2", None).await.unwrap());
    assert!(
        store
            .compare_and_set(b"k", Some(b"1"), b"2", None)
            .await
            .unwrap()
    );
    assert!(!store.compare_and_remove(b"k", b"1").await.unwrap());
    assert!(store.compare_and_remove(b"k", b"2").await.unwrap());
    assert!(!store.remove(b"k").await.unwrap());
    for key in 0..2000_u32 {
        store.set(&key.to_le_bytes(), b"value", None).await.unwrap();
    }
    store.clear().await.unwrap();
    assert_eq!(server.command(&[b"DBSIZE"]), ":0\r\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stampede_of_futures_is_one_load() {
    let Some(server) = Server::start("a_stampede_of_futures_is_one_load") else {
        return;
    };
    let handles = [(); 2].map(|()| leasing(&server, MINUTE, HALF_MINUTE));
    let loads = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let (handles, loads) = (handles.clone(), Arc::clone(&loads));
            tokio::spawn(async move {
                let others_wait = async {
                    while !all_others_wait(&handles, 100) {
                        tokio::task::yield_now().await;
                    }
                };
                handles[number % 2]
                    .get_or_load_async(7, || async {
                        loads.fetch_add(1, Ordering::Relaxed);
                        tokio::time::timeout(HALF_MINUTE, others_wait)
                            .await
                            .expect("all others wait");
                        Ok::<_, Error>(70)
                    })
                    .await
                    .ok()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Some(70));
    }
    assert_eq!(loads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_load_that_is_dropped_lets_the_next_one_try() {
    let Some(server) = Server::start("a_load_that_is_dropped_lets_the_next_one_try") else {
        return;
    };
    let [here, there] = [(); 2].map(|()| leasing(&server, MINUTE, HALF_MINUTE));
    let has_begun = async {
        while here.info().loads == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = here.get_or_load_async(1, pending::<Result<u64, Error>>) => unreachable!("it never ends"),
        () = has_begun => {}
    }
    let loaded = there
        .get_or_load_async(1, || async { Ok::<_, Error>(10) })
        .await;
    assert_eq!(loaded.ok(), Some(10));
    let info = there.info();
    assert_eq!((info.leases_taken, info.leases_timed_out), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_published_and_both_worlds_meet() {
    let Some(server) = Server::start("changes_are_published_and_both_worlds_meet") else {
        return;
    };
    let [here, there] = [(); 2].map(|()| {
        let store = server.store("space").build().unwrap();
        Tiered::builder(Cache::<u64, u64>::new(100).unwrap(), store.clone())
            .channel(store)
            .build()
            .unwrap()
    });
    wait_until("both listen", || {
        here.info().listening && there.info().listening
    });
    here.insert_async(1, 10).await.unwrap();
    assert_eq!(there.get(&1), Some(10), "blocking");
    there.insert(1, 11).unwrap();
    wait_until("the change is seen", || !here.cache().contains_key(&1));
    assert_eq!(here.get_async(&1).await, Some(11));
    here.remove_async(&1).await.unwrap();
    wait_until("the removal is seen", || !there.cache().contains_key(&1));
    there.cache().insert_tagged(2, 20, &["tag"]);
    here.invalidate_tag_async("tag").await.unwrap();
    wait_until("the tag is seen", || !there.cache().contains_key(&2));
    here.clear_async().await.unwrap();
}

#[tokio::test]
async fn an_outage_is_counted_and_ends() {
    let Some(mut server) = Server::start("an_outage_is_counted_and_ends") else {
        return;
    };
    let store = server.store("space").build().unwrap();
    let numbers = Tiered::builder(Cache::<u64, u64>::new(100).unwrap(), store)
        .build()
        .unwrap();
    numbers.insert_async(1, 10).await.unwrap();
    server.kill();
    assert_eq!(numbers.get_async(&1).await, Some(10));
    let loaded = numbers
        .get_or_load_async(2, || async { Ok::<_, Error>(20) })
        .await;
    assert_eq!(loaded.ok(), Some(20));
    assert!(numbers.info().store_failures > 0);
    server.run();
    let found = AsyncStore::get(numbers.store(), b"anything").await;
    assert_eq!(found.unwrap(), None, "it has a new connection");
}

#[test]
fn a_connection_does_not_outlive_its_runtime_and_none_is_an_error() {
    let Some(server) =
        Server::start("a_connection_does_not_outlive_its_runtime_and_none_is_an_error")
    else {
        return;
    };
    let store = server.store("space").build().unwrap();
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            AsyncStore::set(&store, b"key", b"value", None)
                .await
                .unwrap();
        });
    }
    let error = pollster::block_on(AsyncStore::get(&store, b"key")).unwrap_err();
    assert!(matches!(error, Error::Store { .. }), "{error}");
}

#[tokio::test]
async fn many_that_wait_for_a_dead_server_wait_together() {
    // It accepts, because the kernel does, and nobody answers.
    let Some(server) = Server::start("many_that_wait_for_a_dead_server_wait_together") else {
        return;
    };
    let store = server
        .store("space")
        .connect_timeout(Duration::from_millis(300))
        .command_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    server.stop();
    let store = Arc::new(store);
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { AsyncStore::get(&*store, b"key").await.is_err() })
        })
        .collect();
    // One after the other they would need a minute.
    let all = async {
        for task in tasks {
            assert!(task.await.unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all)
        .await
        .expect("they wait together");
    server.go_on();
}
