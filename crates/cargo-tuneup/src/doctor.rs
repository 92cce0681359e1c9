//! `cargo tuneup doctor`: what a machine lets one measure, and how well.

use std::{env, fs, hint::black_box, thread::available_parallelism, time::Duration};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use tuneup_benchmarking::{Comparison, Timeit};
use tuneup_measure::{Clock, ClockSource};
use tuneup_profiling::NativeSampler;
use tuneup_report::{Cell, Shorten, Style, Table, Unit};

use crate::format::{Findings, Format, Stream};

/// How to show it.
#[derive(Args)]
#[command(
    after_help = "Takes some ten seconds, most of them for the noise: a function is compared with itself again and again."
)]
pub(crate) struct Options {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// So many comparisons of a function with itself show the noise.
const COMPARISONS: usize = 10;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    found: String,
    is_well: bool,
    /// What follows from it, or what to do.
    so: String,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let findings = [
        clock(),
        perf_events(),
        frame_pointers(),
        processors(),
        noise()?,
    ];
    let json: Vec<Value> = findings.iter().map(json_of).collect();
    let mut table = Table::new(["what", "found", "so"])
        .shorten(2, Shorten::End)
        .spare(2);
    for Finding {
        what,
        found,
        is_well,
        so,
    } in &findings
    {
        let style = if *is_well { Style::Good } else { Style::Bad };
        table.push([
            Cell::text(*what),
            Cell::text(found).styled(style),
            Cell::text(so),
        ]);
    }
    Findings {
        table,
        sentence: String::new(),
        json: Value::from(json),
    }
    .print(options.format, Stream::Output)
}

fn json_of(finding: &Finding) -> Value {
    json!({
        "what": finding.what,
        "found": finding.found,
        "is_well": finding.is_well,
        "so": finding.so,
    })
}

fn clock() -> Finding {
    let clock = Clock::new();
    let reading = Timeit::new("clock").run(|| clock.now());
    let ns = Unit::Nanoseconds.format(reading.median_ns.estimate);
    let is_counter = clock.source() != ClockSource::Monotonic;
    Finding {
        what: "clock",
        found: format!("{}, {ns} a reading", clock.source()),
        is_well: is_counter,
        so: match is_counter {
            true => "a recorded call costs two readings and little more".to_owned(),
            false => "no invariant counter: recorded calls cost two of the system's readings; sample instead".to_owned(),
        },
    }
}

/// Tried, since what is allowed depends on more than one setting.
fn perf_events() -> Finding {
    match NativeSampler::builder().rate_hz(99).start() {
        Ok(sampler) => {
            drop(sampler.finish());
            Finding {
                what: "perf events",
                found: "allowed".to_owned(),
                is_well: true,
                so: "native stacks of programs can be sampled".to_owned(),
            }
        }
        Err(error) => Finding {
            what: "perf events",
            found: "refused".to_owned(),
            is_well: false,
            so: error.to_string(),
        },
    }
}

fn frame_pointers() -> Finding {
    let flags = env::var("RUSTFLAGS").unwrap_or_default();
    let has_them = flags.contains("force-frame-pointers");
    Finding {
        what: "frame pointers",
        found: if has_them { "asked for" } else { "not asked for" }.to_owned(),
        is_well: has_them,
        so: match has_them {
            true => "stacks are followed in a few nanoseconds a frame",
            false => "stacks are followed by unwind tables, which works and is slower; RUSTFLAGS='-C force-frame-pointers=yes' is quicker",
        }
        .to_owned(),
    }
}

fn processors() -> Finding {
    let usable = available_parallelism().map_or(1, usize::from);
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let online = cpuinfo
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count()
        .max(usable);
    let is_well = usable > 1;
    let so = match (usable, online) {
        (1, _) => {
            "what runs in parallel takes turns; benchmarks are disturbed by whatever else runs"
                .to_owned()
        }
        (usable, online) if usable < online => {
            format!(
                "{} more are there, and kept from this process by its affinity or its control group",
                online - usable
            )
        }
        _ => "all that are there".to_owned(),
    };
    Finding {
        what: "processors",
        found: format!("{usable} of {online}"),
        is_well,
        so,
    }
}

/// How far a function is from itself, where it should be at 1.
fn noise() -> Result<Finding> {
    let steal_before = steal();
    let mut errors = Vec::with_capacity(COMPARISONS);
    for seed in 0..COMPARISONS as u64 {
        let work = |n: &u64| (0..*n).fold(0, |sum: u64, i| black_box(sum ^ i));
        let outcome = Comparison::new("a function against itself")
            .budget(Duration::from_millis(300))
            .seed(seed)
            .input(2_000_u64)
            .case("one", work)
            .case("the same", work)
            .run()?;
        errors.push((outcome.cases[1].ratio.estimate - 1.0).abs());
    }
    let worst = errors.iter().copied().fold(0.0, f64::max);
    let stolen = steal()
        .zip(steal_before)
        .map(|(after, before)| after.since(before));
    Ok(Finding {
        what: "noise",
        found: format!("± {}", Unit::Percent.format(worst)),
        is_well: worst < WELL_BELOW,
        so: match stolen {
            Some(share) if share > STOLEN => format!(
                "the machine's host gave {} of the processor time to others meanwhile: compare ratios, and repeat what matters",
                Unit::Percent.format(share)
            ),
            _ => format!(
                "the worst of {COMPARISONS} comparisons of a function with itself; smaller differences cannot be seen"
            ),
        },
    })
}

/// Comparisons that are this near to the truth tell one per cent apart.
const WELL_BELOW: f64 = 0.01;

/// From this share on it is worth a word.
const STOLEN: f64 = 0.02;

/// Ticks of all processors since the machine was started.
#[derive(Clone, Copy)]
struct Steal {
    stolen: u64,
    all: u64,
}

impl Steal {
    /// The share that was stolen.
    fn since(self, before: Self) -> f64 {
        (self.stolen - before.stolen) as f64 / (self.all - before.all).max(1) as f64
    }
}

/// What the host of a virtual machine kept from it; proc_stat(5). None where nobody counts that.
fn steal() -> Option<Steal> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let ticks = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = ticks
        .split_whitespace()
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    Some(Steal {
        stolen: *ticks.get(7)?,
        // The last two are part of others.
        all: ticks.iter().take(8).sum(),
    })
}
