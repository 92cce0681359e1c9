//! What a cache of another size would hit.

use std::time::Duration;
use tuneup_caching::{Advice, Error, Trace, advice};

pub fn which_cache(keys: &[String]) -> Result<Advice, Error> {
    let trace = Trace::from_keys(keys)?;
    advice(&trace, Duration::from_nanos(50), Duration::from_millis(1))
}
