//! Numbers and times, written short.

use std::num::NonZeroUsize;

pub(crate) fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

#[cfg(feature = "async")]
pub(crate) fn millis(millis: u64) -> std::time::Duration {
    std::time::Duration::from_millis(millis)
}
