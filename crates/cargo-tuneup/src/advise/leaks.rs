//! Sites whose live bytes grow from snapshot to snapshot.

use std::collections::HashMap;

use tuneup_measure::TheilSen;
use tuneup_memory::{Estimate, GroupBy};
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain},
    heap::{Saved, site},
    remedy,
};

/// Growth within so many standard errors of what was sampled is none.
const LEAST_ERRORS: f64 = 3.0;

/// From so many snapshots on a leak is told from a cache that fills.
const ENOUGH: usize = 10;

/// What any program keeps for itself.
const LEAST_BYTES: f64 = 16.0 * 1024.0;

/// What a site had in each of the snapshots.
struct Series {
    name: String,
    live: Vec<Estimate>,
}

/// The snapshots are of one program, and the earliest is first.
pub(super) fn findings(snapshots: &[&Saved]) -> Vec<Finding> {
    let [_, .., last] = snapshots else {
        return Vec::new();
    };
    let minutes: Vec<f64> = snapshots
        .iter()
        .map(|saved| {
            let since = saved
                .snapshot
                .taken_unix_ns
                .saturating_sub(snapshots[0].snapshot.taken_unix_ns);
            since as f64 / 60e9
        })
        .collect();
    let live_bytes = last.snapshot.total().live.bytes;
    all_series(snapshots)
        .iter()
        .filter_map(|series| finding(series, &minutes, live_bytes, &last.input))
        .collect()
}

fn all_series(snapshots: &[&Saved]) -> Vec<Series> {
    let mut by_name: HashMap<String, Vec<Estimate>> = HashMap::new();
    for (moment, saved) in snapshots.iter().enumerate() {
        for entry in saved.snapshot.by(GroupBy::Site).entries {
            let live = by_name.entry(entry.name).or_default();
            // It was not there before.
            live.resize(moment, Estimate::default());
            live.push(entry.live);
        }
    }
    let mut all: Vec<Series> = by_name
        .into_iter()
        .map(|(name, mut live)| {
            live.resize(snapshots.len(), Estimate::default());
            Series { name, live }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

impl Series {
    /// Whether it never falls, and grows beyond the errors of its estimates, mostly from one snapshot to the next; of many snapshots, in
    /// both halves.
    fn keeps_growing(&self) -> bool {
        let beyond = |first: &Estimate, last: &Estimate| {
            let error = first.bytes_error.hypot(last.bytes_error);
            last.bytes - first.bytes > LEAST_ERRORS * error
        };
        let rises = |live: &[Estimate]| match live {
            [first, .., last] => beyond(first, last),
            _ => false,
        };
        let falls = self.live.windows(2).any(|pair| beyond(&pair[1], &pair[0]));
        let (begin, end) = self.live.split_at(self.live.len() / 2);
        let is_steady = self.live.len() < ENOUGH || (rises(begin) && rises(end));
        rises(&self.live) && !falls && is_steady && 2 * self.steps() >= self.live.len()
    }

    /// How often it has grown from one snapshot to the next.
    fn steps(&self) -> usize {
        self.live
            .windows(2)
            .filter(|pair| pair[1].bytes > pair[0].bytes)
            .count()
    }
}

fn finding(series: &Series, minutes: &[f64], live_bytes: f64, input: &str) -> Option<Finding> {
    let (first, last) = (series.live.first()?, series.live.last()?);
    let grown = last.bytes - first.bytes;
    if grown < LEAST_BYTES || !series.keeps_growing() {
        return None;
    }
    let bytes: Vec<f64> = series.live.iter().map(|live| live.bytes).collect();
    let over = minutes.last()? - minutes.first()?;
    let per_minute = match TheilSen::fit(minutes, &bytes) {
        Ok(line) => line.slope.estimate,
        Err(_) if over > 0.0 => grown / over,
        Err(_) => return None,
    };
    let place = site(&series.name);
    let count = series.live.len();
    let doubt = if count < ENOUGH {
        " A cache that fills looks the same: ten snapshots or more tell them apart."
    } else {
        ""
    };
    Some(Finding {
        rule: "leak",
        title: format!(
            "what `{}` allocates grows from snapshot to snapshot",
            place.name
        ),
        place,
        input: input.to_owned(),
        figures: vec![
            Figure::new("snapshots", count as f64),
            Figure::new("times_grown", series.steps() as f64),
            Figure::new("live_before_bytes", first.bytes.round()),
            Figure::new("live_after_bytes", last.bytes.round()),
            Figure::new("live_blocks", last.blocks.round()),
            Figure::new("growth_per_minute_bytes", per_minute.round()),
        ],
        advice: format!(
            "Find out who holds it, and when that ends: let it go, or give the map or the queue a bound.{doubt}"
        ),
        remedy: if count < ENOUGH {
            &remedy::LEAK_WATCH
        } else {
            &remedy::CACHE
        },
        gain: Gain {
            share: (grown / live_bytes.max(1.0)).clamp(0.0, 1.0),
            of: "the live memory",
            is_limit: true,
            derivation: format!(
                "{} of the {} that live at the end have come since the first snapshot",
                Unit::Bytes.format(grown),
                Unit::Bytes.format(live_bytes)
            ),
        },
    })
}
