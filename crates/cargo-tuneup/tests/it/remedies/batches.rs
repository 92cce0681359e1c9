//! Many items at a time.

use std::num::NonZeroUsize;
use tuneup_concurrency::par;

pub fn names_of(ids: &[u64], ask: impl Fn(&[u64]) -> Vec<String>) -> Vec<String> {
    let most = NonZeroUsize::new(500).unwrap();
    let batches = par::batched(ids.iter().copied(), most);
    batches.flat_map(|batch| ask(&batch)).collect() // one request for 500
}
