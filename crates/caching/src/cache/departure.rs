//! Entries that go, on their way from the shard to whoever wants to know: they are dropped, and told of, when no lock is
//! held.

/// Why an entry went.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use tuneup_caching::{Cache, EvictionCause};
///
/// let gone = Arc::new(Mutex::new(Vec::new()));
/// let seen = Arc::clone(&gone);
/// let cache = Cache::builder(10)
///     .on_evict(move |key: u32, value: &'static str, cause| {
///         seen.lock().unwrap().push((key, value, cause));
///     })
///     .build()?;
/// cache.insert(1, "one");
/// cache.insert(1, "uno");
/// cache.remove(&1);
/// assert_eq!(
///     *gone.lock().unwrap(),
///     [(1, "one", EvictionCause::Replaced), (1, "uno", EvictionCause::Removed)],
/// );
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[doc(alias = "RemovalCause")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EvictionCause {
    /// To make room: the policy chose it.
    Size,
    /// Its time was over.
    Expired,
    /// Another value took its place.
    Replaced,
    /// Somebody removed it, by key, tag, predicate, or with all others.
    Removed,
    /// It never came in: it weighs more than the whole cache may.
    Rejected,
}

impl EvictionCause {
    pub(super) const COUNT: usize = 5;
}

/// Entries that went in one operation, mostly one. Where nobody listens and nothing needs dropping, costs nothing.
pub(super) struct Departures<K, V> {
    first: Option<(K, V, EvictionCause)>,
    more: Vec<(K, V, EvictionCause)>,
}

impl<K, V> Departures<K, V> {
    pub(super) const fn new() -> Self {
        Self {
            first: None,
            more: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, (key, value): (K, V), cause: EvictionCause) {
        if self.first.is_none() {
            self.first = Some((key, value, cause));
        } else {
            self.more.push((key, value, cause));
        }
    }
}

impl<K, V> IntoIterator for Departures<K, V> {
    type Item = (K, V, EvictionCause);
    type IntoIter = std::iter::Chain<
        std::option::IntoIter<(K, V, EvictionCause)>,
        std::vec::IntoIter<(K, V, EvictionCause)>,
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}
