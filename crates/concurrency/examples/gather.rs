//! A hundred waits at once: asks many "servers" for a page, ten at a time, and reports what came of it.
//!
//! ```sh
//! cargo run --release --features async --example gather
//! ```

use std::{error::Error, num::NonZeroUsize, time::Duration};

use tuneup_concurrency::{Failure, try_gather};

/// Stands for a request: some take long, some fail.
async fn fetch(page: u64) -> Result<u64, String> {
    tokio::time::sleep(Duration::from_millis(page * 7 % 50)).await;
    match page % 13 {
        12 => Err(format!("page {page} is not there")),
        _ => Ok(page * 100),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()?;
    let outcomes = runtime.block_on(
        try_gather((0..100).map(fetch))
            .limit(NonZeroUsize::new(10).ok_or("no limit")?)
            .item_timeout(Duration::from_millis(45))
            .return_errors()
            .into_future(),
    );
    let (mut bytes, mut failed, mut late) = (0, 0, 0);
    for outcome in &outcomes {
        match outcome {
            Ok(length) => bytes += length,
            Err(Failure::TimedOut { .. }) => late += 1,
            Err(_) => failed += 1,
        }
    }
    println!("{bytes} bytes; {failed} pages failed, {late} took too long");
    Ok(())
}
