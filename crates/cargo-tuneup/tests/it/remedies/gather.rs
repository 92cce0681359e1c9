//! Futures that wait at the same time.

use std::num::NonZeroUsize;
use tuneup_concurrency::{GatherError, gather};

async fn fetch(page: String) -> usize {
    page.len()
}

pub async fn sizes_of(pages: Vec<String>) -> Result<Vec<usize>, GatherError> {
    let most = NonZeroUsize::new(16).unwrap();
    gather(pages.into_iter().map(fetch)).limit(most).await
}
