//! What is watched of a process tree, by name.

use tuneup_report::Unit;

use super::network::Source;

/// One figure of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// Processor time by time: cores in use.
    Cpu,
    /// That of it which the kernel has taken on behalf of the tree.
    System,
    /// Resident memory, summed over processes: what several share counts for each.
    Resident,
    /// Resident memory, where what several share is divided among them.
    Proportional,
    /// Memory that was written to swap.
    Swap,
    /// Bytes read from disks, a second.
    Read,
    /// Bytes written towards disks, a second.
    Written,
    /// Bytes received from the network, a second.
    Received,
    /// Bytes sent to the network, a second.
    Sent,
    /// Processes that run.
    Processes,
    /// Their threads.
    Threads,
    /// Their open files, with sockets and pipes.
    Files,
    /// Context switches, a second.
    Switches,
    /// Page faults that needed no disk, a second.
    MinorFaults,
    /// Page faults that did, a second.
    MajorFaults,
}

impl Metric {
    /// In the order in which they are shown, which is that of the variants.
    pub(crate) const ALL: [Self; 15] = [
        Self::Cpu,
        Self::System,
        Self::Resident,
        Self::Proportional,
        Self::Swap,
        Self::Read,
        Self::Written,
        Self::Received,
        Self::Sent,
        Self::Processes,
        Self::Threads,
        Self::Files,
        Self::Switches,
        Self::MinorFaults,
        Self::MajorFaults,
    ];

    /// For people. The network's bytes are named by where they are counted.
    pub(crate) fn name(self, network: Source) -> &'static str {
        match (self, network) {
            (Self::Cpu, _) => "CPU",
            (Self::System, _) => "CPU in the kernel",
            (Self::Resident, _) => "memory (RSS)",
            (Self::Proportional, _) => "memory (PSS)",
            (Self::Swap, _) => "swap",
            (Self::Read, _) => "disk read",
            (Self::Written, _) => "disk written",
            (Self::Received, Source::Sockets) => "TCP received",
            (Self::Sent, Source::Sockets) => "TCP sent",
            (Self::Received, Source::Namespace) => "namespace received",
            (Self::Sent, Source::Namespace) => "namespace sent",
            (Self::Received, Source::None) => "network received",
            (Self::Sent, Source::None) => "network sent",
            (Self::Processes, _) => "processes",
            (Self::Threads, _) => "threads",
            (Self::Files, _) => "open files",
            (Self::Switches, _) => "context switches",
            (Self::MinorFaults, _) => "minor faults",
            (Self::MajorFaults, _) => "major faults",
        }
    }

    /// For programs: with the unit at its end, where that is not a count.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Cpu => "cpu_cores",
            Self::System => "system_cores",
            Self::Resident => "rss_bytes",
            Self::Proportional => "pss_bytes",
            Self::Swap => "swap_bytes",
            Self::Read => "read_bytes_per_s",
            Self::Written => "written_bytes_per_s",
            Self::Received => "received_bytes_per_s",
            Self::Sent => "sent_bytes_per_s",
            Self::Processes => "processes",
            Self::Threads => "threads",
            Self::Files => "files",
            Self::Switches => "switches_per_s",
            Self::MinorFaults => "minor_faults_per_s",
            Self::MajorFaults => "major_faults_per_s",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Cpu | Self::System => Unit::Named("cores".into()),
            Self::Resident | Self::Proportional | Self::Swap => Unit::Bytes,
            Self::Read | Self::Written | Self::Received | Self::Sent => Unit::BytesPerSecond,
            Self::Processes | Self::Threads | Self::Files => Unit::Count,
            Self::Switches | Self::MinorFaults | Self::MajorFaults => Unit::PerSecond,
        }
    }

    /// Whole steps per unit, fine enough for a quantile.
    pub(crate) fn steps(self) -> f64 {
        match self {
            Self::Cpu | Self::System => 1e6,
            Self::Switches | Self::MinorFaults | Self::MajorFaults => 1e3,
            _ => 1.0,
        }
    }
}

/// One number of each metric; none where it could not be told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures([Option<f64>; Metric::ALL.len()]);

impl Figures {
    pub(crate) fn get(&self, metric: Metric) -> Option<f64> {
        self.0[metric as usize]
    }

    /// What is no finite number is not told.
    pub(crate) fn set(&mut self, metric: Metric, value: Option<f64>) {
        self.0[metric as usize] = value.filter(|value| value.is_finite());
    }
}
