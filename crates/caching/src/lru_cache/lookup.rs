//! How keys are found by what is equivalent to them, in a map that finds keys only by what they can be borrowed as.
//!
//! A key and a query are both seen as the same trait object: what has a hash, and may be compared. The hash is computed once for
//! each operation, and kept beside the key, so that nothing hashes it again when it goes. Both types are known where a
//! lookup is compiled, so that the calls are not virtual in optimised code.

use std::{
    borrow::Borrow,
    hash::{BuildHasher, Hash, Hasher},
};

use equivalent::Equivalent;

/// A key with its hash.
pub(super) struct Kept<K> {
    pub(super) hash: u64,
    pub(super) key: K,
}

/// What is looked up, with its hash.
pub(super) struct Query<'a, Q: ?Sized> {
    hash: u64,
    key: &'a Q,
}

impl<'a, Q: ?Sized> Query<'a, Q> {
    #[inline]
    pub(super) fn new(hash: u64, key: &'a Q) -> Self {
        Self { hash, key }
    }
}

/// A key or a query.
pub(super) trait Lookup<K> {
    fn hash(&self) -> u64;
    /// The key, of what is one.
    fn kept(&self) -> Option<&Kept<K>>;
    fn is(&self, key: &K) -> bool;
}

impl<K: Eq> Lookup<K> for Kept<K> {
    #[inline]
    fn hash(&self) -> u64 {
        self.hash
    }

    #[inline]
    fn kept(&self) -> Option<&Self> {
        Some(self)
    }

    #[inline]
    fn is(&self, key: &K) -> bool {
        self.key == *key
    }
}

impl<K, Q: Equivalent<K> + ?Sized> Lookup<K> for Query<'_, Q> {
    #[inline]
    fn hash(&self) -> u64 {
        self.hash
    }

    #[inline]
    fn kept(&self) -> Option<&Kept<K>> {
        None
    }

    #[inline]
    fn is(&self, key: &K) -> bool {
        self.key.equivalent(key)
    }
}

impl<K> Hash for dyn Lookup<K> + '_ {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(Lookup::hash(self));
    }
}

impl<K> PartialEq for dyn Lookup<K> + '_ {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        if Lookup::hash(self) != Lookup::hash(other) {
            return false;
        }
        match (self.kept(), other.kept()) {
            (_, Some(kept)) => self.is(&kept.key),
            (Some(kept), None) => other.is(&kept.key),
            (None, None) => false,
        }
    }
}

impl<K> Eq for dyn Lookup<K> + '_ {}

impl<'a, K: Eq + 'a> Borrow<dyn Lookup<K> + 'a> for Kept<K> {
    #[inline]
    fn borrow(&self) -> &(dyn Lookup<K> + 'a) {
        self
    }
}

impl<K> Hash for Kept<K> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl<K: Eq> PartialEq for Kept<K> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key == other.key
    }
}

impl<K: Eq> Eq for Kept<K> {}

/// Passes on the hash that is there already.
#[derive(Clone, Copy, Default)]
pub(super) struct Precomputed(u64);

impl BuildHasher for Precomputed {
    type Hasher = Self;

    #[inline]
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Precomputed {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Nothing but a hash comes here.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}
