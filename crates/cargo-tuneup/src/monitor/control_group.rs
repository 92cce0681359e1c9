//! The limits of control groups, cgroups(7): of the group that a process is in, and of all around it. Version 2 and, for processors, memory and
//! numbers of processes, version 1.

mod ceiling;
mod place;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use procfs::{FromRead as _, process::MountInfos};

use self::{
    ceiling::{Ceiling, Kind},
    place::{Level, Version, levels},
};
use super::{limits::Limit, metric::Metric, pace::Pace, rate::Rate};

/// What has happened in a group since the watch has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The path of the group.
    pub(crate) group: String,
    /// Periods in which it wanted a processor.
    pub(crate) periods: u64,
    /// Of those, periods in which it had used up what it may.
    pub(crate) throttled_periods: u64,
    /// How long it had to wait for that.
    pub(crate) throttled: Duration,
    /// How often its memory came above `memory.high`.
    pub(crate) above_high: u64,
    /// How often its memory came to its limit.
    pub(crate) at_limit: u64,
    /// Processes that the kernel has killed for that.
    pub(crate) oom_kills: u64,
}

impl Trouble {
    fn read(level: &Level) -> Self {
        let field = |file: &str, name: &str| level.field(file, name).unwrap_or(0);
        let group = level.name.clone();
        match level.version {
            Version::Two => Self {
                group,
                periods: field("cpu.stat", "nr_periods"),
                throttled_periods: field("cpu.stat", "nr_throttled"),
                throttled: Duration::from_micros(field("cpu.stat", "throttled_usec")),
                above_high: field("memory.events", "high"),
                at_limit: field("memory.events", "max"),
                oom_kills: field("memory.events", "oom_kill"),
            },
            Version::One => Self {
                group,
                periods: field("cpu.stat", "nr_periods"),
                throttled_periods: field("cpu.stat", "nr_throttled"),
                throttled: Duration::from_nanos(field("cpu.stat", "throttled_time")),
                above_high: 0,
                at_limit: level.number("memory.failcnt").unwrap_or(0),
                oom_kills: field("memory.oom_control", "oom_kill"),
            },
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            group: self.group.clone(),
            periods: self.periods.saturating_sub(before.periods),
            throttled_periods: self
                .throttled_periods
                .saturating_sub(before.throttled_periods),
            throttled: self.throttled.saturating_sub(before.throttled),
            above_high: self.above_high.saturating_sub(before.above_high),
            at_limit: self.at_limit.saturating_sub(before.at_limit),
            oom_kills: self.oom_kills.saturating_sub(before.oom_kills),
        }
    }

    fn is_none(&self) -> bool {
        self.throttled_periods == 0
            && self.above_high == 0
            && self.at_limit == 0
            && self.oom_kills == 0
    }
}

/// A process that is moved from group to group has trouble in so many of them at most.
const MOST_GROUPS: usize = 64;

/// The groups of one process, from one sample to the next.
pub(super) struct ControlGroups {
    /// Where /proc and /sys are; elsewhere in tests.
    system: PathBuf,
    membership: String,
    levels: Vec<Level>,
    ceilings: Vec<Ceiling>,
    refresh: Pace,
    /// By the name of a ceiling.
    rates: HashMap<String, Rate>,
    /// By folder: at first, and last.
    troubles: HashMap<PathBuf, (Trouble, Trouble)>,
}

impl ControlGroups {
    pub(super) fn new(system: impl Into<PathBuf>) -> Self {
        Self {
            system: system.into(),
            membership: String::new(),
            levels: Vec::new(),
            ceilings: Vec::new(),
            refresh: Pace::default(),
            rates: HashMap::new(),
            troubles: HashMap::new(),
        }
    }

    /// Finds the groups of this process, and their limits, which may change. Those of one that has ended stay.
    pub(super) fn refresh(&mut self, pid: i32) {
        let path = self.system.join(format!("proc/{pid}/cgroup"));
        let Ok(membership) = fs::read_to_string(path) else {
            return;
        };
        if membership != self.membership {
            self.refresh = Pace::default();
            self.membership = membership;
        }
        let found = self.refresh.run(|| {
            let mounts = self.system.join("proc/self/mountinfo");
            let mounts = MountInfos::from_file(mounts).map(|mounts| mounts.0);
            let levels = levels(&self.membership, &mounts.unwrap_or_default(), &self.system);
            let ceilings = levels.iter().flat_map(Ceiling::of).collect();
            (levels, ceilings)
        });
        if let Some((levels, ceilings)) = found {
            (self.levels, self.ceilings) = (levels, ceilings);
            let names: Vec<&String> = self.ceilings.iter().map(|it| &it.name).collect();
            self.rates.retain(|name, _| names.contains(&name));
        }
    }

    /// Of version 2, the group that the process is in itself; none for the one that all are in.
    pub(super) fn innermost(&self) -> Option<(&str, &Path)> {
        let level = self
            .levels
            .iter()
            .find(|level| level.version == Version::Two)?;
        (level.name != "/").then_some((&level.name[..], level.folder.as_path()))
    }

    /// Its limits now; a sample of what goes wrong is taken too. `cpu_ns` is the tree's.
    pub(super) fn limits(&mut self, now: Instant, cpu_ns: u64) -> Vec<Limit> {
        let mut limits = Vec::new();
        for ceiling in &self.ceilings {
            let used = ceiling.used();
            let mut per_second = |count: Option<f64>| {
                let rate = self.rates.entry(ceiling.name.clone()).or_default();
                rate.update(now, count? as u64)
            };
            let (metric, used) = match ceiling.kind {
                Kind::Memory => (Metric::Resident, used),
                Kind::Tasks => (Metric::Threads, used),
                // Version 1 counts the time elsewhere: the tree's is told.
                Kind::Cpu => {
                    let used_ns = used.map_or(cpu_ns as f64, |us| us * 1e3);
                    let cores = per_second(Some(used_ns)).map(|ns| ns / 1e9);
                    (Metric::Cpu, cores)
                }
                Kind::Read => (Metric::Read, per_second(used)),
                Kind::Written => (Metric::Written, per_second(used)),
            };
            limits.extend(used.map(|used| Limit {
                metric,
                name: ceiling.name.clone(),
                limit: ceiling.limit,
                used,
            }));
        }
        self.note_troubles();
        limits
    }

    fn note_troubles(&mut self) {
        for level in &self.levels {
            let is_limited = self.ceilings.iter().any(|it| it.level == *level);
            let is_noted = self.troubles.contains_key(&level.folder);
            if !is_limited || !level.folder.exists() {
                continue;
            }
            if is_noted || self.troubles.len() < MOST_GROUPS {
                let now = Trouble::read(level);
                let noted = self.troubles.entry(level.folder.clone());
                let (_, last) = noted.or_insert_with(|| (now.clone(), now.clone()));
                *last = now;
            }
        }
    }

    /// Where something went wrong, by name of the group.
    pub(super) fn troubles(&self) -> Vec<Trouble> {
        let since = self
            .troubles
            .values()
            .map(|(first, last)| last.since(first));
        let mut troubles: Vec<Trouble> = since.filter(|trouble| !trouble.is_none()).collect();
        troubles.sort_by(|left, right| left.group.cmp(&right.group));
        troubles
    }
}

#[cfg(test)]
mod tests;
