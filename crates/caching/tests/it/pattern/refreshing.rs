//! Values that are loaded anew in the background while the old ones are served.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use tuneup_caching::{Error, Executor, MemoryStore, ReadThrough, Store, Tiered};
use tuneup_measure::Clock;

use super::{Table, cache};

type Job = Box<dyn FnOnce() + Send>;

/// An executor whose jobs a test runs.
fn manual() -> (Executor, Arc<Mutex<Vec<Job>>>) {
    let jobs: Arc<Mutex<Vec<Job>>> = Arc::default();
    let queue = Arc::clone(&jobs);
    (Arc::new(move |job| queue.lock().unwrap().push(job)), jobs)
}

fn run_all(jobs: &Mutex<Vec<Job>>) -> usize {
    let jobs = std::mem::take(&mut *jobs.lock().unwrap());
    let count = jobs.len();
    for job in jobs {
        job();
    }
    count
}

#[test]
fn old_values_are_served_and_refreshed_once_at_a_time() {
    let (clock, mock) = Clock::mock();
    let (executor, jobs) = manual();
    let table = Arc::new(Table::default());
    let set = |value| table.rows.lock().unwrap().insert(7, value);
    set(1);
    let read = ReadThrough::builder(cache(), Arc::clone(&table))
        .refresh_after(Duration::from_secs(10), executor)
        .clock(clock)
        .build()
        .unwrap();
    assert_eq!(read.get(&7).unwrap(), Some(1));
    set(2);
    mock.advance(Duration::from_secs(9));
    assert_eq!(read.get(&7).unwrap(), Some(1));
    assert_eq!(run_all(&jobs), 0);
    mock.advance(Duration::from_secs(2));
    for _ in 0..5 {
        assert_eq!(read.get(&7).unwrap(), Some(1), "old, at once");
    }
    assert_eq!(run_all(&jobs), 1);
    assert_eq!(read.get(&7).unwrap(), Some(2));
    assert_eq!((read.info().loads, read.info().refreshes), (1, 1));

    // A refresh that fails leaves the old value and comes again.
    table.fails.store(true, Ordering::Relaxed);
    mock.advance(Duration::from_secs(11));
    assert_eq!(read.get(&7).unwrap(), Some(2));
    assert_eq!(run_all(&jobs), 1);
    assert_eq!(read.get(&7).unwrap(), Some(2));
    assert_eq!(run_all(&jobs), 0, "not at once");
    table.fails.store(false, Ordering::Relaxed);
    mock.advance(Duration::from_secs(11));
    read.get(&7).unwrap();

    // What is gone from the source goes from the cache.
    table.rows.lock().unwrap().clear();
    assert_eq!(run_all(&jobs), 1);
    assert_eq!(read.get(&7).unwrap(), None);
    assert_eq!(read.info().refresh_failures, 1);

    // A job that outlives the cache does nothing.
    set(3);
    assert_eq!(read.get(&7).unwrap(), Some(3));
    mock.advance(Duration::from_secs(11));
    read.get(&7).unwrap();
    drop(read);
    assert_eq!(run_all(&jobs), 1);
}

#[test]
fn a_refresh_does_not_bring_back_what_was_removed_meanwhile() {
    let (clock, mock) = Clock::mock();
    let (executor, jobs) = manual();
    let between: Arc<Mutex<Option<Job>>> = Arc::default();
    let source = {
        let between = Arc::clone(&between);
        move |_: &u64| {
            let job = between.lock().unwrap().take();
            if let Some(job) = job {
                job();
            }
            Ok::<_, Infallible>(Some(1_u64))
        }
    };
    let read = ReadThrough::builder(cache(), source)
        .refresh_after(Duration::from_secs(10), executor)
        .clock(clock)
        .build()
        .unwrap();
    read.get(&7).unwrap();
    mock.advance(Duration::from_secs(11));
    read.get(&7).unwrap();
    let other = read.clone();
    *between.lock().unwrap() = Some(Box::new(move || other.remove(&7).unwrap()));
    assert_eq!(run_all(&jobs), 1);
    assert!(read.tier().is_empty());
}

/// A store that lets something happen before it takes a value.
struct Interrupted {
    store: MemoryStore,
    before_set: Arc<Mutex<Option<Job>>>,
}

impl Store for Interrupted {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.store.get(key)
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        let job = self.before_set.lock().unwrap().take();
        if let Some(job) = job {
            job();
        }
        self.store.set(key, value, ttl)
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        self.store.compare_and_set(key, expected, value, ttl)
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        self.store.remove(key)
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        self.store.compare_and_remove(key, expected)
    }

    fn clear(&self) -> Result<(), Error> {
        self.store.clear()
    }
}

#[test]
fn a_refresh_that_is_overtaken_while_it_stores_leaves_nothing() {
    let (clock, mock) = Clock::mock();
    let (executor, jobs) = manual();
    let before_set: Arc<Mutex<Option<Job>>> = Arc::default();
    let store = Interrupted {
        store: MemoryStore::new(100).unwrap(),
        before_set: Arc::clone(&before_set),
    };
    let tier = Tiered::builder(cache(), store).build().unwrap();
    let read = ReadThrough::builder(tier, |_: &u64| Ok::<_, Infallible>(Some(1_u64)))
        .refresh_after(Duration::from_secs(10), executor)
        .clock(clock)
        .build()
        .unwrap();
    read.get(&7).unwrap();
    mock.advance(Duration::from_secs(11));
    read.get(&7).unwrap();
    let other = read.clone();
    *before_set.lock().unwrap() = Some(Box::new(move || other.remove(&7).unwrap()));
    assert_eq!(run_all(&jobs), 1);
    assert_eq!(read.tier().get(&7), None);
}

#[test]
fn to_refresh_at_once_is_refused() {
    let source = |_: &u64| Ok::<_, Infallible>(Some(1_u64));
    let read = ReadThrough::builder(cache(), source).refresh_after(Duration::ZERO, manual().0);
    assert!(read.build().is_err());
}
