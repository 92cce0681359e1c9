//! What many threads share: the threads that read, the lock that costs a reader no atomic read-modify-write, and
//! counts that do not either.

mod barrier;
mod biased_lock;
mod counters;
#[cfg(not(all(test, loom)))]
mod readers;
#[cfg(feature = "memoize")]
mod stable_table;
mod sync;

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, loom))]
mod model_readers;

#[cfg(all(test, loom))]
use self::model_readers as readers;
#[cfg(feature = "memoize")]
pub(crate) use self::stable_table::StableTable;
pub(crate) use self::{
    biased_lock::{Announced, BiasedLock},
    counters::{Counters, Counts, Stripe},
    readers::{Reader, current as current_reader},
};
