//! Benchmarks that lose to a peer, miss a promise, grow faster than they should, or allocate for each item.

use tuneup_benchmarking::suite::{Bench, BenchCase, Results};
use tuneup_report::Unit;

use super::{
    allocations::BLOCK_NS,
    finding::{Figure, Finding, Gain, Place},
    remedy::{self, Remedy},
};

/// A fit that fewer of the resamples agree with is none.
const SURE: f64 = 0.9;

/// The classes, the slowest growth first, each with what ten times the size takes of the time at a large one.
const CLASSES: [(&str, f64); 7] = [
    ("O(1)", 1.0),
    ("O(log n)", 1.2),
    ("O(n)", 10.0),
    ("O(n log n)", 12.0),
    ("O(n²)", 100.0),
    ("O(n³)", 1_000.0),
    ("O(2ⁿ)", f64::INFINITY),
];

/// Nobody is surprised by this class or a better one.
const EXPECTED: &str = "O(n log n)";

/// The time of a group, as a whole.
const OF_BENCH: &str = "the time of this bench";

pub(super) fn findings(input: &str, results: &Results) -> Vec<Finding> {
    results
        .benches
        .iter()
        .flat_map(|bench| of_bench(input, bench))
        .collect()
}

fn of_bench(input: &str, bench: &Bench) -> Vec<Finding> {
    let own = bench.cases.iter().filter(|case| !case.peer);
    let fastest = own
        .clone()
        .min_by(|a, b| a.alternating_ns.total_cmp(&b.alternating_ns));
    let of_fastest = fastest.into_iter().flat_map(|case| {
        [
            behind_peer(input, bench, case),
            allocating(input, bench, case),
        ]
    });
    let of_each = own.flat_map(|case| {
        [
            missed_promise(input, bench, case),
            growing(input, bench, case),
        ]
    });
    of_fastest.chain(of_each).flatten().collect()
}

fn finding(rule: &'static str, input: &str, bench: &Bench, case: &BenchCase) -> Finding {
    let remedy: &Remedy = match rule {
        "complexity" => &remedy::COMPLEXITY,
        "allocations" => &remedy::POOL,
        _ => &remedy::COMPARISON,
    };
    Finding {
        rule,
        title: String::new(),
        place: Place::named(format!("{}/{}", bench.name, case.name)),
        input: input.to_owned(),
        figures: Vec::new(),
        advice: String::new(),
        remedy,
        gain: Gain {
            share: 0.0,
            of: OF_BENCH,
            is_limit: false,
            derivation: String::new(),
        },
    }
}

/// Somebody else's code is surely faster than the fastest of one's own.
fn behind_peer(input: &str, bench: &Bench, case: &BenchCase) -> Option<Finding> {
    let ratio = case.ratio.as_ref()?;
    let is_peer = bench
        .cases
        .iter()
        .any(|other| other.peer && other.name == ratio.to);
    if !is_peer || ratio.low <= 1.0 {
        return None;
    }
    let mut finding = finding("peer", input, bench, case);
    finding.title = format!(
        "`{}` takes {:.2} times as long as `{}`",
        finding.place.name, ratio.estimate, ratio.to
    );
    finding.figures = vec![
        Figure::new("time_ns", case.alternating_ns),
        Figure::new("ratio", ratio.estimate),
        Figure::new("ratio_low", ratio.low),
        Figure::new("ratio_high", ratio.high),
    ];
    finding.advice = format!(
        "Use `{}` here, or find out what it does differently: profile both.",
        ratio.to
    );
    finding.gain.share = 1.0 - 1.0 / ratio.estimate;
    finding.gain.derivation = format!(
        "as long as `{}` takes, of {:.2} times as long",
        ratio.to, ratio.estimate
    );
    Some(finding)
}

fn missed_promise(input: &str, bench: &Bench, case: &BenchCase) -> Option<Finding> {
    let missed = |figure: &&tuneup_benchmarking::suite::Figure| {
        figure.case == case.name && !figure.is_met() && figure.ratio.low > figure.at_most
    };
    let figure = bench.figures.iter().find(missed)?;
    let mut finding = finding("promise", input, bench, case);
    let ratio = &figure.ratio;
    finding.title = format!(
        "`{}` takes {:.2} of `{}`, and promises {:.2} at most",
        finding.place.name, ratio.estimate, ratio.to, figure.at_most
    );
    finding.figures = vec![
        Figure::new("ratio", ratio.estimate),
        Figure::new("ratio_low", ratio.low),
        Figure::new("ratio_high", ratio.high),
        Figure::new("at_most", figure.at_most),
    ];
    finding.advice = "Find the commit that broke it, with `--against` or in the history; or take the promise back.".to_owned();
    finding.gain.share = 1.0 - figure.at_most / ratio.estimate;
    finding.gain.derivation = format!("{:.2} instead of {:.2}", figure.at_most, ratio.estimate);
    Some(finding)
}

/// It grows faster than it claims, or, if it claims nothing, faster than anybody expects.
fn growing(input: &str, bench: &Bench, case: &BenchCase) -> Option<Finding> {
    let fit = case.complexity.as_ref()?;
    let place = |class: &str| CLASSES.iter().position(|(name, _)| *name == class);
    let claimed = fit.claimed.as_deref().unwrap_or(EXPECTED);
    let (found, wanted) = (place(&fit.class)?, place(claimed)?);
    if found <= wanted || fit.confidence < SURE {
        return None;
    }
    let (first, last) = (fit.points.first()?, fit.points.last()?);
    let mut finding = finding("complexity", input, bench, case);
    finding.title = match &fit.claimed {
        Some(claimed) => format!(
            "`{}` is {}, and claims {claimed}",
            finding.place.name, fit.class
        ),
        None => format!("`{}` is {}", finding.place.name, fit.class),
    };
    finding.figures = vec![
        Figure::new("size_small", first.0),
        Figure::new("size_large", last.0),
        Figure::new("small_ns", first.1),
        Figure::new("large_ns", last.1),
        Figure::new("confidence_share", fit.confidence),
    ];
    finding.advice = "Look for a search in a loop, a list that is copied or shifted for each item, a comparison of all with all.".to_owned();
    let (now, then) = (CLASSES[found].1, CLASSES[wanted].1);
    finding.gain.share = 1.0 - then / now;
    finding.gain.of = "the time at ten times the largest size";
    finding.gain.derivation = format!(
        "ten times the size takes {now:.0} times as long, and {then:.0} times if it was {claimed}"
    );
    Some(finding)
}

fn allocating(input: &str, bench: &Bench, case: &BenchCase) -> Option<Finding> {
    let heap = case.heap?;
    let items = bench.items.unwrap_or(bench.size as u64).max(1);
    if heap.blocks < items || heap.blocks < 2 {
        return None;
    }
    let (blocks, time_ns) = (heap.blocks as f64, case.alternating_ns);
    let cost_ns = (blocks * BLOCK_NS).min(time_ns);
    let mut finding = finding("allocations", input, bench, case);
    finding.title = format!("`{}` allocates for each item", finding.place.name);
    finding.figures = vec![
        Figure::new("time_ns", time_ns),
        Figure::new("items", items as f64),
        Figure::new("blocks", blocks),
        Figure::new("allocated_bytes", heap.bytes as f64),
        Figure::new("peak_bytes", heap.peak_bytes as f64),
    ];
    finding.advice = "Keep what can be kept: a buffer that is cleared and used again, a `with_capacity`, a borrowed text.".to_owned();
    finding.gain.share = if time_ns > 0.0 {
        cost_ns / time_ns
    } else {
        0.0
    };
    finding.gain.is_limit = true;
    finding.gain.derivation = format!(
        "{} blocks of {} each, to make and to free",
        Unit::Count.format(blocks),
        Unit::Nanoseconds.format(BLOCK_NS)
    );
    Some(finding)
}
