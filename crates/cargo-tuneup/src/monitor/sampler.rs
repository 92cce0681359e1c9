//! One look at all processes of a tree, and what has changed since the one before.

use std::time::{Duration, Instant};

use nix::{
    time::{clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};
use procfs::{Current as _, ProcError, Uptime, process::Status};

use super::{
    limits::{Limit, Limits, Seen},
    metric::{Figures, Metric},
    network::{Network, Traffic},
    pace::Pace,
    process_tree::{Identity, Member, Root, Tree},
    switches::Switches,
    totals::{Account, Amounts, Entry, Totals},
};

/// One process of a sample.
#[derive(Clone, Debug)]
pub(crate) struct ProcessSample {
    pub(crate) id: Identity,
    /// As the kernel has it, at most 15 bytes.
    pub(crate) name: String,
    /// Its own processor time since it has begun.
    pub(crate) cpu_ns: u64,
    /// The most resident memory that it has had.
    pub(crate) peak_resident_bytes: u64,
    pub(crate) is_running: bool,
    /// Whether it had begun before the watch.
    pub(crate) is_older: bool,
}

/// What was seen at one look.
pub(crate) struct Sample {
    /// Since the watch has begun.
    pub(crate) at: Duration,
    /// Since the sample before; zero for the first.
    pub(crate) span: Duration,
    pub(crate) figures: Figures,
    /// What the tree has used since the watch has begun.
    pub(crate) totals: Amounts,
    pub(crate) traffic: Traffic,
    pub(crate) limits: Vec<Limit>,
    pub(crate) processes: Vec<ProcessSample>,
    /// Processes that run whose files of /proc this user may not read.
    pub(crate) denied: usize,
}

impl Sample {
    pub(crate) fn running(&self) -> impl Iterator<Item = &ProcessSample> {
        self.processes.iter().filter(|process| process.is_running)
    }
}

/// Takes samples of one tree.
pub(super) struct Sampler {
    tree: Tree,
    totals: Totals,
    pub(super) network: Network,
    pub(super) limits: Limits,
    switches: Switches,
    proportional: Pace,
    proportional_bytes: Option<u64>,
    begun: Instant,
    /// In the ticks in which the beginning of processes is told.
    begun_ticks: u64,
    last: Option<(Instant, Amounts)>,
    /// The one before the last, for rates where the last is a moment ago.
    last_but_one: Option<(Instant, Amounts)>,
}

/// Rates are not of less: the time of children comes in hundredths of a second.
const SHORTEST: Duration = Duration::from_millis(10);

impl Sampler {
    /// The watch begins now; a program is to be started afterwards.
    pub(super) fn new(root: Root) -> Self {
        let uptime = Uptime::current().map_or(0.0, |uptime| uptime.uptime);
        Self {
            tree: Tree::new(root),
            totals: Totals::default(),
            network: Network::new(),
            limits: Limits::new(),
            switches: Switches::default(),
            proportional: Pace::default(),
            proportional_bytes: None,
            begun: Instant::now(),
            begun_ticks: (uptime * procfs::ticks_per_second() as f64) as u64,
            last: None,
            last_but_one: None,
        }
    }

    /// `reaped` is what those had used that this process has waited for, where it is their parent.
    pub(super) fn sample(&mut self, reaped: Option<Amounts>) -> Sample {
        let members = self.tree.members();
        let now = Instant::now();
        let readings: Vec<Reading> = members.iter().map(Reading::of).collect();
        let all = || members.iter().zip(&readings);
        let entries: Vec<Entry> = all()
            .map(|(member, reading)| self.entry(member, reading))
            .collect();
        let totals = self.totals.update(&entries, reaped);
        let running: Vec<(&Member, &Reading)> =
            all().filter(|(member, _)| member.is_running()).collect();
        let traffic = self.network.read(&running);
        let figures = self.figures(&running, totals, traffic, now);
        let span = self.last.map_or(Duration::ZERO, |(at, _)| now - at);
        self.last_but_one = self.last.replace((now, totals));
        let limits = self.limits.read(&Seen {
            root: self.tree.root(),
            figures: &figures,
            at: now,
            cpu_ns: totals.cpu_ns,
            running: &running,
        });
        let denied = running.iter().filter(|(_, reading)| reading.is_denied);
        Sample {
            at: now - self.begun,
            span,
            figures,
            totals,
            traffic,
            limits,
            denied: denied.count(),
            processes: all()
                .map(|(member, reading)| reading.process(member, self.is_older(member)))
                .collect(),
        }
    }

    fn figures(
        &mut self,
        running: &[(&Member, &Reading)],
        totals: Amounts,
        traffic: Traffic,
        now: Instant,
    ) -> Figures {
        let mut figures = Figures::default();
        self.read_gauges(running, &mut figures);
        figures.set(Metric::Received, traffic.received_per_s);
        figures.set(Metric::Sent, traffic.sent_per_s);
        if let Some((from, before)) = self.before(now) {
            let cores = self.limits.cores();
            set_rates(&mut figures, totals.less(before), now - from, cores);
        }
        let has_disks = |(_, reading): &(&Member, &Reading)| reading.disk.is_some();
        if !running.is_empty() && !running.iter().any(has_disks) {
            figures.set(Metric::Read, None);
            figures.set(Metric::Written, None);
        }
        figures
    }

    /// What rates are counted from.
    fn before(&self, now: Instant) -> Option<(Instant, Amounts)> {
        let (last, _) = self.last?;
        if now - last < SHORTEST {
            return self.last_but_one;
        }
        self.last
    }

    fn is_older(&self, member: &Member) -> bool {
        member.stat.starttime < self.begun_ticks
    }

    fn entry(&self, member: &Member, reading: &Reading) -> Entry {
        let stat = &member.stat;
        let (read_bytes, written_bytes) = reading.disk.unwrap_or_else(|| {
            // What cannot be read any more stays what it was.
            let before = self.totals.own_of(member.id());
            (before.read_bytes, before.written_bytes)
        });
        Entry {
            id: member.id(),
            parent: stat.ppid,
            account: Account {
                own: Amounts {
                    cpu_ns: reading.cpu_ns,
                    system_ns: ticks_ns(stat.stime),
                    minor_faults: stat.minflt,
                    major_faults: stat.majflt,
                    read_bytes,
                    written_bytes,
                },
                waited: Amounts {
                    cpu_ns: ticks_ns(stat.cutime.unsigned_abs())
                        + ticks_ns(stat.cstime.unsigned_abs()),
                    system_ns: ticks_ns(stat.cstime.unsigned_abs()),
                    minor_faults: stat.cminflt,
                    major_faults: stat.cmajflt,
                    ..Amounts::default()
                },
            },
            is_older: self.is_older(member),
        }
    }

    /// What is there now, and what is read at a pace of its own. Where nothing runs any more, nothing is known of the time until then.
    fn read_gauges(&mut self, running: &[(&Member, &Reading)], figures: &mut Figures) {
        if running.is_empty() {
            return;
        }
        let sum = |of: fn(&Status) -> Option<u64>| {
            let kilobytes = running
                .iter()
                .filter_map(|(_, reading)| of(reading.status.as_ref()?));
            Some((kilobytes.sum::<u64>() * 1024) as f64)
        };
        figures.set(Metric::Resident, sum(|status| status.vmrss));
        figures.set(Metric::Swap, sum(|status| status.vmswap));
        figures.set(Metric::Processes, Some(running.len() as f64));
        let threads = running.iter().map(|(member, _)| member.stat.num_threads);
        figures.set(Metric::Threads, Some(threads.sum::<i64>() as f64));
        let files: Vec<usize> = running
            .iter()
            .filter_map(|(_, reading)| reading.files)
            .collect();
        let files = (!files.is_empty()).then(|| files.iter().sum::<usize>() as f64);
        figures.set(Metric::Files, files);
        if let Some(read) = self.proportional.run(|| proportional_bytes(running)) {
            self.proportional_bytes = read;
        }
        let proportional = self.proportional_bytes.map(|bytes| bytes as f64);
        figures.set(Metric::Proportional, proportional);
        figures.set(Metric::Switches, self.switches.read(running));
    }
}

/// What has come `since`, by time.
fn set_rates(figures: &mut Figures, since: Amounts, span: Duration, most_cores: f64) {
    let rate = |amount: u64| Some(amount as f64 / span.as_secs_f64());
    // What ended children had used comes at once, when they are waited for.
    let cores = |ns: u64| Some((ns as f64 / span.as_nanos() as f64).min(most_cores));
    figures.set(Metric::Cpu, cores(since.cpu_ns));
    // The part is told in ticks, the whole is not.
    figures.set(Metric::System, cores(since.system_ns.min(since.cpu_ns)));
    figures.set(Metric::Read, rate(since.read_bytes));
    figures.set(Metric::Written, rate(since.written_bytes));
    figures.set(Metric::MinorFaults, rate(since.minor_faults));
    figures.set(Metric::MajorFaults, rate(since.major_faults));
}

/// What the files of a process said.
pub(super) struct Reading {
    cpu_ns: u64,
    pub(super) status: Option<Status>,
    /// Bytes read from disks and written towards them, also by children that it has waited for.
    disk: Option<(u64, u64)>,
    pub(super) files: Option<usize>,
    is_denied: bool,
}

impl Reading {
    fn of(member: &Member) -> Self {
        let disk = member.process.io();
        let files = member.process.fd_count();
        let is_denied = [disk.as_ref().err(), files.as_ref().err()]
            .into_iter()
            .flatten()
            .any(|error| matches!(error, ProcError::PermissionDenied(_)));
        Self {
            cpu_ns: cpu_ns(member),
            status: member.process.status().ok(),
            disk: disk.ok().map(|disk| (disk.read_bytes, disk.write_bytes)),
            files: files.ok(),
            is_denied,
        }
    }

    fn process(&self, member: &Member, is_older: bool) -> ProcessSample {
        let peak = self.status.as_ref().and_then(|status| status.vmhwm);
        ProcessSample {
            id: member.id(),
            name: member.stat.comm.clone(),
            cpu_ns: self.cpu_ns,
            peak_resident_bytes: peak.unwrap_or(0) * 1024,
            is_running: member.is_running(),
            is_older,
        }
    }
}

/// By the clock of the process, which is exact, where /proc has hundredths of a second.
fn cpu_ns(member: &Member) -> u64 {
    let ticks = ticks_ns(member.stat.utime) + ticks_ns(member.stat.stime);
    let clock = clock_getcpuclockid(Pid::from_raw(member.stat.pid)).and_then(clock_gettime);
    let exact = clock.map_or(0, |time| Duration::from(time).as_nanos() as u64);
    exact.max(ticks)
}

fn ticks_ns(ticks: u64) -> u64 {
    ticks.saturating_mul(1_000_000_000 / procfs::ticks_per_second().max(1))
}

/// None where one of them may not be read: a sum without it would be of something else.
fn proportional_bytes(running: &[(&Member, &Reading)]) -> Option<u64> {
    let mut sum = 0;
    for (member, _) in running {
        match member.process.smaps_rollup() {
            Ok(rollup) => {
                let maps = rollup.memory_map_rollup.iter();
                sum += maps
                    .filter_map(|map| map.extension.map.get("Pss"))
                    .sum::<u64>();
            }
            Err(ProcError::PermissionDenied(_)) => return None,
            // It has ended meanwhile.
            Err(_) => {}
        }
    }
    Some(sum)
}
