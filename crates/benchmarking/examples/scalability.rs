//! What a shared lock costs: three ways to share, from one thread to more than this machine has cores.
//!
//! Run with `cargo run --release -p tuneup-benchmarking --example scalability`.

use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tuneup_benchmarking::scalability;

/// Some work that needs nobody else: about a microsecond.
fn work(index: usize) -> u64 {
    (0..1000).fold(index as u64, |sum, i| black_box(sum ^ i))
}

fn main() -> Result<(), Box<dyn Error>> {
    let threads = [1, 2, 3, 4, 6, 8];
    println!("work of its own\n\n{}", scalability(&threads, work)?);

    let atomic = AtomicU64::new(0);
    let count = |_| atomic.fetch_add(1, Ordering::Relaxed);
    println!("one atomic counter\n\n{}", scalability(&threads, count)?);

    let locked = Mutex::new(0_u64);
    let held = |index| {
        let mut sum = locked.lock().unwrap_or_else(PoisonError::into_inner);
        *sum = sum.wrapping_add(work(index));
    };
    println!("work under one lock\n\n{}", scalability(&threads, held)?);
    Ok(())
}
