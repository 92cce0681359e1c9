//! Why the kernel refused, and what to change.

use std::{fs, io};

use crate::Error;

/// What was asked of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// An event on a thread of this process.
    OwnEvent,
    /// An event on a thread of another process.
    ForeignEvent,
    /// Memory for the samples.
    Ring,
}

/// The error for a refusal, with the settings as they are now.
pub(super) fn refused(request: Request, source: io::Error) -> Error {
    let paranoid = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid")
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let (what, mend) = explain(request, source.raw_os_error().unwrap_or(0), paranoid);
    Error::Sampler { what, mend, source }
}

/// Up to this value of `perf_event_paranoid` a user may sample processes of the same user.
const HIGHEST_PARANOID: i32 = 2;

/// What was refused and what to change, from the kernel's error number and the value of
/// `/proc/sys/kernel/perf_event_paranoid`, if it can be read.
pub(super) fn explain(request: Request, errno: i32, paranoid: Option<i32>) -> (String, String) {
    let (what, mend) = match (request, errno) {
        (Request::Ring, _) => return ring(errno),
        (_, libc::EACCES) if paranoid.is_some_and(|value| value > HIGHEST_PARANOID) => {
            return closed_to_users(paranoid);
        }
        (Request::ForeignEvent, libc::EACCES | libc::EPERM) => return foreign(paranoid),
        (_, libc::EACCES | libc::EPERM) => return forbidden(paranoid),
        (_, libc::ENOSYS | libc::ENOENT | libc::ENODEV | libc::EOPNOTSUPP) => (
            "this kernel has no perf events: it was built without CONFIG_PERF_EVENTS, or a sandbox leaves them out",
            "profile instrumented functions instead, which asks nothing of the kernel",
        ),
        (_, libc::EMFILE | libc::ENFILE) => (
            "one open file is needed for each thread on each processor, and that many are not allowed",
            "raise the limit with `ulimit -n 65536` (LimitNOFILE= in a systemd unit), or start the sampler \
             before the threads",
        ),
        (_, libc::EINVAL) => (
            "the kernel does not take the sampling rate or the size of the stack copies",
            "lower the rate below what /proc/sys/kernel/perf_event_max_sample_rate says, or `user_stack_bytes`",
        ),
        (_, libc::ESRCH) => (
            "no such process",
            "give the id of a process that runs, as this pid namespace counts",
        ),
        (_, libc::ENOMEM) => (
            "the kernel has no memory for the events",
            "free some memory",
        ),
        _ => (
            "the kernel does not open the event",
            "look the reason below up in the manual page perf_event_open(2)",
        ),
    };
    (what.to_owned(), mend.to_owned())
}

fn setting(paranoid: Option<i32>) -> String {
    let name = "/proc/sys/kernel/perf_event_paranoid";
    match paranoid {
        Some(value) => format!("{name} is {value}"),
        None => format!("{name} cannot be read"),
    }
}

fn closed_to_users(paranoid: Option<i32>) -> (String, String) {
    (
        format!("perf events are closed to ordinary users: {}", setting(paranoid)),
        "run `sysctl kernel.perf_event_paranoid=1` as root, or give the program the capability with \
         `setcap cap_perfmon+ep PROGRAM`"
            .to_owned(),
    )
}

fn foreign(paranoid: Option<i32>) -> (String, String) {
    (
        format!(
            "the process belongs to somebody else or is protected, or a container forbids it ({})",
            setting(paranoid)
        ),
        "run as the user of the process or as root, or with CAP_PERFMON and CAP_SYS_PTRACE; in a container \
         `--cap-add PERFMON --cap-add SYS_PTRACE`"
            .to_owned(),
    )
}

fn forbidden(paranoid: Option<i32>) -> (String, String) {
    (
        format!(
            "the seccomp profile of a container or a security module forbids perf_event_open ({})",
            setting(paranoid)
        ),
        "start the container with `--cap-add PERFMON`, or with `--security-opt seccomp=FILE` and a profile \
         that allows perf_event_open; then the setting decides, which must be at most 2"
            .to_owned(),
    )
}

fn ring(errno: i32) -> (String, String) {
    let (what, mend) = match errno {
        libc::EPERM => (
            "the memory for samples passes what a user may lock: see /proc/sys/kernel/perf_event_mlock_kb",
            "run `sysctl kernel.perf_event_mlock_kb=2048` as root, raise `ulimit -l`, end other samplers, or \
             give the program CAP_IPC_LOCK",
        ),
        libc::ENOMEM => (
            "there is no memory for the samples",
            "free some memory, or lower `user_stack_bytes`",
        ),
        _ => (
            "the kernel does not share the memory for samples",
            "look the reason below up in the manual page perf_event_open(2)",
        ),
    };
    (what.to_owned(), mend.to_owned())
}

#[cfg(test)]
mod tests;
