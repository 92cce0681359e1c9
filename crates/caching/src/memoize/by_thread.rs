//! The cache of a memoized function in each thread, from wherever it is called.

use std::{hash::Hash, marker::PhantomData, thread::LocalKey};

use equivalent::Equivalent;

use super::{Key, Lookup, Outcome, Settings, ThreadMemo, Value, family::LocalChain, kind::Whole};
use crate::Info;

/// Where the cache of the running thread is.
pub trait Local<K, V>: Copy {
    /// Calls `with` with it, unless the thread is being torn down and it has gone already.
    fn with<R>(self, with: impl FnOnce(&ThreadMemo<K, V>) -> R) -> Option<R>;
}

/// A static that knows its types.
impl<K: 'static, V: 'static> Local<K, V> for &'static LocalKey<ThreadMemo<K, V>> {
    #[inline(always)]
    fn with<R>(self, with: impl FnOnce(&ThreadMemo<K, V>) -> R) -> Option<R> {
        self.try_with(with).ok()
    }
}

/// A cache of a static that does not know its types.
#[derive(Debug)]
pub struct Member<M> {
    family: &'static LocalKey<ThreadFamily>,
    settings: Settings,
    marker: PhantomData<fn() -> M>,
}

impl<M> Clone for Member<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Member<M> {}

impl<M: 'static, K: Key, V: Value> Local<K, V> for Member<M> {
    #[inline]
    fn with<R>(self, with: impl FnOnce(&ThreadMemo<K, V>) -> R) -> Option<R> {
        let settings = self.settings;
        let call = |family: &ThreadFamily| {
            let memo = family.0.find::<M, _>(|| ThreadMemo::new(settings));
            with(memo)
        };
        self.family.try_with(call).ok()
    }
}

/// The caches of one function in one thread.
pub struct ThreadFamily(LocalChain);

impl ThreadFamily {
    /// With none.
    #[must_use]
    pub const fn new() -> Self {
        Self(LocalChain::new())
    }

    /// The cache for these types. `_marker` and `_key` are never called: their types say which it is.
    #[inline]
    pub fn member<M, K, V, F>(
        family: &'static LocalKey<Self>,
        _marker: M,
        settings: Settings,
        _key: F,
    ) -> ByThread<K, V, Member<M>>
    where
        M: 'static,
        K: Key,
        V: Value,
        F: FnOnce() -> K,
    {
        ByThread {
            local: Member {
                family,
                settings,
                marker: PhantomData,
            },
            types: PhantomData,
        }
    }
}

impl Default for ThreadFamily {
    fn default() -> Self {
        Self::new()
    }
}

/// What the parts of a function do to the cache of the running thread. In a thread that is torn down, answers are computed and
/// not kept.
pub struct ByThread<K, V, L = &'static LocalKey<ThreadMemo<K, V>>> {
    local: L,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V> ByThread<K, V> {
    /// Of a static.
    #[inline]
    #[must_use]
    pub const fn new(local: &'static LocalKey<ThreadMemo<K, V>>) -> Self {
        Self {
            local,
            types: PhantomData,
        }
    }
}

impl<K: Key, V: Value, L: Local<K, V>> ByThread<K, V, L> {
    /// The answer to these arguments, if there is one. Counts as a hit or a miss.
    #[inline(always)]
    pub fn get<Q>(&self, lookup: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.local.with(|memo| memo.get(lookup)).flatten()
    }

    /// What is kept of these arguments.
    pub fn key<Q: Lookup<Key = K>>(&self, lookup: &Q) -> K {
        lookup.to_key()
    }

    /// The answer that `compute` gives, which is kept.
    ///
    /// # Panics
    /// Where `compute` does.
    #[cold]
    pub fn load(&self, key: K, compute: impl FnOnce() -> V) -> V {
        self.try_load(key, || Whole(compute())).0
    }

    /// As [`load`](Self::load), of an answer that may be one that is not kept.
    ///
    /// # Panics
    /// Where `compute` does.
    #[cold]
    pub fn try_load<R>(&self, key: K, compute: impl FnOnce() -> R) -> R
    where
        R: Outcome<Value = V>,
    {
        let attempt = Attempt::begin(self.local);
        let answer = compute();
        attempt.end(key, answer)
    }

    /// As [`load`](Self::load), in a future. The answer is kept by the thread in which the future ends.
    pub async fn load_async<F>(&self, key: K, compute: impl FnOnce() -> F) -> V
    where
        F: Future<Output = V>,
    {
        let attempt = Attempt::begin(self.local);
        let answer = Whole(compute().await);
        attempt.end(key, answer).0
    }

    /// As [`try_load`](Self::try_load), in a future.
    pub async fn try_load_async<R, F>(&self, key: K, compute: impl FnOnce() -> F) -> R
    where
        R: Outcome<Value = V>,
        F: Future<Output = R>,
    {
        let attempt = Attempt::begin(self.local);
        let answer = compute().await;
        attempt.end(key, answer)
    }

    /// Forgets the answer to these arguments; whether there was one.
    pub fn invalidate<Q>(&self, lookup: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.local
            .with(|memo| memo.invalidate(lookup))
            .unwrap_or(false)
    }

    /// What the cache of this thread has done and what it holds.
    pub fn info(&self) -> Info {
        self.local.with(ThreadMemo::info).unwrap_or_default()
    }

    /// Forgets all answers of this thread, and begins to count anew.
    pub fn clear(&self) {
        self.local.with(ThreadMemo::clear);
    }
}

/// A computation. One that panics, or is dropped, has failed.
struct Attempt<K: Key, V: Value, L: Local<K, V>> {
    local: L,
    has_ended: bool,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Value, L: Local<K, V>> Attempt<K, V, L> {
    fn begin(local: L) -> Self {
        Self {
            local,
            has_ended: false,
            types: PhantomData,
        }
    }

    fn end<R: Outcome<Value = V>>(mut self, key: K, answer: R) -> R {
        match answer.split() {
            Ok(value) => {
                self.has_ended = true;
                self.local.with(|memo| {
                    memo.count_load();
                    memo.keep(key, value.clone());
                });
                R::from_value(value)
            }
            Err(failure) => R::from_failure(failure),
        }
    }
}

impl<K: Key, V: Value, L: Local<K, V>> Drop for Attempt<K, V, L> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.local.with(ThreadMemo::count_failure);
        }
    }
}
