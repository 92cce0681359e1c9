//! The cache of one memoized function, for all threads.

use std::{
    hash::Hash,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use equivalent::Equivalent;

use super::{Engine, Lookup, Outcome, Settings, family::Erased, kind::Whole};
use crate::{
    Info,
    single_flight::{NotLoaded, Unshared, load_missing, load_missing_async},
};

/// What an attribute asked for, and what keeps the answers, once it is needed.
#[derive(Debug)]
pub struct Memo<E> {
    settings: Settings,
    engine: OnceLock<E>,
    /// Calls that computed although nothing was to be kept, and failed: the engine counts those that it sees.
    failures_unkept: AtomicU64,
    loads_unkept: AtomicU64,
}

impl<E> Memo<E> {
    /// Allocates nothing before the first call.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            engine: OnceLock::new(),
            failures_unkept: AtomicU64::new(0),
            loads_unkept: AtomicU64::new(0),
        }
    }

    fn keeps_nothing(&self) -> bool {
        self.settings.maxsize == Some(0)
    }
}

impl<E: Engine> Memo<E> {
    #[inline(always)]
    fn engine(&self) -> &E {
        self.engine.get_or_init(|| E::new(self.settings))
    }

    /// The answer to these arguments, if there is one. Counts as a hit or a miss.
    #[inline(always)]
    pub fn get<Q>(&self, lookup: &Q) -> Option<E::Value>
    where
        Q: Hash + Equivalent<E::Key> + ?Sized,
    {
        self.engine().get(lookup)
    }

    /// What is kept of these arguments.
    pub fn key<Q: Lookup<Key = E::Key>>(&self, lookup: &Q) -> E::Key {
        lookup.to_key()
    }

    /// The answer that `compute` gives, which is kept, or the one of whoever computes it already.
    ///
    /// # Panics
    /// Where `compute` does.
    #[cold]
    pub fn load(&self, key: E::Key, compute: impl FnOnce() -> E::Value) -> E::Value {
        self.try_load(key, || Whole(compute())).0
    }

    /// As [`load`](Self::load), of an answer that may be one that is not kept.
    ///
    /// # Panics
    /// Where `compute` does.
    #[cold]
    pub fn try_load<R>(&self, key: E::Key, compute: impl FnOnce() -> R) -> R
    where
        R: Outcome<Value = E::Value>,
    {
        if self.keeps_nothing() {
            return self.counted(compute());
        }
        let engine = self.engine();
        let mut compute = Some(compute);
        let load = || {
            let compute = compute.take();
            compute.map_or_else(never_twice, |compute| compute().split())
        };
        let hash = engine.hash(&key);
        let loaded = load_missing::<_, _, _, R::Failure, Unshared>(engine, hash, key, None, load);
        match loaded {
            Ok(value) => R::from_value(value),
            Err(NotLoaded::Failed(failure)) => R::from_failure(failure),
            // As functools does: the inner call computes for itself.
            Err(NotLoaded::Recursive) => compute.map_or_else(never_twice, |compute| compute()),
        }
    }

    /// As [`load`](Self::load), in a future.
    pub async fn load_async<F>(&self, key: E::Key, compute: impl FnOnce() -> F) -> E::Value
    where
        F: Future<Output = E::Value>,
    {
        self.try_load_async(key, || {
            let future = compute();
            async move { Whole(future.await) }
        })
        .await
        .0
    }

    /// As [`try_load`](Self::try_load), in a future.
    pub async fn try_load_async<R, F>(&self, key: E::Key, compute: impl FnOnce() -> F) -> R
    where
        R: Outcome<Value = E::Value>,
        F: Future<Output = R>,
    {
        if self.keeps_nothing() {
            return self.counted(compute().await);
        }
        let engine = self.engine();
        let mut compute = Some(compute);
        let load = || {
            let future = compute.take().map_or_else(never_twice, |compute| compute());
            async move { future.await.split() }
        };
        let hash = engine.hash(&key);
        let loaded =
            load_missing_async::<_, _, _, R::Failure, Unshared, _>(engine, hash, key, None, load)
                .await;
        match loaded {
            Ok(value) => R::from_value(value),
            Err(NotLoaded::Failed(failure)) => R::from_failure(failure),
            Err(NotLoaded::Recursive) => {
                compute.map_or_else(never_twice, |compute| compute()).await
            }
        }
    }

    fn counted<R: Outcome<Value = E::Value>>(&self, answer: R) -> R {
        let split = answer.split();
        let count = match split {
            Ok(_) => &self.loads_unkept,
            Err(_) => &self.failures_unkept,
        };
        count.fetch_add(1, Relaxed);
        split.map_or_else(R::from_failure, R::from_value)
    }

    /// Forgets the answer to these arguments; whether there was one.
    pub fn invalidate<Q>(&self, lookup: &Q) -> bool
    where
        Q: Hash + Equivalent<E::Key> + ?Sized,
    {
        let engine = self.engine.get();
        engine.is_some_and(|engine| engine.remove(lookup))
    }

    /// What was done, and what is kept.
    pub fn info(&self) -> Info {
        let mut info = self.engine.get().map_or_else(Info::default, E::info);
        info.capacity = self.settings.maxsize.map(|maxsize| maxsize as u64);
        info.loads += self.loads_unkept.load(Relaxed);
        info.load_failures += self.failures_unkept.load(Relaxed);
        info
    }

    /// Forgets all answers, and begins to count anew.
    pub fn clear(&self) {
        if let Some(engine) = self.engine.get() {
            engine.clear();
        }
        self.loads_unkept.store(0, Relaxed);
        self.failures_unkept.store(0, Relaxed);
    }
}

impl<E: Engine> Erased for Memo<E> {
    fn clear(&self) {
        Self::clear(self);
    }
}

/// A loader runs once at most, and what is left of it only if it did not.
fn never_twice<T>() -> T {
    unreachable!("a call computed its answer twice")
}
