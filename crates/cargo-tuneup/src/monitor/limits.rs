//! What a tree may use at most: of the machine, of its control groups, and by the limits of each process.

use std::{collections::HashMap, fs, time::Instant};

use procfs::{
    Current as _, LoadAverage, Meminfo,
    process::{LimitValue, Status},
};

use super::{
    control_group::{ControlGroups, Trouble},
    metric::{Figures, Metric},
    pace::Pace,
    pressure::{Pressure, Stalls},
    process_tree::{Identity, Member, Root},
    rate::Rate,
    sampler::Reading,
    user_tasks::UserTasks,
};

/// A limit and how much of it is used, by whoever counts towards it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) metric: Metric,
    /// What sets it: `memory.max of /app`.
    pub(crate) name: String,
    pub(crate) limit: f64,
    pub(crate) used: f64,
}

impl Limit {
    /// Of the limit that is used; 1 where nothing may be.
    pub(crate) fn share(&self) -> f64 {
        if self.limit > 0.0 {
            self.used / self.limit
        } else {
            1.0
        }
    }
}

/// What the limits of one sample are read from.
pub(super) struct Seen<'a> {
    pub(super) root: Root,
    pub(super) figures: &'a Figures,
    pub(super) at: Instant,
    /// Processor time of the tree so far.
    pub(super) cpu_ns: u64,
    pub(super) running: &'a [(&'a Member, &'a Reading)],
}

/// What went wrong for want of something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incidents {
    pub(crate) troubles: Vec<Trouble>,
    /// In which control group, or on the machine, and the shares of the time in which somebody had to wait.
    pub(crate) stalls: Option<(Option<String>, Stalls)>,
    /// Processes that the kernel has killed for want of memory, on the whole machine.
    pub(crate) machine_oom_kills: u64,
}

/// Reads limits from one sample to the next.
pub(super) struct Limits {
    machine: Machine,
    groups: ControlGroups,
    pressure: Option<Pressure>,
    oom_kills: u64,
    by_process: HashMap<Identity, ProcessLimits>,
    refresh: Pace,
    user_tasks: UserTasks,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            machine: Machine::read(),
            groups: ControlGroups::new("/"),
            pressure: None,
            oom_kills: oom_kills(),
            by_process: HashMap::new(),
            refresh: Pace::default(),
            user_tasks: UserTasks::default(),
        }
    }

    /// Of the machine.
    pub(super) fn cores(&self) -> f64 {
        self.machine.online.len() as f64
    }

    pub(super) fn read(&mut self, seen: &Seen<'_>) -> Vec<Limit> {
        if let Some((root, _)) = self.first(seen) {
            self.groups.refresh(root.stat.pid);
        }
        if self.pressure.is_none() {
            self.pressure = Some(Pressure::begin(self.groups.innermost()));
        }
        let mut limits = self.machine.limits(seen);
        limits.extend(self.groups.limits(seen.at, seen.cpu_ns));
        limits.extend(self.process_limits(seen));
        limits
    }

    /// Whose control group is the tree's: the process where the tree begins, or the first that is left.
    fn first<'a>(&self, seen: &Seen<'a>) -> Option<(&'a Member, &'a Reading)> {
        let root = seen.running.iter().find(|(member, _)| match seen.root {
            Root::Process(id) => member.id() == id,
            Root::Children => true,
        });
        root.copied()
    }

    fn process_limits(&mut self, seen: &Seen<'_>) -> Vec<Limit> {
        // They can be changed while the process runs; prlimit(2).
        self.refresh.run(|| self.by_process.clear());
        let mut kept = HashMap::new();
        let mut nearest: Vec<Limit> = Vec::new();
        for (member, reading) in seen.running {
            let id = member.id();
            let limits = self.by_process.remove(&id);
            let Some(limits) = limits.or_else(|| ProcessLimits::of(member)) else {
                continue;
            };
            let user_tasks = self
                .user_tasks
                .of(reading.status.as_ref(), limits.processes);
            for limit in limits.of_process(member, reading, user_tasks) {
                match nearest.iter_mut().find(|other| is_alike(other, &limit)) {
                    Some(other) if other.share() < limit.share() => *other = limit,
                    Some(_) => {}
                    None => nearest.push(limit),
                }
            }
            kept.insert(id, limits);
        }
        self.by_process = kept;
        nearest
    }

    pub(super) fn incidents(&self) -> Incidents {
        Incidents {
            troubles: self.groups.troubles(),
            stalls: self.pressure.as_ref().and_then(Pressure::stalls),
            machine_oom_kills: oom_kills().saturating_sub(self.oom_kills),
        }
    }
}

/// The same limit of two processes, which are named behind a colon.
fn is_alike(one: &Limit, other: &Limit) -> bool {
    let kind = |limit: &Limit| limit.name.split(" of ").next().map(str::to_owned);
    kind(one) == kind(other)
}

/// What the machine has.
struct Machine {
    online: Vec<u32>,
    memory_bytes: u64,
    /// The kernel's setting that allows fewer, and how many.
    threads: Option<(&'static str, u64)>,
    /// Processor time of the tree.
    used: Rate,
}

impl Machine {
    fn read() -> Self {
        let online = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
        let setting = |name| {
            let text = fs::read_to_string(format!("/proc/sys/kernel/{name}")).ok()?;
            Some((name, text.trim().parse().ok()?))
        };
        let threads = ["threads-max", "pid_max"].into_iter().filter_map(setting);
        Self {
            online: numbers(&online),
            memory_bytes: Meminfo::current().map_or(0, |memory| memory.mem_total),
            threads: threads.min_by_key(|(_, most)| *most),
            used: Rate::default(),
        }
    }

    fn limits(&mut self, seen: &Seen<'_>) -> Vec<Limit> {
        let mut limits = Vec::new();
        let figure = |metric| seen.figures.get(metric);
        let used_ns = self.used.update(seen.at, seen.cpu_ns);
        if let (Some(ns), false) = (used_ns, self.online.is_empty()) {
            let status = seen.running.first().and_then(|(_, it)| it.status.as_ref());
            let allowed = self.allowed(status);
            let name = match allowed == self.online.len() {
                true => "the machine".to_owned(),
                false => format!("the affinity, of {} cores", self.online.len()),
            };
            limits.push(Limit {
                metric: Metric::Cpu,
                name,
                limit: allowed as f64,
                // Clocks of processes are read one after the other.
                used: (ns / 1e9).min(allowed as f64),
            });
        }
        // What processes share is there once.
        let memory = figure(Metric::Proportional).or(figure(Metric::Resident));
        if let (Some(used), 1..) = (memory, self.memory_bytes) {
            limits.push(Limit {
                metric: Metric::Resident,
                name: "the machine".to_owned(),
                limit: self.memory_bytes as f64,
                used,
            });
        }
        if let (Some((name, most)), Ok(load)) = (self.threads, LoadAverage::current()) {
            limits.push(Limit {
                metric: Metric::Threads,
                name: format!("kernel.{name}"),
                limit: most as f64,
                used: f64::from(load.max),
            });
        }
        limits
    }

    /// Of the cores that are there, those that a process may use.
    fn allowed(&self, status: Option<&Status>) -> usize {
        let Some(ranges) = status.and_then(|status| status.cpus_allowed_list.as_ref()) else {
            return self.online.len();
        };
        let is_allowed = |core: &&u32| ranges.iter().any(|(from, to)| (from..=to).contains(core));
        self.online.iter().filter(is_allowed).count()
    }
}

/// `0-3,8`.
fn numbers(list: &str) -> Vec<u32> {
    let range = |text: &str| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        Some(from.parse().ok()?..=to.parse().ok()?)
    };
    let ranges = list.trim().split(',').filter_map(range);
    ranges.flatten().take(MOST_CORES).collect()
}

/// Far more than any machine has.
const MOST_CORES: usize = 1 << 16;

fn oom_kills() -> u64 {
    procfs::vmstat()
        .ok()
        .and_then(|counts| counts.get("oom_kill").copied())
        .map_or(0, i64::unsigned_abs)
}

/// The limits of one process, getrlimit(2): those that the kernel holds it to, not those that it could ask for.
#[derive(Clone, Copy)]
struct ProcessLimits {
    files: Option<u64>,
    address_space_bytes: Option<u64>,
    /// Of its user, threads counted.
    processes: Option<u64>,
}

impl ProcessLimits {
    fn of(member: &Member) -> Option<Self> {
        let limits = member.process.limits().ok()?;
        let value = |limit: procfs::process::Limit| match limit.soft_limit {
            LimitValue::Value(value) => Some(value),
            LimitValue::Unlimited => None,
        };
        Some(Self {
            files: value(limits.max_open_files),
            address_space_bytes: value(limits.max_address_space),
            processes: value(limits.max_processes),
        })
    }

    fn of_process(
        &self,
        member: &Member,
        reading: &Reading,
        user_tasks: Option<u64>,
    ) -> Vec<Limit> {
        let process = format!("{} ({})", member.stat.comm, member.stat.pid);
        let limit = |metric, name: &str, limit: Option<u64>, used: Option<u64>| {
            Some(Limit {
                metric,
                name: format!("{name} of {process}"),
                limit: limit? as f64,
                used: used? as f64,
            })
        };
        let files = reading.files.map(|count| count as u64);
        let space = Some(member.stat.vsize);
        [
            limit(Metric::Files, "RLIMIT_NOFILE", self.files, files),
            limit(
                Metric::Resident,
                "RLIMIT_AS",
                self.address_space_bytes,
                space,
            ),
            limit(Metric::Threads, "RLIMIT_NPROC", self.processes, user_tasks),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cores_are_read() {
        assert_eq!(numbers("0-3,8\n"), [0, 1, 2, 3, 8]);
        assert_eq!(numbers("0"), [0]);
        assert_eq!(numbers(""), Vec::<u32>::new());
        assert_eq!(numbers("5-2,x,4294967295"), [u32::MAX]);
        assert_eq!(numbers("0-4294967295").len(), MOST_CORES);
    }

    #[test]
    fn the_limit_that_is_nearest_is_told_of_several_processes() {
        let of = |name: &str| Limit {
            metric: Metric::Files,
            name: name.to_owned(),
            limit: 0.0,
            used: 5.0,
        };
        assert!(is_alike(
            &of("RLIMIT_NOFILE of a (1)"),
            &of("RLIMIT_NOFILE of b (2)")
        ));
        assert!(!is_alike(
            &of("RLIMIT_NOFILE of a (1)"),
            &of("RLIMIT_AS of a (1)")
        ));
        assert_eq!(of("").share(), 1.0, "nothing is allowed");
    }
}
