//! Which timers run in a thread, so that time counts for the innermost alone.
//!
//! In each thread time belongs to the timer that was started last: when one starts or stops, the time since the
//! change before goes to the one that was on top. That adds up whatever the order in which timers are stopped.

use std::cell::RefCell;

use tuneup_measure::Ticks;

/// A timer that runs in this thread.
#[derive(Debug)]
struct Entry {
    /// Tells it from all others of the thread.
    serial: u64,
    /// The timers it belongs to: those of others are not nested in it.
    timers: u64,
    /// Its name, as the address of what is kept for it: no other timers have the same.
    name: usize,
    /// Since when it has been on top; meaningless while another is.
    on_top_since: Ticks,
    self_ticks: u64,
    /// Since when a timer of its name has been running, unless another of that name keeps that.
    outermost_since: Option<Ticks>,
}

#[derive(Debug, Default)]
struct Stack {
    entries: Vec<Entry>,
    next_serial: u64,
}

thread_local! {
    static STACK: RefCell<Stack> = const { RefCell::new(Stack { entries: Vec::new(), next_serial: 0 }) };
}

/// What a timer adds to its name when it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Time for which it was the innermost.
    pub(super) self_ticks: u64,
    /// Time for which a timer of its name ran; zero while another of that name goes on.
    pub(super) total_ticks: u64,
}

/// Puts a timer on top; `None` if the thread is being torn down.
pub(super) fn push(timers: u64, name: usize, now: Ticks) -> Option<u64> {
    with(|stack| {
        if let Some(below) = stack.top(timers) {
            below.pass(now);
        }
        let serial = stack.next_serial;
        stack.next_serial += 1;
        let is_outermost = stack.entries.iter().all(|entry| entry.name != name);
        stack.entries.push(Entry {
            serial,
            timers,
            name,
            on_top_since: now,
            self_ticks: 0,
            outermost_since: is_outermost.then_some(now),
        });
        serial
    })
}

/// Takes a timer away, which need not be on top; `None` if it is not there.
pub(super) fn remove(serial: u64, now: Ticks) -> Option<Share> {
    with(|stack| {
        let index = stack
            .entries
            .iter()
            .rposition(|entry| entry.serial == serial)?;
        let mut entry = stack.entries.remove(index);
        let mut above = stack.entries[index..].iter();
        if above.all(|other| other.timers != entry.timers) {
            entry.pass(now);
            if let Some(below) = stack.top(entry.timers) {
                below.on_top_since = now;
            }
        }
        let mut total_ticks = 0;
        if let Some(since) = entry.outermost_since {
            let heir = stack
                .entries
                .iter_mut()
                .find(|other| other.name == entry.name);
            match heir {
                Some(heir) => heir.outermost_since = Some(since),
                None => total_ticks = now.saturating_sub(since),
            }
        }
        Some(Share {
            self_ticks: entry.self_ticks,
            total_ticks,
        })
    })
    .flatten()
}

impl Entry {
    /// Counts the time on top up to now.
    fn pass(&mut self, now: Ticks) {
        self.self_ticks += now.saturating_sub(self.on_top_since);
        self.on_top_since = now;
    }
}

impl Stack {
    /// The innermost of these timers.
    fn top(&mut self, timers: u64) -> Option<&mut Entry> {
        self.entries
            .iter_mut()
            .rev()
            .find(|entry| entry.timers == timers)
    }
}

/// Works on the thread's stack. Nothing in here calls code of others, so that it is never borrowed twice.
fn with<T>(work: impl FnOnce(&mut Stack) -> T) -> Option<T> {
    STACK
        .try_with(|stack| {
            stack
                .try_borrow_mut()
                .ok()
                .map(|mut stack| work(&mut stack))
        })
        .ok()
        .flatten()
}

/// How many timers run in this thread.
#[cfg(test)]
pub(super) fn running() -> usize {
    with(|stack| stack.entries.len()).unwrap_or(0)
}
