//! What the kernel says of the processor time of a process, and of a thread.

use std::{fs, time::Duration};

/// Time that all threads of a process have spent in their own code.
pub(crate) fn user_time(pid: u32) -> Duration {
    const USER_TIME: usize = 11;
    // Behind the name, which may have anything in it.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = &stat[stat.rfind(')').unwrap() + 2..];
    let ticks = fields
        .split(' ')
        .nth(USER_TIME)
        .unwrap()
        .parse::<u64>()
        .unwrap();
    // The kernel shows it in hundredths of a second on all architectures that the sampler knows.
    Duration::from_millis(10 * ticks)
}

/// Processor time of the calling thread, in nanoseconds.
pub(crate) fn thread_time_ns() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a value that lives during the call.
    let outcome = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(outcome, 0);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap()
}
