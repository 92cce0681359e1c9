//! Sites whose live bytes rise, and rise on.

use std::{collections::HashMap, fmt, time::Duration};

use tuneup_measure::{Bytes, Interval, TheilSen};
use tuneup_report::Cell;

use super::series::{History, Series};
use crate::snapshot::Names;

const CONFIDENCE: f64 = 0.99;

/// Fewer points than this say nothing about the second half of them.
const LEAST_POINTS: usize = 10;

/// By so many standard errors of estimates a site must have grown where blocks are sampled.
const LEAST_ERRORS: f64 = 3.0;

/// Callers that a report shows of each suspect.
const MOST_CALLERS: usize = 12;

/// What a [`LeakWatch`](super::LeakWatch) has found, from [`report`](super::LeakWatch::report). Shown as text that says what to
/// look at: of each suspect the site, its growth, and who calls it. Without a suspect it says so; with fewer than ten
/// [`moments`](Self::moments) that means nothing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LeakReport {
    /// The suspected sites, the fastest growth first.
    pub suspects: Vec<Suspect>,
    /// The time between the first and the last snapshot.
    pub watched: Duration,
    /// The moments that are kept.
    pub moments: usize,
    /// Sites that were looked at.
    pub sites: usize,
    /// Stacks that found no room, because others had more live bytes.
    pub dropped_stacks: u64,
}

/// A site that may leak.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Suspect {
    /// Function, file and line of the allocation.
    pub site: String,
    /// Bytes by which its live blocks grow in a minute, with an interval of 99 % confidence.
    pub bytes_per_minute: Interval,
    /// Its live bytes at the last snapshot.
    pub live_bytes: f64,
    /// Its live blocks at the last snapshot.
    pub live_blocks: f64,
    /// When it was first seen, from the begin of the trace.
    pub first_seen: Duration,
    /// The stack of the site that has the most live bytes: its functions, from the site outwards.
    pub stack: Vec<String>,
}

/// All stacks of one site.
struct Site {
    sum: Series,
    largest_bytes: f64,
    stack: Vec<String>,
}

pub(super) fn report(history: &History) -> LeakReport {
    let addresses = history.series.keys().flat_map(|(calls, _)| calls);
    named_report(history, &Names::look_up(addresses.copied()))
}

fn named_report(history: &History, names: &Names) -> LeakReport {
    let sites = sites(history, names);
    let count = sites.len();
    let mut suspects = sites
        .into_iter()
        .filter_map(|(name, site)| suspect(history, name, site))
        .collect::<Vec<_>>();
    // By what is sure: a site that may grow fast, or not at all, comes after one that grows.
    suspects.sort_by(|a, b| {
        let (a, b) = (&a.bytes_per_minute, &b.bytes_per_minute);
        b.low.total_cmp(&a.low)
    });
    let ends = history.moments.first().zip(history.moments.last());
    LeakReport {
        suspects,
        watched: ends.map_or(Duration::ZERO, |(first, last)| last.saturating_sub(*first)),
        moments: history.moments.len(),
        sites: count,
        dropped_stacks: history.dropped,
    }
}

fn sites(history: &History, names: &Names) -> HashMap<String, Site> {
    let mut sites = HashMap::<String, Site>::new();
    for ((calls, _), series) in &history.series {
        let latest = series.bytes.last().copied().unwrap_or(0.0);
        let site = sites.entry(names.site_name(calls)).or_insert_with(|| Site {
            sum: Series {
                first_seen: series.first_seen,
                bytes: vec![0.0; series.bytes.len()],
                ..Series::default()
            },
            largest_bytes: f64::NEG_INFINITY,
            stack: Vec::new(),
        });
        site.sum.first_seen = site.sum.first_seen.min(series.first_seen);
        site.sum.blocks += series.blocks;
        site.sum.variance += series.variance;
        let sums = site.sum.bytes.iter_mut();
        sums.zip(&series.bytes)
            .for_each(|(sum, bytes)| *sum += bytes);
        if latest > site.largest_bytes {
            site.largest_bytes = latest;
            site.stack = names.stack_names(calls);
        }
    }
    sites
}

fn suspect(history: &History, name: String, site: Site) -> Option<Suspect> {
    let seen = history
        .moments
        .partition_point(|moment| *moment < site.sum.first_seen);
    let minutes = history.moments[seen..]
        .iter()
        .map(|moment| moment.as_secs_f64() / 60.0);
    let minutes = minutes.collect::<Vec<_>>();
    let bytes = &site.sum.bytes[seen..];
    if bytes.len() < LEAST_POINTS {
        return None;
    }
    let rises = |minutes: &[f64], bytes: &[f64]| {
        let line = TheilSen::fit_with_confidence(minutes, bytes, CONFIDENCE).ok()?;
        (line.slope.low > 0.0).then_some(line.slope)
    };
    let half = bytes.len() / 2;
    let slope = rises(&minutes, bytes)?;
    rises(&minutes[half..], &bytes[half..])?;
    let (first, last) = (*bytes.first()?, *bytes.last()?);
    let rise = slope.estimate * (minutes.last()? - minutes.first()?);
    if rise <= LEAST_ERRORS * error_of_growth(first, last, site.sum.variance) {
        return None;
    }
    Some(Suspect {
        site: name,
        bytes_per_minute: slope,
        live_bytes: last,
        live_blocks: site.sum.blocks,
        first_seen: site.sum.first_seen,
        stack: site.stack,
    })
}

/// The standard error of the difference of two estimates, of which the last has this variance, and the first as much for
/// each byte. One after the other they wander, as blocks in the sample are replaced by others: a line through them
/// takes that for growth.
fn error_of_growth(first: f64, last: f64, variance: f64) -> f64 {
    (variance * (1.0 + first.max(0.0) / last.max(1.0))).sqrt()
}

impl fmt::Display for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched = Cell::duration(self.watched);
        let (moments, sites) = (self.moments, self.sites);
        if moments < LEAST_POINTS {
            return write!(
                f,
                "{moments} snapshots over {watched} are too few to tell: {LEAST_POINTS} are needed"
            );
        }
        if self.suspects.is_empty() {
            return write!(
                f,
                "no site keeps growing: {sites} sites in {moments} snapshots over {watched}"
            );
        }
        let count = self.suspects.len();
        writeln!(
            f,
            "{count} of {sites} sites keep growing, in {moments} snapshots over {watched}:"
        )?;
        for (place, suspect) in self.suspects.iter().enumerate() {
            write!(f, "{:>3}. {suspect}", place + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for Suspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |bytes: f64| Bytes(bytes.max(0.0).round() as u64);
        let growth = &self.bytes_per_minute;
        writeln!(f, "{}", self.site)?;
        writeln!(
            f,
            "     grows by {} a minute (99 %: {} to {}); {} in {} blocks are live; first seen after {}",
            bytes(growth.estimate),
            bytes(growth.low),
            bytes(growth.high),
            bytes(self.live_bytes),
            Cell::count(self.live_blocks.max(0.0).round() as u64),
            Cell::duration(self.first_seen),
        )?;
        for caller in self.stack.iter().skip(1).take(MOST_CALLERS) {
            writeln!(f, "       called by {caller}")?;
        }
        match self.stack.len().saturating_sub(1 + MOST_CALLERS) {
            0 => {}
            more => writeln!(f, "       and {more} more")?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
