//! One limit of one group.

use super::place::{Level, Version};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bytes.
    Memory,
    /// Cores; what is used is told as microseconds so far.
    Cpu,
    /// Threads and processes.
    Tasks,
    /// Bytes a second read from a device; what is used is told as bytes so far.
    Read,
    /// The same, written.
    Written,
}

/// A limit that is set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ceiling {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) limit: f64,
    pub(super) level: Level,
    /// `8:0`, of those for devices.
    device: String,
}

/// Version 1 says a number near 2⁶³ where there is no limit.
const NO_LIMIT: u64 = 1 << 60;

impl Ceiling {
    /// Those that are set in a group; a file that is not there sets none.
    pub(super) fn of(level: &Level) -> Vec<Self> {
        let ceiling = |kind, file: &str, limit: Option<f64>| Self {
            kind,
            name: format!("{file} of {}", level.name),
            limit: limit.unwrap_or_default(),
            level: level.clone(),
            device: String::new(),
        };
        let number = |file: &str| {
            let number = level.number(file).filter(|number| *number < NO_LIMIT);
            number.map(|number| number as f64)
        };
        let (memory, cores, cpu): (&[&str], _, _) = match level.version {
            Version::Two => (
                &["memory.max", "memory.high"],
                level.text("cpu.max").and_then(|text| cores(&text)),
                "cpu.max",
            ),
            Version::One => {
                let quota = level.number("cpu.cfs_quota_us");
                let period = level.number("cpu.cfs_period_us").filter(|us| *us > 0);
                let cores = quota
                    .zip(period)
                    .map(|(quota, period)| quota as f64 / period as f64);
                (&["memory.limit_in_bytes"], cores, "cpu.cfs_quota_us")
            }
        };
        let mut ceilings: Vec<Self> = memory
            .iter()
            .map(|file| (Kind::Memory, *file, number(file)))
            .chain([
                (Kind::Cpu, cpu, cores),
                (Kind::Tasks, "pids.max", number("pids.max")),
            ])
            .filter(|(_, _, limit)| limit.is_some())
            .map(|(kind, file, limit)| ceiling(kind, file, limit))
            .collect();
        for (device, kind, limit) in level.text("io.max").iter().flat_map(|it| devices(it)) {
            let mut of_device = ceiling(kind, "io.max", Some(limit));
            of_device.name = format!("io.max of {}, device {device}", level.name);
            of_device.device = device;
            ceilings.push(of_device);
        }
        ceilings
    }

    /// By all that is in the group.
    pub(super) fn used(&self) -> Option<f64> {
        let level = &self.level;
        let used = match (self.kind, level.version) {
            // Cached files that nobody has used lately go before anything fails.
            (Kind::Memory, Version::Two) => level
                .number("memory.current")?
                .saturating_sub(level.field("memory.stat", "inactive_file").unwrap_or(0)),
            (Kind::Memory, Version::One) => level.number("memory.usage_in_bytes")?.saturating_sub(
                level
                    .field("memory.stat", "total_inactive_file")
                    .unwrap_or(0),
            ),
            (Kind::Cpu, _) => level.field("cpu.stat", "usage_usec")?,
            (Kind::Tasks, _) => level.number("pids.current")?,
            (Kind::Read, _) => self.device_bytes("rbytes=")?,
            (Kind::Written, _) => self.device_bytes("wbytes=")?,
        };
        Some(used as f64)
    }

    /// `8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=0 dios=0`.
    fn device_bytes(&self, name: &str) -> Option<u64> {
        let text = self.level.text("io.stat")?;
        let fields = text
            .lines()
            .find_map(|line| line.strip_prefix(&self.device[..])?.strip_prefix(' '));
        let value = fields?
            .split(' ')
            .find_map(|field| field.strip_prefix(name));
        value?.parse().ok()
    }
}

/// `50000 100000` is half a core; `max 100000` is no limit.
fn cores(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (quota.is_finite() && period > 0.0).then_some(quota / period)
}

/// `8:16 rbps=2097152 wbps=max riops=max wiops=120`, a line for each device.
fn devices(text: &str) -> Vec<(String, Kind, f64)> {
    let mut limits = Vec::new();
    for line in text.lines() {
        let mut fields = line.split(' ');
        let device = fields.next().unwrap_or_default();
        for field in fields {
            let limit = match field.split_once('=') {
                Some(("rbps", limit)) => (Kind::Read, limit.parse::<u64>()),
                Some(("wbps", limit)) => (Kind::Written, limit.parse::<u64>()),
                _ => continue,
            };
            if let (kind, Ok(limit)) = limit {
                limits.push((device.to_owned(), kind, limit as f64));
            }
        }
    }
    limits
}
