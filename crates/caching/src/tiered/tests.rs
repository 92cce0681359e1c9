//! A tiered cache on stores that fail, and its parts.

mod changes;
mod leases;
mod times;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use tuneup_measure::Clock;

use super::{Tiered, TieredBuilder};
use crate::{
    Cache, ChannelEvent, CircuitBreaker, Codec, Error, Invalidation, InvalidationChannel,
    LoadError, MemoryStore, OffloadedStore, PostcardCodec, Store, Subscription,
};

fn builder<S: Store>(store: S) -> TieredBuilder<u64, u64, S> {
    Tiered::builder(Cache::new(100).unwrap(), store)
}

fn memory() -> MemoryStore {
    MemoryStore::new(1000).unwrap()
}

type Job = Box<dyn FnOnce() + Send>;

/// Calls to a store that are made when a test says so.
#[derive(Clone, Default)]
struct Jobs(Arc<Mutex<Vec<Job>>>);

impl Jobs {
    fn of_calls(&self, store: MemoryStore) -> OffloadedStore<MemoryStore> {
        let queue = Arc::clone(&self.0);
        OffloadedStore::new(store, Arc::new(move |job| queue.lock().unwrap().push(job)))
    }

    fn run(&self) {
        let queued = std::mem::take(&mut *self.0.lock().unwrap());
        queued.into_iter().for_each(|job| job());
    }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A store that fails when told to.
#[derive(Clone)]
struct Failing {
    store: MemoryStore,
    fails: Arc<AtomicBool>,
    calls: Arc<AtomicU32>,
}

impl Failing {
    fn new() -> Self {
        Self {
            store: memory(),
            fails: Arc::default(),
            calls: Arc::default(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) {
            return Err(Error::StoreTimedOut {
                store: "failing store",
                operation: "answer",
                timeout: Duration::from_millis(1),
            });
        }
        Ok(())
    }
}

impl Store for Failing {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.check()?;
        self.store.get(key)
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        self.check()?;
        self.store.set(key, value, ttl)
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        self.check()?;
        self.store.compare_and_set(key, expected, value, ttl)
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        self.check()?;
        self.store.remove(key)
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        self.check()?;
        self.store.compare_and_remove(key, expected)
    }

    fn clear(&self) -> Result<(), Error> {
        self.check()?;
        self.store.clear()
    }
}

#[test]
fn a_failing_store_is_counted_and_soon_left_alone() {
    let store = Failing::new();
    let (clock, mock) = Clock::mock();
    let breaker = CircuitBreaker::builder()
        .failures(2)
        .clock(clock)
        .build()
        .unwrap();
    let tiered = builder(store.clone())
        .circuit_breaker(breaker)
        .build()
        .unwrap();
    tiered.insert(1, 10).unwrap();
    store.fails.store(true, Ordering::Relaxed);
    assert!(tiered.insert(1, 11).is_err());
    assert_eq!(tiered.get(&1), Some(11));
    assert!(tiered.remove(&1).is_err());
    assert!(!tiered.cache().contains_key(&1));
    let calls = store.calls.load(Ordering::Relaxed);
    for key in 0..50 {
        assert_eq!(
            tiered.get_or_load(key, || Ok::<_, Error>(key)).ok(),
            Some(key)
        );
    }
    assert_eq!(store.calls.load(Ordering::Relaxed), calls);
    let info = tiered.info();
    assert_eq!((info.store_failures, info.store_refused), (2, 50));
    assert_eq!(info.circuit.opens, 1);

    store.fails.store(false, Ordering::Relaxed);
    mock.advance(Duration::from_secs(1));
    tiered.clear().unwrap();
    assert!(store.store.is_empty());
}

#[test]
fn errors_of_loaders_are_shared_and_not_kept() {
    let tiered = builder(memory()).build().unwrap();
    let error = tiered.get_or_load(1, || Err::<u64, _>("down")).unwrap_err();
    assert!(matches!(error, LoadError::Failed(error) if *error == "down"));
    assert!(tiered.store().is_empty(), "the lease is given back");
    assert_eq!(tiered.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
    let info = tiered.info();
    assert_eq!((info.loads, info.load_failures), (2, 1));
}

#[test]
fn without_leases_loads_go_into_the_store_too() {
    let store = memory();
    let tiered = builder(store.clone()).without_lease().build().unwrap();
    store.set(&[1], b"nonsense", None).unwrap();
    assert_eq!(tiered.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
    assert_eq!(builder(store).build().unwrap().get(&1), Some(10));
    assert_eq!(tiered.info().foreign, 1);
}

/// Whose keys and values have no bytes.
struct Wordless;

impl Codec<u64> for Wordless {
    fn encode(&self, _: &u64) -> Result<Vec<u8>, Error> {
        Err(Error::Encode {
            type_name: "u64",
            source: "wordless".into(),
        })
    }

    fn decode(&self, _: &[u8]) -> Result<u64, Error> {
        unreachable!("nothing was encoded")
    }
}

#[test]
fn what_has_no_bytes_stays_in_memory() {
    let cache = || Cache::<u64, u64>::new(10).unwrap();
    let keyless = Tiered::builder_with_codecs(cache(), memory(), Wordless, PostcardCodec)
        .build()
        .unwrap();
    let valueless = Tiered::builder_with_codecs(cache(), memory(), PostcardCodec, Wordless)
        .build()
        .unwrap();
    for tiered in [keyless, valueless] {
        assert!(matches!(tiered.insert(1, 10), Err(Error::Encode { .. })));
        assert_eq!(tiered.get(&1), Some(10));
        assert_eq!(tiered.get_or_load(2, || Ok::<_, Error>(20)).ok(), Some(20));
        assert_eq!(tiered.get(&3), None);
        assert!(tiered.info().unencodable > 0);
        assert!(tiered.store().is_empty());
    }
}

#[test]
fn futures_on_an_offloaded_store_do_the_same() {
    let store = memory();
    let offloaded = OffloadedStore::new(
        store.clone(),
        Arc::new(|job| {
            thread::spawn(job);
        }),
    );
    let tiered = Tiered::<u64, u64, _>::builder(Cache::new(100).unwrap(), offloaded)
        .build()
        .unwrap();
    pollster::block_on(async {
        assert_eq!(tiered.get_async(&1).await, None);
        let loaded = tiered
            .get_or_load_async(1, || async { Ok::<_, Error>(10) })
            .await;
        assert_eq!(loaded.ok(), Some(10));
        tiered.insert_async(2, 20).await.unwrap();
        tiered.cache().invalidate_all();
        assert_eq!(tiered.get_async(&2).await, Some(20));
        tiered.remove_async(&2).await.unwrap();
        assert_eq!(tiered.get_async(&2).await, None);
        tiered.clear_async().await.unwrap();
    });
    assert!(store.is_empty());
}

type Listener = Box<dyn Fn(ChannelEvent) + Send + Sync>;

/// A channel whose events a test makes.
#[derive(Clone, Default)]
struct Scripted {
    listener: Arc<Mutex<Option<Listener>>>,
    published: Arc<Mutex<Vec<Invalidation>>>,
}

impl Scripted {
    fn say(&self, event: ChannelEvent) {
        self.listener.lock().unwrap().as_ref().unwrap()(event);
    }
}

impl InvalidationChannel for Scripted {
    fn publish(&self, news: &Invalidation) -> Result<(), Error> {
        self.published.lock().unwrap().push(news.clone());
        Ok(())
    }

    fn subscribe(
        &self,
        listener: Box<dyn Fn(ChannelEvent) + Send + Sync>,
    ) -> Result<Subscription, Error> {
        *self.listener.lock().unwrap() = Some(listener);
        Ok(Subscription::new().0)
    }
}

#[test]
fn news_reach_the_memory_tier_and_changes_are_published() {
    let channel = Scripted::default();
    let tiered = builder(memory()).channel(channel.clone()).build().unwrap();
    tiered.cache().insert(1, 10);
    channel.say(ChannelEvent::Connected);
    assert!(tiered.cache().is_empty(), "it may have missed something");
    for key in 1..=3 {
        tiered.insert(key, key).unwrap();
    }
    channel.say(ChannelEvent::Invalidate(Invalidation::Key(vec![1])));
    assert!(!tiered.cache().contains_key(&1));
    assert!(tiered.cache().contains_key(&2));
    channel.say(ChannelEvent::Lost);
    assert!(tiered.cache().contains_key(&2), "memory goes on to serve");
    // No key of this type: a later version's.
    channel.say(ChannelEvent::Invalidate(Invalidation::Key(vec![1, 2, 3])));
    assert!(tiered.cache().is_empty());
    tiered.remove(&1).unwrap();
    tiered.invalidate_tag("tag").unwrap();
    tiered.clear().unwrap();
    assert_eq!(
        channel.published.lock().unwrap()[3..],
        [
            Invalidation::Key(vec![1]),
            Invalidation::Tag("tag".to_owned()),
            Invalidation::All
        ]
    );
    let info = tiered.info();
    assert_eq!((info.invalidations, info.channel_losses), (2, 1));
    drop(tiered);
    channel.say(ChannelEvent::Connected);
}

/// A store that lets something happen between its answer and the caller's use of it.
struct Meanwhile<F>(MemoryStore, F);

impl<F: Fn() + Send + Sync> Store for Meanwhile<F> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let answer = self.0.get(key);
        (self.1)();
        answer
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        let answer = self.0.set(key, value, ttl);
        (self.1)();
        answer
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        self.0.compare_and_set(key, expected, value, ttl)
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        self.0.remove(key)
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        self.0.compare_and_remove(key, expected)
    }

    fn clear(&self) -> Result<(), Error> {
        self.0.clear()
    }
}

#[test]
fn what_changes_while_a_value_is_on_its_way_does_not_stay_in_memory() {
    let store = memory();
    let channel = Scripted::default();
    let news = channel.clone();
    let tiered = builder(Meanwhile(store.clone(), move || {
        news.say(ChannelEvent::Invalidate(Invalidation::Key(vec![1])));
    }))
    .channel(channel)
    .build()
    .unwrap();
    builder(store).build().unwrap().insert(1, 10).unwrap();
    assert_eq!(tiered.get(&1), Some(10), "for who asked before");
    assert!(!tiered.cache().contains_key(&1), "get");
    let loaded = tiered.get_or_load(1, || Err::<u64, _>("the store has it"));
    assert_eq!(loaded.ok(), Some(10));
    assert!(!tiered.cache().contains_key(&1), "get_or_load");
    tiered.insert(1, 11).unwrap();
    assert!(
        !tiered.cache().contains_key(&1),
        "who was last in the store is unknown"
    );
}
