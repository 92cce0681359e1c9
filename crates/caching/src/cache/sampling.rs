//! The sampler of miss ratios beside a cache, if it has one.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::MissRatioSampler;

pub(super) struct Sampling {
    /// The threshold of the sampler, or 0 without one: here so that a request that is of no concern costs one comparison.
    below: AtomicU64,
    sampler: Option<MissRatioSampler>,
}

impl Sampling {
    pub(super) const fn none() -> Self {
        Self {
            below: AtomicU64::new(0),
            sampler: None,
        }
    }

    pub(super) fn with(sampler: MissRatioSampler) -> Self {
        Self {
            below: AtomicU64::new(sampler.threshold()),
            sampler: Some(sampler),
        }
    }

    pub(super) fn sampler(&self) -> Option<&MissRatioSampler> {
        self.sampler.as_ref()
    }

    /// Tells the sampler of a request, by a hash that is spread over all numbers.
    #[inline(always)]
    pub(super) fn record(&self, mixed: u64) {
        if mixed < self.below.load(Relaxed) {
            self.record_sampled(mixed);
        }
    }

    #[cold]
    #[inline(never)]
    fn record_sampled(&self, mixed: u64) {
        if let Some(sampler) = &self.sampler {
            sampler.record_spread(mixed);
            self.below.store(sampler.threshold(), Relaxed);
        }
    }
}
