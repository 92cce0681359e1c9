//! A few buffers for many workers: how many were made, how often they were used again, and who waited.
//!
//! `cargo run --release -p tuneup-memory --example pool`

use std::{thread, time::Duration};

use tuneup_memory::{Error, Pool};

fn main() -> Result<(), Error> {
    let buffers = Pool::builder(2)
        .reset(Vec::clear)
        .check(|buffer: &mut Vec<u8>| buffer.capacity() <= 1 << 20)
        .build(|| Vec::with_capacity(64 << 10))?;

    thread::scope(|scope| {
        for worker in 0..4_u8 {
            let buffers = &buffers;
            scope.spawn(move || {
                for round in 0..1_000 {
                    match buffers.get_timeout(Duration::from_secs(1)) {
                        Ok(mut buffer) => buffer.extend((0..round).map(|_| worker)),
                        Err(error) => eprintln!("worker {worker}: {error}"),
                    }
                }
            });
        }
    });

    let stats = buffers.stats();
    println!("4,000 rounds of 4 workers with {} buffers", stats.capacity);
    println!("made {}, used again {}", stats.created, stats.reused);
    println!(
        "found none idle {} times, of which {} gave up",
        stats.misses, stats.timeouts
    );
    Ok(())
}
