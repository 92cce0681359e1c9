//! What share of the requests of real and made-up traffic hits, beside quick_cache and moka at the same capacity.
//!
//! ```sh
//! cargo run --release -p tuneup-benches --features peers --example hit_ratios
//! ```
//!
//! The real traces are looked for in the folder that `TUNEUP_TRACES` names, or in `../shared/traces` beside the checkout. moka may hold
//! more than its capacity for a while: how much it does on average is shown, because it flatters small sizes. In the last column it is
//! compared with a cache of ours that has room for as many.

use std::{env, error::Error, fs, path::PathBuf};

use tuneup_caching::{Cache, Policy, Trace, TraceFormat};
use tuneup_report::{Align, Table, Terminal};

/// Keys in the order in which they are asked for, and the capacities to look at.
struct Traffic {
    name: String,
    keys: Vec<u32>,
    sizes: Vec<u64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut traffic: Vec<Traffic> = [0.9, 1.0].map(zipf).into();
    traffic.extend(traces()?);
    let mut table = Table::new([
        "trace",
        "size",
        "adaptive %",
        "S3-FIFO %",
        "quick_cache %",
        "moka %",
        "moka holds",
        "adaptive − best",
        "with as many entries",
    ]);
    for column in 1..9 {
        table = table.align(column, Align::Right);
    }
    for Traffic { name, keys, sizes } in &traffic {
        for size in sizes {
            let percent = |hits: usize| 100.0 * hits as f64 / keys.len() as f64;
            let adaptive = percent(ours(keys, *size, Policy::Adaptive)?);
            let s3_fifo = percent(ours(keys, *size, Policy::S3Fifo)?);
            let quick = percent(quick_cache(keys, *size));
            let (hits, held) = moka(keys, *size);
            let moka = percent(hits);
            let as_many = percent(ours(
                keys,
                (held.round() as u64).max(*size),
                Policy::Adaptive,
            )?);
            let number = |value: f64| format!("{value:.2}");
            table.push([
                name.clone(),
                size.to_string(),
                number(adaptive),
                number(s3_fifo),
                number(quick),
                number(moka),
                format!("{held:.0}"),
                format!("{:+.2}", adaptive - quick.max(moka)),
                format!("{:+.2}", (adaptive - quick).min(as_many - moka)),
            ]);
        }
    }
    println!("{}", table.render(&Terminal::detect()));
    Ok(())
}

fn ours(keys: &[u32], size: u64, policy: Policy) -> Result<usize, tuneup_caching::Error> {
    let cache = Cache::builder(size).policy(policy).shards(1).build()?;
    let hits = keys.iter().filter(|key| {
        let is_hit = cache.get(*key).is_some();
        if !is_hit {
            cache.insert(**key, ());
        }
        is_hit
    });
    Ok(hits.count())
}

fn quick_cache(keys: &[u32], size: u64) -> usize {
    let cache = quick_cache::sync::Cache::new(size as usize);
    let hits = keys.iter().filter(|key| {
        let is_hit = cache.get(*key).is_some();
        if !is_hit {
            cache.insert(**key, ());
        }
        is_hit
    });
    hits.count()
}

/// Hits, and how many entries there are on average: counted one by one, because its own count leaves out what is still to go.
fn moka(keys: &[u32], size: u64) -> (usize, f64) {
    let cache = moka::sync::Cache::new(size);
    let count_every = size.max(100) as usize;
    let mut hits = 0;
    let mut held = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        if cache.get(key).is_some() {
            hits += 1;
        } else {
            cache.insert(*key, ());
        }
        if number % count_every == count_every - 1 {
            held.push(cache.iter().count());
        }
    }
    let average = held.iter().sum::<usize>() as f64 / held.len().max(1) as f64;
    (hits, average)
}

/// Two million requests of 100,000 keys, of which the one of rank r has a share of 1 / r^`exponent`.
fn zipf(exponent: f64) -> Traffic {
    let mut sums = Vec::new();
    let mut sum = 0.0;
    for rank in 1..=100_000 {
        sum += f64::from(rank).powf(-exponent);
        sums.push(sum);
    }
    let mut random = fastrand::Rng::with_seed(7);
    let mut key = || {
        let at = random.f64() * sum;
        sums.partition_point(|below| *below < at) as u32
    };
    Traffic {
        name: format!("Zipf {exponent:.1}"),
        keys: (0..2_000_000).map(|_| key()).collect(),
        sizes: vec![1_000, 10_000],
    }
}

/// The traces that are there, with the sizes that are listed for them.
fn traces() -> Result<Vec<Traffic>, Box<dyn Error>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/traces");
    let folder = env::var_os("TUNEUP_TRACES").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let Ok(expected) = fs::read_to_string(folder.join("expected.json")) else {
        eprintln!(
            "left out: the traces: there are none in {}",
            folder.display()
        );
        return Ok(Vec::new());
    };
    let expected: serde_json::Value = serde_json::from_str(&expected)?;
    let listed = expected.as_object().into_iter().flatten();
    listed
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, about)| {
            let file = |ending| folder.join(format!("{name}{ending}"));
            let trace = match name.split('/').next() {
                Some("arc") => Trace::from_path(file(".lis.zst")),
                Some("cache2k") => Trace::read_as(file(".trace.xz"), TraceFormat::U32Be),
                _ => Trace::from_path(file(".trace.gz")),
            };
            let sizes = about["sizes"].as_array().into_iter().flatten();
            Ok(Traffic {
                name: name.clone(),
                keys: trace?.ids().to_vec(),
                sizes: sizes.filter_map(serde_json::Value::as_u64).collect(),
            })
        })
        .collect()
}
