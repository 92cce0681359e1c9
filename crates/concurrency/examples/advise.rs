//! Asks which model fits four kinds of work, and prints the answers with the figures behind them.
//!
//! Run with `cargo run --release -p tuneup-concurrency --example advise`. Put your own function and some of your own items in their place.

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use tuneup_concurrency::{Advisor, advise};

/// The steps from a number to 1 by halving or trebling (Collatz), for many numbers: computes and touches no memory.
fn collatz(start: u64) -> u64 {
    let steps = |n: u64| {
        let next = |n: &u64| {
            (*n > 1).then(|| {
                if n.is_multiple_of(2) {
                    n / 2
                } else {
                    3 * n + 1
                }
            })
        };
        std::iter::successors(Some(n), next).count() as u64
    };
    (start..start + 300).map(steps).max().unwrap_or(0)
}

/// Stands for a request to a server.
fn fetch(_number: u64) {
    thread::sleep(Duration::from_millis(5));
}

fn main() -> Result<(), tuneup_concurrency::Error> {
    println!("computes: {}\n", advise(1..20_000_u64, collatz));

    let advisor = Advisor::builder().total_items(50_000).build()?;
    println!("waits: {}\n", advisor.advise(0..400, fetch));

    println!("tiny: {}\n", advise(0..100_000_u64, |n| n ^ (n >> 3)));

    let account = Mutex::new(0);
    let book = |number| {
        let mut balance = account.lock().unwrap_or_else(PoisonError::into_inner);
        *balance += collatz(number);
    };
    println!("holds a lock: {}", advise(1..20_000_u64, book));
    Ok(())
}
