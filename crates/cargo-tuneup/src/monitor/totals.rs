//! What a tree has used so far, also by processes that have ended.
//!
//! When a process is waited for, the kernel adds what it has used to its parent's account, so the sum over a tree stays. It is lost where nobody
//! waits: where SIGCHLD is ignored, or an orphan is given to a process outside of the tree. What such a process had used when it was last looked
//! at is kept here. And between two looks that are not one instant, a sum may seem to fall; what is told never does.

use std::collections::HashMap;

use super::process_tree::Identity;

/// Amounts that only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    /// Processor time, in nanoseconds.
    pub(crate) cpu_ns: u64,
    /// That of it in the kernel, in nanoseconds.
    pub(crate) system_ns: u64,
    /// Page faults without a disk.
    pub(crate) minor_faults: u64,
    /// Page faults with one.
    pub(crate) major_faults: u64,
    /// Bytes read from disks.
    pub(crate) read_bytes: u64,
    /// Bytes written towards disks.
    pub(crate) written_bytes: u64,
}

impl Amounts {
    fn combine(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            cpu_ns: with(self.cpu_ns, other.cpu_ns),
            system_ns: with(self.system_ns, other.system_ns),
            minor_faults: with(self.minor_faults, other.minor_faults),
            major_faults: with(self.major_faults, other.major_faults),
            read_bytes: with(self.read_bytes, other.read_bytes),
            written_bytes: with(self.written_bytes, other.written_bytes),
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        self.combine(other, u64::saturating_add)
    }

    /// Nothing where the other one is larger.
    pub(super) fn less(self, other: Self) -> Self {
        self.combine(other, u64::saturating_sub)
    }

    fn highest(self, other: Self) -> Self {
        self.combine(other, u64::max)
    }

    /// Times that are no more than what clock ticks have cut off are none.
    fn without_roundings(self) -> Self {
        let beyond = |ns: u64| if ns > ROUNDING_NS { ns } else { 0 };
        Self {
            cpu_ns: beyond(self.cpu_ns),
            system_ns: beyond(self.system_ns),
            ..self
        }
    }
}

/// Two ticks of a hundredth of a second: the time of children is told in ticks, in user mode and in the kernel.
const ROUNDING_NS: u64 = 20_000_000;

/// The account of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// Its own; of disks, the kernel tells one number for it and for those that it has waited for.
    pub(super) own: Amounts,
    /// Of children that it has waited for, and of theirs.
    pub(super) waited: Amounts,
}

impl Account {
    fn sum(self) -> Amounts {
        self.own.plus(self.waited)
    }

    /// At most so much can have come from children since.
    fn absorbed_since(self, before: Self) -> Amounts {
        let own = self.own.less(before.own);
        Amounts {
            read_bytes: own.read_bytes,
            written_bytes: own.written_bytes,
            ..self.waited.less(before.waited)
        }
    }
}

/// A process at one look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) id: Identity,
    pub(super) parent: i32,
    pub(super) account: Account,
    /// Whether it had begun before the watch: what it has used until then is not the watch's.
    pub(super) is_older: bool,
}

/// The sums, from one look to the next.
#[derive(Debug, Default)]
pub(super) struct Totals {
    before: HashMap<i32, Entry>,
    /// What this process has inherited from those that it has waited for.
    reaped: Amounts,
    /// What ended processes had used that nobody has waited for.
    unclaimed: Amounts,
    /// What was used before the watch.
    earlier: Amounts,
    highest: Amounts,
}

impl Totals {
    /// The sums after one more look. `entries` has parents before their children; `reaped` is what those had used that this process has waited for.
    pub(super) fn update(&mut self, entries: &[Entry], reaped: Option<Amounts>) -> Amounts {
        let now: HashMap<i32, Entry> = entries.iter().map(|entry| (entry.id.pid, *entry)).collect();
        self.claim(entries, &now, reaped);
        for entry in entries {
            let is_known = self.was_there(entry);
            if entry.is_older && !is_known {
                self.earlier = self.earlier.plus(entry.account.sum());
            }
        }
        self.before = now;
        self.reaped = reaped.unwrap_or_default();
        let alive = entries.iter().map(|entry| entry.account.sum());
        let sum = alive.fold(self.reaped.plus(self.unclaimed), Amounts::plus);
        self.highest = self.highest.highest(sum.less(self.earlier));
        self.highest
    }

    /// What a process itself had used at the last look.
    pub(super) fn own_of(&self, id: Identity) -> Amounts {
        let before = self.before.get(&id.pid).filter(|before| before.id == id);
        before.map_or(Amounts::default(), |before| before.account.own)
    }

    fn was_there(&self, entry: &Entry) -> bool {
        let before = self.before.get(&entry.id.pid);
        before.is_some_and(|before| before.id == entry.id)
    }

    /// Looks for what has ended in the accounts of those that may have waited for it, from the bottom up, and keeps what is in none.
    fn claim(&mut self, entries: &[Entry], now: &HashMap<i32, Entry>, reaped: Option<Amounts>) {
        let is_there = |entry: &Entry| {
            let found = now.get(&entry.id.pid);
            found.is_some_and(|found| found.id == entry.id)
        };
        let mut owed: HashMap<i32, Amounts> = HashMap::new();
        let mut owed_outside = Amounts::default();
        for gone in self.before.values().filter(|entry| !is_there(entry)) {
            let owes = match self.heir(gone, &is_there) {
                Some(heir) => owed.entry(heir).or_default(),
                None => &mut owed_outside,
            };
            *owes = owes.plus(gone.account.sum());
        }
        for entry in entries.iter().rev() {
            let Some(owed_here) = owed.remove(&entry.id.pid) else {
                continue;
            };
            let before = self.before.get(&entry.id.pid);
            let before = before.map_or(Account::default(), |before| before.account);
            let missing = owed_here
                .less(entry.account.absorbed_since(before))
                .without_roundings();
            let is_inside =
                self.before.contains_key(&entry.parent) && now.contains_key(&entry.parent);
            let owes = match is_inside {
                true => owed.entry(entry.parent).or_default(),
                false => &mut owed_outside,
            };
            *owes = owes.plus(missing);
        }
        let missing = match reaped {
            Some(reaped) => owed_outside
                .less(reaped.less(self.reaped))
                .without_roundings(),
            None => owed_outside,
        };
        self.unclaimed = self.unclaimed.plus(missing);
    }

    /// The nearest ancestor that is still there; none if that is outside of the tree.
    fn heir(&self, gone: &Entry, is_there: &impl Fn(&Entry) -> bool) -> Option<i32> {
        let mut entry = gone;
        // A number that was used again could make a circle.
        for _ in 0..self.before.len() {
            entry = self.before.get(&entry.parent)?;
            if is_there(entry) {
                return Some(entry.id.pid);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
