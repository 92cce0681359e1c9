//! What is kept of all samples: of bounded size, however long the watch is.

mod programs;
mod series;
mod statistic;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

pub(crate) use self::{
    programs::{Program, Programs},
    series::{Bucket, Series},
    statistic::Statistic,
};
use super::{
    limits::{Incidents, Limit},
    metric::Metric,
    network::{Source, Traffic},
    process_tree::Identity,
    sampler::Sample,
    totals::Amounts,
};

/// A limit, and how near its use has come to it.
#[derive(Clone, Debug)]
pub(crate) struct Closest {
    /// As it was when it was nearest.
    pub(crate) limit: Limit,
    /// When that was, since the watch has begun.
    pub(crate) at: Duration,
}

/// A process that is moved among groups has so many limits at most.
const MOST_LIMITS: usize = 256;

/// What was seen so far.
pub(crate) struct Record {
    statistics: Vec<Statistic>,
    pub(crate) series: Series,
    pub(crate) programs: Programs,
    /// Of each limit.
    closest: Vec<Closest>,
    pub(crate) totals: Amounts,
    pub(crate) traffic: Traffic,
    pub(crate) samples: u64,
    pub(crate) elapsed: Duration,
    /// How many different processes were seen.
    pub(crate) seen: u64,
    present: HashSet<Identity>,
    /// Those that run at the last sample.
    pub(crate) running: usize,
    /// The most memory that one process had at a time, by the kernel's own account.
    pub(crate) largest_bytes: u64,
    /// The most processes of a sample whose files this user may not read.
    pub(crate) denied: usize,
    /// Where the network's bytes were counted.
    pub(crate) source: Source,
    pub(crate) incidents: Incidents,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            statistics: Metric::ALL.map(Statistic::new).into(),
            series: Series::default(),
            programs: Programs::default(),
            closest: Vec::new(),
            totals: Amounts::default(),
            traffic: Traffic::default(),
            samples: 0,
            elapsed: Duration::ZERO,
            seen: 0,
            present: HashSet::new(),
            running: 0,
            largest_bytes: 0,
            denied: 0,
            source: Source::None,
            incidents: Incidents::default(),
        }
    }

    pub(crate) fn add(&mut self, sample: &Sample) {
        for statistic in &mut self.statistics {
            statistic.add(sample.at, sample.span, &sample.figures);
        }
        self.series.add(sample.at, sample.span, &sample.figures);
        self.programs.add(&sample.processes);
        for limit in &sample.limits {
            self.note(limit, sample.at);
        }
        self.totals = sample.totals;
        self.traffic = sample.traffic;
        self.samples += 1;
        self.elapsed = sample.at;
        let present: HashSet<Identity> = sample.processes.iter().map(|it| it.id).collect();
        self.seen += present.difference(&self.present).count() as u64;
        self.present = present;
        self.running = sample.running().count();
        let largest = sample.processes.iter().map(|it| it.peak_resident_bytes);
        self.largest_bytes = self.largest_bytes.max(largest.max().unwrap_or(0));
        self.denied = self.denied.max(sample.denied);
    }

    fn note(&mut self, limit: &Limit, at: Duration) {
        let closest = || Closest {
            limit: limit.clone(),
            at,
        };
        let is_same = |it: &Closest| it.limit.metric == limit.metric && it.limit.name == limit.name;
        match self.closest.iter().position(is_same) {
            Some(known) if limit.share() > self.closest[known].limit.share() => {
                self.closest[known] = closest();
            }
            Some(_) => {}
            None if self.closest.len() < MOST_LIMITS => self.closest.push(closest()),
            None => {}
        }
    }

    pub(crate) fn statistic(&self, metric: Metric) -> &Statistic {
        &self.statistics[metric as usize]
    }

    /// All limits, in the order of what they limit, the nearest first.
    pub(crate) fn limits(&self) -> Vec<&Closest> {
        let mut limits: Vec<&Closest> = self.closest.iter().collect();
        limits.sort_by(|left, right| {
            let nearer = right.limit.share().total_cmp(&left.limit.share());
            (left.limit.metric as usize)
                .cmp(&(right.limit.metric as usize))
                .then(nearer)
        });
        limits
    }

    /// Of the limits of one metric, the one that was nearest.
    pub(crate) fn tightest(&self, metric: Metric) -> Option<&Closest> {
        let all = self.closest.iter().filter(|it| it.limit.metric == metric);
        all.max_by(|left, right| left.limit.share().total_cmp(&right.limit.share()))
    }
}

/// Of the limits of a sample, the nearest of each metric.
pub(crate) fn nearest(limits: &[Limit]) -> HashMap<usize, &Limit> {
    let mut nearest: HashMap<usize, &Limit> = HashMap::new();
    for limit in limits {
        let known = nearest.entry(limit.metric as usize).or_insert(limit);
        if limit.share() > known.share() {
            *known = limit;
        }
    }
    nearest
}
