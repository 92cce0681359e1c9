//! The answers of the methods of one instance.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use super::Family;

/// The caches of the memoized methods of one instance: a field of it, so that they go when it goes.
///
/// One field serves any number of methods, each with a cache of its own. They are made when a method is first called; until
/// then the field is one word. The cache of a method does not notice when the instance is changed: whoever changes what an answer depends on calls
/// [`clear`](Self::clear).
///
/// It is no part of what the instance is: a clone of it begins empty, since what is done to one of two instances does not
/// hold for the other, all are equal, and hash as nothing. So `Clone`, `PartialEq`, `Eq` and `Hash` can be derived as before.
///
/// ```
/// use tuneup_caching::{MethodCache, memoize};
///
/// #[derive(Clone, PartialEq, Default)]
/// struct Polynomial {
///     coefficients: Vec<i64>,
///     cache: MethodCache,
/// }
///
/// impl Polynomial {
///     #[memoize(cache = "self.cache", maxsize = 100)]
///     fn at(&self, x: i64) -> i64 {
///         self.coefficients.iter().rfold(0, |sum, factor| sum * x + factor)
///     }
/// }
///
/// let mut square = Polynomial { coefficients: vec![0, 0, 1], ..Polynomial::default() };
/// assert_eq!((square.at(12), square.at(12)), (144, 144));
/// assert_eq!(square.at_cache_info().hits, 1);
/// square.coefficients[0] = 1;
/// square.cache.clear();
/// assert_eq!(square.at(12), 145);
/// ```
#[derive(Default)]
pub struct MethodCache {
    family: Family,
}

impl MethodCache {
    /// With nothing in it. Allocates nothing.
    ///
    /// ```
    /// static CACHE: tuneup_caching::MethodCache = tuneup_caching::MethodCache::new();
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            family: Family::new(),
        }
    }

    /// Forgets all answers of all methods, and begins to count anew. O(entries); locks one shard of a cache after the other.
    ///
    /// ```
    /// let cache = tuneup_caching::MethodCache::new();
    /// cache.clear();
    /// ```
    pub fn clear(&self) {
        self.family.clear();
    }
}

/// The caches in the field of an instance.
#[inline]
#[must_use]
pub const fn family_of(cache: &MethodCache) -> &Family {
    &cache.family
}

/// Begins empty.
impl Clone for MethodCache {
    fn clone(&self) -> Self {
        Self::new()
    }
}

/// All are equal.
impl PartialEq for MethodCache {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for MethodCache {}

/// As nothing.
impl Hash for MethodCache {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl fmt::Debug for MethodCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodCache").finish_non_exhaustive()
    }
}
