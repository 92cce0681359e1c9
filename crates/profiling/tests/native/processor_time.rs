//! What the kernel says of the processor time of a process.

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
