//! For how long an entry is good.

use std::time::Duration;

/// A deadline that never comes.
pub(super) const NEVER: u64 = u64::MAX;

/// A function that says for how long an entry is good.
type Lifetime<K, V> = Box<dyn Fn(&K, &V) -> Option<Duration> + Send + Sync>;
/// A function that says whether a value stands for "there is none".
type IsNegative<V> = Box<dyn Fn(&V) -> bool + Send + Sync>;

/// The rules of one cache.
pub(super) struct Expiry<K, V> {
    pub(super) ttl: Option<Duration>,
    pub(super) idle: Option<Duration>,
    pub(super) jitter: f64,
    pub(super) expire_after: Option<Lifetime<K, V>>,
    pub(super) negative: Option<(Duration, IsNegative<V>)>,
    pub(super) stale_for: Option<Duration>,
    pub(super) early_refresh: Option<f64>,
}

impl<K, V> Expiry<K, V> {
    pub(super) const fn none() -> Self {
        Self {
            ttl: None,
            idle: None,
            jitter: 0.0,
            expire_after: None,
            negative: None,
            stale_for: None,
            early_refresh: None,
        }
    }

    /// Whether any of them needs the time when an entry comes in.
    pub(super) fn has_rules(&self) -> bool {
        self.ttl.is_some()
            || self.idle.is_some()
            || self.expire_after.is_some()
            || self.negative.is_some()
    }

    /// For how long the entry is good: the shortest that a rule about this very entry says, or else the time of all.
    /// `random` is spread over all numbers.
    pub(super) fn lifetime(&self, key: &K, value: &V, random: u64) -> Option<Duration> {
        let of_entry = self
            .expire_after
            .as_ref()
            .and_then(|expire_after| expire_after(key, value));
        let of_negative = self
            .negative
            .as_ref()
            .and_then(|(ttl, is_negative)| is_negative(value).then_some(*ttl));
        let lifetime = of_negative.or(of_entry).or(self.ttl)?;
        Some(self.jittered(lifetime, random))
    }

    /// Up to `jitter` of the time shorter, so that what came at the same time does not go at the same time.
    pub(super) fn jittered(&self, lifetime: Duration, random: u64) -> Duration {
        if self.jitter == 0.0 {
            return lifetime;
        }
        let part = 1.0 - self.jitter * unit(random);
        // As a number, the largest time is larger than there is one; a part of it may be the same number.
        Duration::try_from_secs_f64(lifetime.as_secs_f64() * part).unwrap_or(lifetime)
    }

    /// Whether an entry that is good until `expires` is to be loaded anew already: the more probable the nearer its end is, in
    /// multiples of what loading it took (Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede
    /// Prevention", VLDB 2015).
    pub(super) fn is_due_early(&self, left: u64, load_ticks: u64, random: u64) -> bool {
        let Some(beta) = self.early_refresh else {
            return false;
        };
        let ahead = -beta * load_ticks as f64 * unit(random).max(f64::MIN_POSITIVE).ln();
        ahead >= left as f64
    }
}

/// A number from 0 to 1.
fn unit(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

/// A well-mixed number of a key and a moment (the finaliser of SplitMix64, Steele et al., OOPSLA 2014).
pub(super) fn random(hash: u64, now: u64) -> u64 {
    let mut mixed = hash ^ now.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
