//! Threads that wait for a slot.
//!
//! A waiter enters the queue, says so in `count`, and only then looks for a slot a last time; who gives a slot back looks
//! at `count` only afterwards. With a barrier in between, one of the two sees the other, so no wake-up is lost. The first to be woken is the
//! first that came. A slot that is given back is free for all for as long as the woken thread needs to wake up, because handing each
//! to a sleeper would make every get as slow as a wake-up. But who was woken and came too late is *overtaken*, and is
//! handed the next slot without anybody else having a chance at it. So nobody waits forever.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

#[cfg(all(test, not(loom)))]
mod tests;

use super::{
    barrier,
    slots::Taken,
    sync::{AtomicUsize, Condvar, Mutex, MutexGuard},
};

/// Where there is no barrier to be had, a slot may be seen late. So who waits looks again by itself.
const NAP: Duration = Duration::from_millis(1);

pub(super) struct Waiting {
    /// The length of the queue. Changed under its lock.
    count: AtomicUsize,
    queue: Mutex<Queue>,
}

struct Queue {
    /// In ascending order of tickets.
    waiters: VecDeque<Waiter>,
    next_ticket: u64,
}

struct Waiter {
    ticket: u64,
    wake_up: Arc<Condvar>,
    /// It was told that a slot is free, and has not looked yet.
    woken: bool,
    /// It has been told before, and found none.
    overtaken: bool,
    /// What it was handed.
    served: Option<Taken>,
}

impl Queue {
    fn enter(&mut self, wake_up: Arc<Condvar>) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiters.push_back(Waiter {
            ticket,
            wake_up,
            woken: false,
            overtaken: false,
            served: None,
        });
        ticket
    }

    fn leave(&mut self, ticket: u64) {
        let position = self.position(ticket);
        self.waiters.remove(position);
    }

    fn position(&self, ticket: u64) -> usize {
        self.waiters
            .binary_search_by_key(&ticket, |waiter| waiter.ticket)
            .expect("a waiter leaves the queue itself")
    }

    /// What a waiter does when it is awake: takes what it was handed, or what it finds, or notes that it was overtaken.
    fn look(&mut self, ticket: u64, take: impl Fn() -> Option<Taken>) -> Option<Taken> {
        let position = self.position(ticket);
        let waiter = &mut self.waiters[position];
        let found = waiter.served.take().or_else(take);
        let woken = std::mem::take(&mut waiter.woken);
        waiter.overtaken |= woken && found.is_none();
        found
    }

    fn wake_first(&mut self) {
        let asleep = |waiter: &&mut Waiter| !waiter.woken && waiter.served.is_none();
        if let Some(waiter) = self.waiters.iter_mut().find(asleep) {
            waiter.woken = true;
            waiter.wake_up.notify_one();
        }
    }
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self {
            count: AtomicUsize::new(0),
            queue: Mutex::new(Queue {
                waiters: VecDeque::new(),
                next_ticket: 0,
            }),
        }
    }

    #[inline(always)]
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// No code of users runs under this lock, and nothing here panics: it is never poisoned.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who waits longest and does not know yet that a slot is free.
    #[cold]
    pub(super) fn wake_one(&self) {
        self.lock().wake_first();
    }

    /// Hands a slot to who was overtaken, or else makes it free by `put` and wakes the next.
    #[cold]
    pub(super) fn hand_over(&self, taken: Taken, put: impl FnOnce(Taken)) {
        let mut queue = self.lock();
        // Who was woken will find a slot of its own, and must not leave that one idle by being handed another.
        let due =
            |waiter: &&mut Waiter| waiter.overtaken && !waiter.woken && waiter.served.is_none();
        match queue.waiters.iter_mut().find(due) {
            Some(waiter) => {
                waiter.served = Some(taken);
                waiter.wake_up.notify_one();
            }
            None => {
                // Under the lock: who enters the queue from now on looks for a slot after this one was freed.
                put(taken);
                queue.wake_first();
            }
        }
    }

    /// Sleeps until `take` finds a slot or one is handed over; `None` at the deadline. `take` looks at all slots.
    #[cold]
    pub(super) fn wait(
        &self,
        deadline: Option<Instant>,
        take: impl Fn() -> Option<Taken>,
    ) -> Option<Taken> {
        let wake_up = Arc::new(Condvar::new());
        let ticket = self.enter(&wake_up);
        // `take` reads the slots only now.
        let nap = (!barrier::heavy()).then_some(NAP);
        let mut queue = self.lock();
        let found = loop {
            if let Some(taken) = queue.look(ticket, &take) {
                break Some(taken);
            }
            let Some(woken) = sleep(&wake_up, queue, deadline, nap) else {
                // Between the deadline and this lock a slot may have come.
                queue = self.lock();
                break queue.look(ticket, &take);
            };
            queue = woken;
        };
        queue.leave(ticket);
        self.count.fetch_sub(1, Ordering::Relaxed);
        found
    }

    fn enter(&self, wake_up: &Arc<Condvar>) -> u64 {
        let mut queue = self.lock();
        self.count.fetch_add(1, Ordering::Relaxed);
        queue.enter(Arc::clone(wake_up))
    }
}

/// Until somebody wakes it, perhaps for nothing; `None` if the deadline has passed.
#[cfg(not(all(loom, test)))]
fn sleep<'a>(
    wake_up: &Condvar,
    queue: MutexGuard<'a, Queue>,
    deadline: Option<Instant>,
    nap: Option<Duration>,
) -> Option<MutexGuard<'a, Queue>> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    if left == Some(Duration::ZERO) {
        return None;
    }
    let Some(time) = left.into_iter().chain(nap).min() else {
        let woken = wake_up.wait(queue);
        return Some(woken.unwrap_or_else(PoisonError::into_inner));
    };
    let woken = wake_up.wait_timeout(queue, time);
    Some(woken.unwrap_or_else(PoisonError::into_inner).0)
}

/// Loom knows no time: a wait with a deadline ends at once, which is anywhere between the steps of others.
#[cfg(all(loom, test))]
fn sleep<'a>(
    wake_up: &Condvar,
    queue: MutexGuard<'a, Queue>,
    deadline: Option<Instant>,
    _nap: Option<Duration>,
) -> Option<MutexGuard<'a, Queue>> {
    if deadline.is_none() {
        return Some(wake_up.wait(queue).unwrap_or_else(PoisonError::into_inner));
    }
    drop(queue);
    loom::thread::yield_now();
    None
}
