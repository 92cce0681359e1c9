//! One load across processes: whoever leaves a lease under the key loads, the others wait for the value.

use std::{
    future::Future,
    hash::Hash,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::{
    counters::Counter,
    engine::{Access, Engine, Fetched, Found},
};
use crate::{Error, store::random_identity};

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

/// Who loads a value.
enum Role<V> {
    /// This call, which holds a lease of these bytes.
    Holder(Vec<u8>),
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
    ///
    /// If `load` panics or the future is dropped, the lease is left to expire.
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
                self.give_back(access, &bytes, &lease, wrapped).await;
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
    async fn give_back(
        &self,
        access: Access<'_>,
        key: &[u8],
        lease: &[u8],
        value: Option<Vec<u8>>,
    ) {
        if let Some(value) = value {
            // As above.
            let _ = self.replace(access, key, lease, &value).await;
            return;
        }
        let removed = self
            .ask(|| access.store.compare_and_remove(key, lease))
            .await;
        if matches!(removed, Ok(false)) {
            self.counters.count(Counter::LeasesLost);
        }
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

    async fn role(&self, access: Access<'_>, key: &[u8], found: Found<V>) -> Role<V> {
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
                Found::Foreign => return Role::Unleased,
                Found::Nothing => Some(None),
                Found::Useless(bytes) => Some(Some(bytes)),
                Found::Lease => None,
            };
            if let Some(expected) = replaceable {
                let lease = self.envelope.wrap_lease(
                    key,
                    &self.tokens.token(),
                    self.clock.expiry_ms(Some(terms.time)),
                );
                let taken = self
                    .ask(|| {
                        access.store.compare_and_set(
                            key,
                            expected.as_deref(),
                            &lease,
                            Some(terms.time),
                        )
                    })
                    .await;
                match taken {
                    Ok(true) => {
                        self.counters.count(Counter::LeasesTaken);
                        return Role::Holder(lease);
                    }
                    Ok(false) => {}
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
}
