//! Measures what one operation costs, with its whole distribution.
//!
//! Run with `cargo run --release -p tuneup-measure --example latency`.

use std::{collections::BTreeMap, error::Error};

use tuneup_measure::{Clock, Histogram, format_ns};

const OPERATIONS: u64 = 200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let clock = Clock::new();
    let mut ticks = Histogram::builder().relative_error(0.01).build()?;
    let mut map = BTreeMap::new();
    for key in 0..OPERATIONS {
        let start = clock.now();
        map.insert(key.wrapping_mul(0x9e37_79b9_7f4a_7c15), key);
        ticks.record(clock.now().saturating_sub(start));
    }

    let scale = clock.scale();
    let show = |ticks: u64| format_ns(scale.ns(ticks));
    println!(
        "{} insertions into a BTreeMap, {}",
        ticks.count(),
        clock.source()
    );
    for (name, q) in [
        ("median", 0.5),
        ("90 %", 0.9),
        ("99 %", 0.99),
        ("99.9 %", 0.999),
        ("worst", 1.0),
    ] {
        println!(
            "{name:>8}  {}",
            ticks.quantile(q).map_or("-".to_owned(), show)
        );
    }
    Ok(())
}
