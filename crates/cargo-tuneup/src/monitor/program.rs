//! A program that was started to be watched.

use std::{
    ffi::OsString,
    os::{fd::OwnedFd, unix::process::ExitStatusExt as _},
    process::ExitStatus,
};

use anyhow::{Context as _, Result};
use nix::sys::{
    resource::{Usage, UsageWho, getrusage},
    time::TimeValLike as _,
};
use procfs::process::Process;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, set_child_subreaper, wait,
};

use super::totals::Amounts;
use crate::process::start;

/// The kernel counts pages by processor, and sums them up now and then.
const BLUR_BYTES: u64 = 1 << 20;

/// The program, and what is known of it and of its descendants from waiting for them.
///
/// This process becomes their subreaper, prctl(2): those whose parent has ended are given to it, and not to the machine's first process. So they
/// stay in the tree, and what they have used is told to this process when they end.
pub(super) struct Program {
    pid: Pid,
    /// Ready for reading when it has ended; none where the kernel has no such thing.
    pub(super) end: Option<OwnedFd>,
    status: Option<ExitStatus>,
    /// Of children that others have left to this process.
    before: Amounts,
    largest_before: u64,
    disk: (u64, u64),
}

impl Program {
    pub(super) fn start(command: &[OsString]) -> Result<Self> {
        set_child_subreaper(Some(rustix::process::getpid()))
            .context("cannot become the parent of orphans; is this Linux 3.4 or later?")?;
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let child = start(command)?;
        let own = getrusage(UsageWho::RUSAGE_SELF)?;
        let pid = Pid::from_child(&child);
        Ok(Self {
            pid,
            end: pidfd_open(pid, PidfdFlags::empty()).ok(),
            status: None,
            before: amounts(&usage),
            // Until it begins its own program, a child has the memory of this process.
            largest_before: largest_bytes(&usage).max(largest_bytes(&own)),
            disk: (0, 0),
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid.as_raw_pid().cast_unsigned()
    }

    /// None while it runs.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        self.status
    }

    /// Waits for those that have ended, none for those that have not. What all have used that were waited for.
    pub(super) fn reap(&mut self) -> Result<Amounts> {
        // What a process has read and written is added to the account of the one that waits for it: this one, which does nothing else meanwhile.
        let disk_before = own_disk();
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.pid {
                self.status = Some(ExitStatus::from_raw(status.as_raw()));
            }
        }
        let disk = own_disk();
        self.disk.0 += disk.0.saturating_sub(disk_before.0);
        self.disk.1 += disk.1.saturating_sub(disk_before.1);
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        Ok(Amounts {
            read_bytes: self.disk.0,
            written_bytes: self.disk.1,
            ..amounts(&usage).less(self.before)
        })
    }

    /// The most memory that one of those had that were waited for; none if that is hidden by what this process itself has.
    pub(super) fn largest_bytes(&self) -> Option<u64> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
        Some(largest_bytes(&usage)).filter(|bytes| *bytes > self.largest_before + BLUR_BYTES)
    }

    /// Gives the program a signal that was meant for it, if it still runs.
    pub(super) fn pass_on(&self, signal: Signal) {
        if self.status.is_none() {
            // It may have ended a moment ago.
            let _ = kill_process(self.pid, signal);
        }
    }
}

fn amounts(usage: &Usage) -> Amounts {
    let ns = |micros: i64| micros.unsigned_abs() * 1_000;
    let system_ns = ns(usage.system_time().num_microseconds());
    Amounts {
        cpu_ns: ns(usage.user_time().num_microseconds()) + system_ns,
        system_ns,
        minor_faults: usage.minor_page_faults().unsigned_abs(),
        major_faults: usage.major_page_faults().unsigned_abs(),
        read_bytes: 0,
        written_bytes: 0,
    }
}

fn largest_bytes(usage: &Usage) -> u64 {
    usage.max_rss().unsigned_abs() * 1024
}

fn own_disk() -> (u64, u64) {
    let disk = Process::myself().and_then(|own| own.io());
    disk.map_or((0, 0), |disk| (disk.read_bytes, disk.write_bytes))
}
