//! What would another policy or another size do? Reads a trace, or makes one up, and advises.
//!
//! ```sh
//! cargo run --release --features simulate --example what_if -- requests.txt
//! ```

use std::{error::Error, ops::ControlFlow, time::Duration};

use tuneup_caching::{
    Advisor, MissRatioCurve, MissRatioSampler, Policy, Replacement, Simulation, Trace,
};

/// Half of the requests are for a few hundred pages that many read; the others go through a catalogue from end to end, again
/// and again.
fn made_up() -> Result<Trace, tuneup_caching::Error> {
    let request = |number: u64| match number % 2 {
        0 => number * number % 397,
        _ => 1_000 + number / 2 % 8_000,
    };
    Trace::from_keys((0..200_000).map(request))
}

fn main() -> Result<(), Box<dyn Error>> {
    let trace = match std::env::args_os().nth(1) {
        Some(path) => Trace::from_path(path)?,
        None => made_up()?,
    };
    println!("{} requests of {} keys\n", trace.len(), trace.distinct());

    let largest = u64::from(trace.distinct());
    let report = Simulation::builder(&trace)
        .policies([Policy::S3Fifo, Policy::Sieve, Policy::Lru])
        .policies([Replacement::Optimal])
        .sizes([(largest / 100).max(1), (largest / 10).max(1)])
        .on_progress(|progress| {
            eprint!("\r{} of {}\r", progress.done, progress.total);
            ControlFlow::Continue(())
        })
        .build()?
        .run()?;
    println!("{report}");

    let exact = MissRatioCurve::from_trace(&trace);
    let sampled = MissRatioCurve::sampled(&trace, MissRatioSampler::DEFAULT_SAMPLES)?;
    let error = 100.0 * sampled.mean_absolute_error(&exact);
    println!("LRU at any size; a sample is off by {error:.2} points on average\n{exact}");

    let advice = Advisor::builder(&trace)
        .hit_cost(Duration::from_nanos(50))
        .miss_cost(Duration::from_millis(2))
        .build()?
        .advise();
    println!("{advice}");
    Ok(())
}
