//! Samples a program that sorts in one thread and sums in another, and shows where its time went; saves a flame
//! graph too if given a path.
//!
//! `cargo run --release --example native --features native -- native.svg`

use std::{env, hint::black_box, thread};

use tuneup_profiling::{Error, NativeSampler, SortKey};

#[inline(never)]
fn sort(rounds: u64) -> u64 {
    let mut sum = 0;
    for round in 0..rounds {
        let shuffled = (0..10_000_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ round);
        let mut numbers = shuffled.collect::<Vec<_>>();
        numbers.sort_unstable();
        sum ^= black_box(numbers)[17];
    }
    sum
}

#[inline(never)]
fn sum(rounds: u64) -> u64 {
    (0..rounds * 100_000).fold(0, |sum, i| black_box(sum ^ i))
}

fn main() -> Result<(), Error> {
    let sampler = NativeSampler::builder().start()?;
    let sorter = thread::spawn(|| sort(2_000));
    let total = sum(2_000) ^ sorter.join().unwrap_or_default();
    let profile = sampler.finish();

    println!("answer: {total}");
    println!("{}", profile.sort_by(SortKey::Samples).top(10).table());
    match env::args_os().nth(1) {
        Some(path) => profile.save(path),
        None => Ok(()),
    }
}
