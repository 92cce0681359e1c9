//! One load across processes: whoever leaves a lease under the key loads, the others wait for the value.

use std::{
    future::Future,
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{
    counters::Counter,
    engine::{Access, Engine, Fetched, Found},
};
use crate::{CircuitBreaker, Error, store::random_identity};

/// The first look for the value of somebody else; each later one waits twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LAST_PAUSE: Duration = Duration::from_millis(50);
/// Stores count whole milliseconds: what ends later by no more than this may end at the same time.
const SAME_MOMENT: Duration = Duration::from_millis(2);

#[derive(Debug, Clone, Copy)]
pub(super) struct LeaseTerms {
    /// How long a lease is left alone.
    pub(super) time: Duration,
    /// How long to wait for somebody else's value.
    pub(super) wait: Duration,
}

/// Names of leases: no two are the same, in any process.
#[derive(Debug)]
pub(super) struct Tokens {
    identity: [u8; 16],
    next: AtomicU64,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            identity: random_identity(),
            next: AtomicU64::new(0),
        }
    }

    fn token(&self) -> Vec<u8> {
        let number = self.next.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        [self.identity.as_slice(), &number].concat()
    }
}

/// A lease that is in the store, or on its way there. Dropped before it is given back, because the load has panicked or its future
/// was dropped, it is discarded: otherwise all other processes would wait for a value that does not come.
struct Lease<'a> {
    access: Access<'a>,
    breaker: &'a CircuitBreaker,
    key: &'a [u8],
    bytes: Vec<u8>,
    /// Whether there is nothing more to be done about it.
    is_settled: bool,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        // A store that is left alone is left alone now, too. The permit is given up at once: nobody will say what came of it.
        if self.is_settled || self.breaker.acquire().is_err() {
            return;
        }
        // The store may be the user's, and this is perhaps a panic already.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            self.access.store.discard(self.key, &self.bytes);
        }));
    }
}

/// Who loads a value.
enum Role<'a, V> {
    /// This call, which holds the lease.
    Holder(Lease<'a>),
    /// Somebody else has.
    Served(Fetched<V>),
    /// This call, in place of the value of these bytes, which is about to end.
    Renewer(Vec<u8>),
    /// This call, without the store.
    Alone,
    /// This call, and its value goes into the store whatever is there.
    Unleased,
}

impl<K, V> Engine<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The value from the store, or from `load` and then into the store. `stays` is for how long memory has a value yet that
    /// is to be renewed.
    pub(super) async fn fetch_or_load<E>(
        &self,
        access: Access<'_>,
        key: &K,
        stays: Option<Duration>,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<Fetched<V>, E> {
        let Ok(bytes) = self.encode_key(key) else {
            return self.load(load).await;
        };
        let found = self.read(access, &bytes).await;
        if !matches!(found, Found::Value(..)) {
            self.counters.count(Counter::StoreMisses);
        }
        let role = match found {
            Found::Value(fetched, old) if !self.outlasts(fetched.left, stays) => Role::Renewer(old),
            found => self.role(access, &bytes, found).await,
        };
        match role {
            Role::Served(fetched) => {
                self.counters.count(Counter::StoreHits);
                Ok(fetched)
            }
            Role::Alone => self.load(load).await,
            Role::Unleased => {
                let fetched = self.load(load).await?;
                if let Ok(wrapped) = self.wrap(&bytes, &fetched.value) {
                    // A failure is counted, and no reason to keep the value from who asked for it.
                    let _ = self
                        .ask(|| access.store.set(&bytes, &wrapped, self.ttl))
                        .await;
                }
                Ok(fetched)
            }
            Role::Renewer(old) => {
                let fetched = self.load(load).await?;
                if let Ok(wrapped) = self.wrap(&bytes, &fetched.value) {
                    // As above.
                    let _ = self.replace(access, &bytes, &old, &wrapped).await;
                }
                Ok(fetched)
            }
            Role::Holder(lease) => {
                let result = self.load(load).await;
                let wrapped = result
                    .as_ref()
                    .ok()
                    .and_then(|fetched| self.wrap(&bytes, &fetched.value).ok());
                self.give_back(lease, wrapped).await;
                result
            }
        }
    }

    /// Whether a value that lives in the store for `left` yet is worth bringing in place of one that stays for `stays`.
    fn outlasts(&self, left: Option<Duration>, stays: Option<Duration>) -> bool {
        match (self.memory_time(left), stays) {
            (Some(time), Some(stays)) => time > stays.saturating_mul(2).saturating_add(SAME_MOMENT),
            _ => true,
        }
    }

    /// Puts the value in place of the lease, or removes the lease; unless somebody else has written or removed the key.
    async fn give_back(&self, mut lease: Lease<'_>, value: Option<Vec<u8>>) {
        let Lease { access, key, .. } = lease;
        let given_back = match value {
            Some(value) => self.replace(access, key, &lease.bytes, &value).await,
            None => {
                let removed = self
                    .ask(|| access.store.compare_and_remove(key, &lease.bytes))
                    .await;
                if matches!(removed, Ok(false)) {
                    self.counters.count(Counter::LeasesLost);
                }
                removed
            }
        };
        // A value that the store will not have leaves the lease where it is.
        lease.is_settled = !matches!(given_back, Err(Error::OutOfRange { .. }));
    }

    /// Puts a loaded value in place of what was there before the load, unless somebody else has done so.
    async fn replace(
        &self,
        access: Access<'_>,
        key: &[u8],
        old: &[u8],
        value: &[u8],
    ) -> Result<bool, Error> {
        let replaced = self
            .ask(|| {
                access
                    .store
                    .compare_and_set(key, Some(old), value, self.ttl)
            })
            .await;
        if matches!(replaced, Ok(false)) {
            self.counters.count(Counter::LeasesLost);
        }
        replaced
    }

    async fn role<'a>(&'a self, access: Access<'a>, key: &'a [u8], found: Found<V>) -> Role<'a, V> {
        let Some(terms) = self.lease else {
            return match found {
                Found::Value(fetched, _) => Role::Served(fetched),
                Found::Unknown => Role::Alone,
                _ => Role::Unleased,
            };
        };
        let waits_since = Instant::now();
        let mut waited = false;
        let mut pause = FIRST_PAUSE;
        let mut found = found;
        loop {
            let replaceable = match found {
                Found::Value(fetched, _) => {
                    if waited {
                        self.counters.count(Counter::LeasesWaited);
                    }
                    return Role::Served(fetched);
                }
                Found::Unknown => return Role::Alone,
                Found::Unreadable => return Role::Unleased,
                Found::Nothing => Some(None),
                Found::Useless(bytes) => Some(Some(bytes)),
                Found::Lease => None,
            };
            if let Some(expected) = replaceable {
                match self.take_lease(access, key, terms, expected).await {
                    Ok(Some(lease)) => return Role::Holder(lease),
                    Ok(None) => {}
                    Err(_) => return Role::Alone,
                }
            }
            if waits_since.elapsed() >= terms.wait {
                self.counters.count(Counter::LeasesTimedOut);
                return Role::Alone;
            }
            waited = true;
            access.store.sleep(pause).await;
            pause = (pause * 2).min(LAST_PAUSE);
            found = self.read(access, key).await;
        }
    }

    /// Leaves a lease in place of what is `expected`; none if there is something else.
    async fn take_lease<'a>(
        &'a self,
        access: Access<'a>,
        key: &'a [u8],
        terms: LeaseTerms,
        expected: Option<Vec<u8>>,
    ) -> Result<Option<Lease<'a>>, Error> {
        let expiry_ms = self.clock.expiry_ms(Some(terms.time));
        // From here on, since the future may be dropped when the lease is in the store and the answer is not here.
        let mut lease = Lease {
            access,
            breaker: &self.breaker,
            key,
            bytes: self
                .envelope
                .wrap_lease(key, &self.tokens.token(), expiry_ms),
            is_settled: false,
        };
        let taken = self
            .ask(|| {
                access.store.compare_and_set(
                    key,
                    expected.as_deref(),
                    &lease.bytes,
                    Some(terms.time),
                )
            })
            .await;
        if matches!(taken, Ok(true)) {
            self.counters.count(Counter::LeasesTaken);
            return Ok(Some(lease));
        }
        lease.is_settled = true;
        taken.map(|_| None)
    }
}
