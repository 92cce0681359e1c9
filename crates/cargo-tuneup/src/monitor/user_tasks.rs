//! How many threads the user of a process has, which is what RLIMIT_NPROC counts.

use std::collections::HashMap;

use procfs::process::{Status, all_processes};

use super::pace::Pace;

/// Threads by user, from one look at all processes to the next.
#[derive(Default)]
pub(super) struct UserTasks {
    pace: Pace,
    counts: HashMap<u32, u64>,
}

impl UserTasks {
    /// Of the user of this process; none where no limit binds it, as with root.
    pub(super) fn of(&mut self, status: Option<&Status>, limit: Option<u64>) -> Option<u64> {
        let user = status?.ruid;
        limit?;
        if user == 0 {
            return None;
        }
        if let Some(counts) = self.pace.run(count) {
            self.counts = counts;
        }
        self.counts.get(&user).copied()
    }
}

fn count() -> HashMap<u32, u64> {
    let mut counts = HashMap::new();
    for process in all_processes().into_iter().flatten().flatten() {
        if let Ok(status) = process.status() {
            *counts.entry(status.ruid).or_default() += status.threads;
        }
    }
    counts
}
