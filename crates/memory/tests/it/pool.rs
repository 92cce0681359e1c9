//! The pool: its accounts against a naive one, and threads that take from it at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use proptest::prelude::*;
use tuneup_memory::{Error, Pool, Pooled};

mod panics;

/// How many objects were made and dropped.
#[derive(Debug, Default)]
struct Census {
    created: AtomicU64,
    dropped: AtomicU64,
}

/// An object that is counted, and that notices a second user.
struct Citizen {
    census: Arc<Census>,
    in_use: AtomicBool,
    number: u64,
}

impl Citizen {
    fn new(census: &Arc<Census>) -> Self {
        Self {
            census: Arc::clone(census),
            in_use: AtomicBool::new(false),
            number: census.created.fetch_add(1, SeqCst),
        }
    }

    fn work(&self) {
        assert!(!self.in_use.swap(true, SeqCst), "two users at once");
        thread::yield_now();
        self.in_use.store(false, SeqCst);
    }
}

impl Drop for Citizen {
    fn drop(&mut self) {
        assert!(!self.in_use.load(SeqCst));
        self.census.dropped.fetch_add(1, SeqCst);
    }
}

impl Census {
    fn counts(&self) -> (u64, u64) {
        (self.created.load(SeqCst), self.dropped.load(SeqCst))
    }
}

fn citizens(capacity: usize) -> (Arc<Pool<Citizen>>, Arc<Census>) {
    let census = Arc::new(Census::default());
    let register = Arc::clone(&census);
    let pool = Pool::builder(capacity).build(move || Citizen::new(&register));
    (Arc::new(pool.unwrap()), census)
}

#[derive(Debug, Clone)]
enum Step {
    Get,
    GiveBack(usize),
    Detach(usize),
    Spoil(usize),
    Trim(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Get),
        3 => (0usize..100).prop_map(Step::GiveBack),
        1 => (0usize..100).prop_map(Step::Detach),
        1 => (0usize..100).prop_map(Step::Spoil),
        1 => (0usize..6).prop_map(Step::Trim),
    ]
}

/// A pool as one would write it first: a stack of idle objects, and counts. An object is its number and whether it is spoilt.
#[derive(Default)]
struct Naive {
    capacity: usize,
    idle: Vec<(u64, bool)>,
    out: usize,
    created: u64,
    reused: u64,
    misses: u64,
    discarded: u64,
    detached: u64,
}

impl Naive {
    /// `number` is what the pool under test gave: which of the idle ones it takes is its own business.
    fn get(&mut self, number: Option<u64>) {
        let found = self.idle.iter().position(|idle| Some(idle.0) == number);
        match found {
            Some(at) => {
                let (_, spoilt) = self.idle.remove(at);
                assert!(!spoilt);
                self.reused += 1;
            }
            // One that was spoilt went, and the new one has its place.
            None if !self.idle.is_empty() => {
                let spoilt = self.idle.iter().position(|idle| idle.1);
                self.idle
                    .remove(spoilt.expect("an idle object is used again"));
                self.discarded += 1;
                self.created += 1;
            }
            None => {
                self.misses += 1;
                assert_eq!(number.is_some(), self.out < self.capacity);
                self.created += u64::from(number.is_some());
            }
        }
        self.out += usize::from(number.is_some());
    }
}

proptest! {
    #[test]
    fn keeps_the_accounts_of_a_naive_pool(
        capacity in prop_oneof![1usize..5, 60usize..140],
        burst in 0usize..150,
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let census = Arc::new(Census::default());
        let register = Arc::clone(&census);
        let pool = Pool::builder(capacity)
            .check(|object: &mut (Citizen, bool)| !object.1)
            .build(move || (Citizen::new(&register), false))
            .unwrap();
        let mut naive = Naive { capacity, ..Naive::default() };
        let mut out: Vec<Pooled<'_, (Citizen, bool)>> = Vec::new();
        for step in std::iter::repeat_n(Step::Get, burst).chain(steps) {
            let pick = |at: usize, out: &Vec<_>| (!out.is_empty()).then(|| at % out.len());
            match step {
                Step::Get => {
                    let got = pool.try_get().ok();
                    naive.get(got.as_ref().map(|object| object.0.number));
                    out.extend(got);
                }
                Step::GiveBack(at) => if let Some(at) = pick(at, &out) {
                    let object = out.swap_remove(at);
                    naive.idle.push((object.0.number, object.1));
                    naive.out -= 1;
                },
                Step::Detach(at) => if let Some(at) = pick(at, &out) {
                    drop(out.swap_remove(at).detach());
                    naive.out -= 1;
                    naive.detached += 1;
                },
                Step::Spoil(at) => if let Some(at) = pick(at, &out) {
                    out[at].1 = true;
                },
                Step::Trim(max_idle) => {
                    let dropped = pool.trim_to(max_idle);
                    prop_assert_eq!(dropped, naive.idle.len().saturating_sub(max_idle));
                    naive.discarded += dropped as u64;
                    // Which ones went shows in nothing else: take all that are left.
                    let left: Vec<_> = (0..naive.idle.len() - dropped).map(|_| pool.try_get()).collect();
                    prop_assert!(left.iter().all(Result::is_ok));
                    let before = pool.stats();
                    prop_assert_eq!(before.idle, 0);
                    let spoilt_gone = before.discarded - naive.discarded;
                    naive.discarded += spoilt_gone;
                    naive.created += spoilt_gone;
                    naive.reused += left.len() as u64 - spoilt_gone;
                    naive.idle = left.iter().flatten().map(|object| (object.0.number, object.1)).collect();
                }
            }
            let stats = pool.stats();
            prop_assert_eq!((stats.idle, stats.in_use), (naive.idle.len(), naive.out));
            prop_assert_eq!((stats.created, stats.reused), (naive.created, naive.reused));
            prop_assert_eq!((stats.misses, stats.discarded), (naive.misses, naive.discarded));
            prop_assert_eq!(stats.detached, naive.detached);
            let alive = census.counts().0 - census.counts().1;
            prop_assert_eq!(alive, (stats.idle + stats.in_use) as u64);
        }
        drop(out);
        drop(pool);
        let (created, dropped) = census.counts();
        prop_assert_eq!(created, dropped);
    }
}

/// Threads that do all there is to do, and panic now and then.
fn bustle(pool: &Arc<Pool<Citizen>>, thread: u64) {
    for round in 0..3_000 {
        match (round * 7 + thread) % 23 {
            0 => {
                let panicked = catch_unwind(AssertUnwindSafe(|| {
                    let _object = pool.get();
                    // Not `panic!`: the hook would write a line for each.
                    std::panic::resume_unwind(Box::new(()));
                }));
                assert!(panicked.is_err());
            }
            1 => drop(pool.get().unwrap().detach()),
            2 | 3 => {
                if let Ok(object) = pool.get_timeout(Duration::from_micros(round % 50)) {
                    object.work();
                }
            }
            4 | 5 => {
                if let Ok(object) = pool.try_get() {
                    object.work();
                }
            }
            6 => pool.get_owned().unwrap().work(),
            7 => {
                let object = pool.get_owned().unwrap();
                thread::spawn(move || object.work()).join().unwrap();
            }
            8 if round % 100 == 0 => drop(pool.trim_to(0)),
            _ => pool.get().unwrap().work(),
        }
    }
}

#[test]
fn objects_have_one_user_and_one_end_whatever_threads_do() {
    for capacity in [1, 2, 3, 70] {
        let (pool, census) = citizens(capacity);
        thread::scope(|scope| {
            for thread in 0..5 {
                let pool = &pool;
                scope.spawn(move || bustle(pool, thread));
            }
        });
        let stats = pool.stats();
        assert_eq!((stats.in_use, stats.waiting), (0, 0));
        assert!(stats.idle <= capacity);
        let (created, dropped) = census.counts();
        assert_eq!(created, stats.created);
        assert_eq!(dropped, stats.discarded + stats.detached);
        assert_eq!(created - dropped, stats.idle as u64);
        drop(pool);
        assert_eq!(census.counts(), (created, created));
    }
}

/// Without handing over, the busy thread may have the object again whenever the other one wakes up.
#[test]
fn a_busy_thread_starves_nobody() {
    let (pool, _) = citizens(1);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            (0..50).for_each(|_| pool.get().unwrap().work());
            done.store(true, SeqCst);
        });
        while !done.load(SeqCst) {
            drop(pool.get());
        }
    });
    assert_eq!(pool.stats().created, 1);
}

#[test]
fn a_wait_ends_at_its_time_or_when_an_object_comes() {
    let (pool, _) = citizens(1);
    let only = pool.get().unwrap();
    let timeout = Duration::from_millis(5);
    match pool.get_timeout(timeout) {
        Err(Error::PoolTimedOut { capacity, waited }) => {
            assert!(capacity == 1 && waited >= timeout);
        }
        other => panic!("{:?}", other.err()),
    }
    assert_eq!(pool.stats().timeouts, 1);
    thread::scope(|scope| {
        // `MAX` is later than any clock can show.
        let patient = [Duration::from_secs(3_600), Duration::MAX];
        let pool = &pool;
        let wait = |timeout| scope.spawn(move || pool.get_timeout(timeout).is_ok());
        let waiters = patient.map(wait);
        while pool.stats().waiting < 2 {
            thread::yield_now();
        }
        drop(only);
        assert!(waiters.into_iter().all(|waiter| waiter.join().unwrap()));
    });
    assert_eq!(pool.stats().waiting, 0);
    assert_eq!(pool.stats().misses, 4);
}

#[test]
fn the_functions_of_a_pool_may_use_it() {
    let pool: Arc<Pool<u64>> = Arc::new_cyclic(|this: &std::sync::Weak<Pool<u64>>| {
        let this = this.clone();
        Pool::builder(3)
            .build(move || {
                let this = this.upgrade().unwrap();
                let out = this.stats().in_use as u64;
                if out < 3 {
                    out + *this.get().unwrap()
                } else {
                    out
                }
            })
            .unwrap()
    });
    assert_eq!(*pool.get().unwrap(), 6);
    assert_eq!(pool.stats().created, 3);
}

#[test]
fn an_owned_guard_outlives_all_other_owners() {
    let (pool, census) = citizens(4);
    let object = pool.get_owned().unwrap();
    drop(pool);
    assert_eq!(census.counts(), (1, 0));
    object.work();
    let detached = object.detach();
    assert_eq!(census.counts(), (1, 0));
    drop(detached);
    assert_eq!(census.counts(), (1, 1));
}

#[test]
fn a_leaked_guard_costs_its_place_alone() {
    let (pool, _) = citizens(2);
    std::mem::ManuallyDrop::new(pool.get().unwrap()).work();
    let other = pool.get().unwrap();
    assert!(pool.try_get().is_err());
    drop(other);
    assert!(pool.try_get().is_ok());
    assert_eq!(pool.stats().in_use, 1);
}

#[test]
fn capacities_have_their_bounds() {
    for capacity in [0, (1 << 16) + 1, usize::MAX] {
        let error = Pool::builder(capacity).build(|| ()).unwrap_err();
        assert!(matches!(
            error,
            Error::OutOfRange {
                option: "capacity",
                ..
            }
        ));
    }
    let pool = Pool::builder(1 << 16).build(|| ()).unwrap();
    assert_eq!(pool.capacity(), 1 << 16);
    drop(pool.get());
}

/// What the compiler decides: who may be sent where.
#[test]
fn objects_that_may_be_sent_make_pools_that_may_be_shared() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    type NotSync = std::cell::Cell<u8>;
    is_send::<Pool<NotSync>>();
    is_sync::<Pool<NotSync>>();
    is_send::<Pooled<'_, NotSync>>();
    is_sync::<Pooled<'_, u8>>();
}
