//! A cache of another size and policy.

use tuneup_caching::{Cache, Error, Policy};

pub fn pages() -> Result<Cache<String, String>, Error> {
    Cache::builder(10_000).policy(Policy::S3Fifo).build()
}
