//! What the compiler finds where a type lacks what a cache needs, so that it says so once, where the type stands, and not of every
//! part of the function: a method whose bounds do not hold is passed over for one of a trait in scope.

use super::{Answers, Argument, ByThread, Memo, Value};
use crate::Cache;

/// Says what an argument lacks.
#[inline(always)]
pub const fn argument<A: Argument + ?Sized>() {}

/// Says what an answer lacks.
#[inline(always)]
pub const fn value<V: Value>() {}

/// The methods of a cache that cannot be. Nothing calls them: the program does not compile.
pub trait Unsuited<K, V>: Sized {
    /// See [`Memo::get`].
    fn get<Q>(&self, _lookup: &Q) -> Option<V> {
        unreachable!()
    }

    /// See [`Memo::key`].
    fn key<Q>(&self, _lookup: &Q) -> K {
        unreachable!()
    }

    /// See [`Memo::load`].
    fn load(&self, _key: K, _compute: impl FnOnce() -> V) -> V {
        unreachable!()
    }

    /// See [`Memo::try_load`].
    fn try_load<R>(&self, _key: K, _compute: impl FnOnce() -> R) -> R {
        unreachable!()
    }

    /// See [`Memo::load_async`].
    fn load_async<F: Future<Output = V>>(&self, _key: K, compute: impl FnOnce() -> F) -> F {
        compute()
    }

    /// See [`Memo::try_load_async`].
    fn try_load_async<F: Future>(&self, _key: K, compute: impl FnOnce() -> F) -> F {
        compute()
    }

    /// See [`Memo::invalidate`].
    fn invalidate<Q>(&self, _lookup: &Q) -> bool {
        unreachable!()
    }

    /// See [`Memo::info`].
    fn info(&self) -> crate::Info {
        unreachable!()
    }

    /// See [`Memo::clear`].
    fn clear(&self) {
        unreachable!()
    }
}

impl<K, V> Unsuited<K, V> for Memo<Cache<K, V>> {}

impl<K, V> Unsuited<K, V> for Memo<Answers<K, V>> {}

impl<K, V, L> Unsuited<K, V> for ByThread<K, V, L> {}
