//! A share of retries among all that is asked for.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
};

/// A token is a thousand of these, so that shares of a token add up exactly.
const TOKEN: u64 = 1000;

/// Keeps operations from being tried again when most of them fail: retries against a server that is down only keep it down.
///
/// A bucket of tokens, shared by all operations against one server. A failure takes a token, a success gives back a tenth of one (or
/// another share). While the bucket is half empty or less, nothing is tried again; first tries always happen.
///
/// This is the throttling of [gRPC A6], whose `maxTokens` and `tokenRatio` these are; Finagle's `RetryBudget` has the same aim.
/// Lock-free: one atomic number.
///
/// [gRPC A6]: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
///
/// # Examples
/// ```
/// use std::{num::NonZeroU32, sync::Arc};
/// use tuneup_concurrency::{RetryBudget, RetryPolicy};
///
/// let budget = Arc::new(RetryBudget::new(NonZeroU32::new(10).unwrap()));
/// let policy = RetryPolicy::builder().budget(Arc::clone(&budget)).build()?;
/// assert!(budget.has_room());
/// # drop(policy);
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "retryThrottling")]
pub struct RetryBudget {
    millitokens: AtomicU64,
    most: u64,
    per_success: u64,
}

impl RetryBudget {
    /// A full bucket of so many tokens; a success gives back 0.1 of one.
    ///
    /// # Examples
    /// See [`RetryBudget`].
    #[must_use]
    pub fn new(max_tokens: NonZeroU32) -> Self {
        let most = u64::from(max_tokens.get()) * TOKEN;
        Self {
            millitokens: AtomicU64::new(most),
            most,
            per_success: TOKEN / 10,
        }
    }

    /// How many thousandths of a token a success gives back: 100 by default, 0 for a budget that is never filled again.
    ///
    /// # Examples
    /// ```
    /// use std::num::NonZeroU32;
    /// use tuneup_concurrency::RetryBudget;
    ///
    /// // A retry for every five successes.
    /// let budget = RetryBudget::new(NonZeroU32::MIN).with_millitokens_per_success(200);
    /// assert!(budget.has_room());
    /// ```
    #[must_use]
    #[doc(alias = "tokenRatio")]
    pub fn with_millitokens_per_success(mut self, millitokens: u32) -> Self {
        self.per_success = u64::from(millitokens);
        self
    }

    /// Whether something may be tried again: more than half of the tokens are there.
    ///
    /// # Examples
    /// See [`RetryBudget`].
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.millitokens.load(Ordering::Relaxed) > self.most / 2
    }

    pub(super) fn failed(&self) {
        self.update(|tokens| tokens.saturating_sub(TOKEN));
    }

    pub(super) fn succeeded(&self) {
        self.update(|tokens| tokens.saturating_add(self.per_success).min(self.most));
    }

    fn update(&self, change: impl Fn(u64) -> u64) {
        // The number stands for itself: nothing else is published with it.
        let _ = self
            .millitokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
                Some(change(tokens))
            });
    }
}
