//! Several processes on one server; a handle with connections of its own is as good as a process.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tuneup_caching::{Cache, Error, RedisStore, Store, Tiered, TieredBuilder};

use super::server::{Server, wait_until};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HALF_MINUTE: Duration = Duration::from_secs(30);

pub(crate) type Numbers = Tiered<u64, u64, RedisStore>;

fn builder(server: &Server) -> TieredBuilder<u64, u64, RedisStore> {
    let store = server.store("space").build().unwrap();
    Tiered::builder(Cache::new(1000).unwrap(), store)
}

pub(crate) fn leasing(server: &Server, time: Duration, wait: Duration) -> Numbers {
    builder(server).lease(time, wait).build().unwrap()
}

/// Whether of so many callers in two processes all wait but the one who loads: in each process for its first caller, and
/// one of these two, who has found no value in the store, for the lease of the other.
pub(crate) fn all_others_wait(handles: &[Numbers; 2], callers: u64) -> bool {
    let infos = handles.each_ref().map(Tiered::info);
    let waits: u64 = infos.iter().map(|info| info.memory.waits).sum();
    waits + 2 == callers && infos.iter().all(|info| info.store_misses == 1)
}

/// Never comes back from a load: its lease stays, as that of a process that died.
fn die_while_loading(numbers: Numbers, key: u64) {
    let (begun, begins) = mpsc::channel();
    thread::spawn(move || {
        numbers.get_or_load(key, || -> Result<u64, Error> {
            begun.send(()).unwrap();
            loop {
                thread::park();
            }
        })
    });
    begins.recv().unwrap();
}

/// One that hears the others already.
fn listening(server: &Server) -> Numbers {
    let store = server.store("space").build().unwrap();
    let numbers = Tiered::builder(Cache::new(1000).unwrap(), store.clone())
        .channel(store)
        .build()
        .unwrap();
    wait_until("it listens", || numbers.info().listening);
    numbers
}

#[test]
fn a_change_in_one_process_is_seen_in_the_others() {
    let Some(server) = Server::start("a_change_in_one_process_is_seen_in_the_others") else {
        return;
    };
    let here = listening(&server);
    here.insert(1, 10).unwrap();
    here.insert(2, 20).unwrap();
    // Begins to listen only now: late news of these two would take them out again.
    let there = listening(&server);
    assert_eq!((there.get(&1), there.get(&2)), (Some(10), Some(20)));
    assert!(there.cache().contains_key(&1));

    here.insert(1, 11).unwrap();
    wait_until("the change is seen", || there.get(&1) == Some(11));
    assert_eq!(here.cache().get(&1), Some(11), "own news are not heard");
    assert_eq!(here.info().invalidations, 0);
    assert!(there.cache().contains_key(&2), "one key is one key");

    there.remove(&2).unwrap();
    wait_until("the removal is seen", || here.get(&2).is_none());

    there.cache().insert_tagged(3, 30, &["tag"]);
    there.cache().insert(4, 40);
    here.invalidate_tag("tag").unwrap();
    wait_until("the tag is seen", || !there.cache().contains_key(&3));
    assert!(there.cache().contains_key(&4));

    here.clear().unwrap();
    wait_until("the clearing is seen", || there.cache().is_empty());
    server.command(&[b"PUBLISH", b"space::invalidations", b"nonsense"]);
}

#[test]
fn memory_serves_while_the_channel_is_lost_and_is_cleared_when_it_is_back() {
    let Some(mut server) =
        Server::start("memory_serves_while_the_channel_is_lost_and_is_cleared_when_it_is_back")
    else {
        return;
    };
    let numbers = listening(&server);
    numbers.insert(1, 10).unwrap();
    server.kill();
    wait_until("the loss is noticed", || !numbers.info().listening);
    assert_eq!(numbers.get(&1), Some(10));
    server.run();
    wait_until("it listens again", || numbers.info().listening);
    assert_eq!(numbers.get(&1), None);
    assert_eq!(numbers.info().channel_losses, 1);
}

#[test]
fn a_hanging_server_is_noticed_by_who_listens() {
    let Some(server) = Server::start("a_hanging_server_is_noticed_by_who_listens") else {
        return;
    };
    let numbers = listening(&server);
    server.stop();
    wait_until("the silence is noticed", || !numbers.info().listening);
    server.go_on();
    wait_until("it listens again", || numbers.info().listening);
}

#[test]
fn a_stampede_of_two_processes_is_one_load() {
    let Some(server) = Server::start("a_stampede_of_two_processes_is_one_load") else {
        return;
    };
    let handles = [(); 2].map(|()| leasing(&server, MINUTE, HALF_MINUTE));
    let loads = AtomicU32::new(0);
    let together = Barrier::new(16);
    thread::scope(|scope| {
        for number in 0..16 {
            let (handles, loads, together) = (&handles, &loads, &together);
            scope.spawn(move || {
                together.wait();
                let value = handles[number % 2].get_or_load(7, || {
                    loads.fetch_add(1, Ordering::Relaxed);
                    wait_until("all others wait", || all_others_wait(handles, 16));
                    Ok::<_, Error>(70)
                });
                assert_eq!(value.ok(), Some(70));
            });
        }
    });
    assert_eq!(loads.into_inner(), 1);
    let infos = handles.each_ref().map(Tiered::info);
    assert_eq!(infos.iter().map(|info| info.leases_taken).sum::<u64>(), 1);
    assert_eq!(infos.iter().map(|info| info.leases_waited).sum::<u64>(), 1);
}

#[test]
fn a_load_that_fails_lets_the_next_one_try() {
    let Some(server) = Server::start("a_load_that_fails_lets_the_next_one_try") else {
        return;
    };
    let [here, there] = [(); 2].map(|()| leasing(&server, MINUTE, HALF_MINUTE));
    assert!(here.get_or_load(1, || Err::<u64, _>("failed")).is_err());
    assert_eq!(there.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
    assert_eq!(there.info().leases_taken, 1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        here.get_or_load(2, || -> Result<u64, Error> { panic!("dies") })
    }));
    assert!(panicked.is_err());
    assert_eq!(there.get_or_load(2, || Ok::<_, Error>(20)).ok(), Some(20));
    assert_eq!(there.info().leases_taken, 2);
}

#[test]
fn a_process_that_dies_while_it_loads_holds_the_others_up_briefly() {
    let Some(server) =
        Server::start("a_process_that_dies_while_it_loads_holds_the_others_up_briefly")
    else {
        return;
    };
    die_while_loading(leasing(&server, MINUTE, Duration::ZERO), 1);

    let waits = leasing(&server, MINUTE, Duration::from_millis(50));
    assert_eq!(waits.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
    assert_eq!(waits.info().leases_timed_out, 1);
    assert_eq!(waits.get(&1), Some(10), "it has it in memory");

    let other = builder(&server).build().unwrap();
    assert_eq!(other.get(&1), None, "and not in the store");
}

#[test]
fn an_expired_lease_is_taken_over() {
    let Some(server) = Server::start("an_expired_lease_is_taken_over") else {
        return;
    };
    let brief = Duration::from_millis(100);
    die_while_loading(leasing(&server, brief, Duration::ZERO), 1);
    let waits = leasing(&server, MINUTE, HALF_MINUTE);
    assert_eq!(waits.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
    assert_eq!(waits.info().leases_taken, 1);
    assert_eq!(builder(&server).build().unwrap().get(&1), Some(10));
}

#[test]
fn a_load_that_began_before_a_change_does_not_overwrite_it() {
    let Some(server) = Server::start("a_load_that_began_before_a_change_does_not_overwrite_it")
    else {
        return;
    };
    let [loads, changes] = [(); 2].map(|()| listening(&server));
    let value = loads.get_or_load(1, || {
        changes.insert(1, 11).unwrap();
        changes.remove(&2).unwrap();
        wait_until("the news arrive", || loads.info().invalidations >= 2);
        Ok::<_, Error>(10)
    });
    assert_eq!(value.ok(), Some(10), "who asked before the change");
    assert_eq!(loads.info().leases_lost, 1);
    assert_eq!(loads.get(&1), Some(11));
    assert_eq!(changes.get(&1), Some(11));

    // The same for a removal.
    let value = loads.get_or_load(2, || {
        changes.remove(&2).unwrap();
        wait_until("the news arrive", || loads.info().invalidations >= 3);
        Ok::<_, Error>(20)
    });
    assert_eq!(value.ok(), Some(20));
    assert_eq!(loads.get(&2), None);
    assert_eq!(Store::get(loads.store(), &[2]).unwrap(), None);
}

/// Writers and readers of one key in two processes: when all is quiet, everybody sees the same.
#[test]
fn in_the_end_all_see_the_same() {
    let Some(server) = Server::start("in_the_end_all_see_the_same") else {
        return;
    };
    let handles = [(); 2].map(|()| listening(&server));
    for round in 0..50_u64 {
        thread::scope(|scope| {
            for (number, numbers) in handles.iter().enumerate() {
                scope.spawn(move || numbers.insert(1, round * 10 + number as u64).unwrap());
                scope.spawn(move || numbers.get(&1));
            }
        });
        wait_until("all see the same", || {
            let [here, there] = handles.each_ref().map(|numbers| numbers.get(&1));
            here.is_some() && here == there
        });
    }
}
