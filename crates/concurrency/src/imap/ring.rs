//! The way of batches from the consumer to the workers and back, in order.

use std::collections::VecDeque;

use crate::par::sync::{AtomicBool, Condvar, Mutex, MutexGuard, Ordering, lock, wait};

/// In which order batches come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As they were pushed.
    Pushed,
    /// As they were completed.
    Completed,
}

/// A ring of places, by sequence number modulo its capacity, and the batches that wait for a worker.
///
/// One thread, the consumer, pushes batches and takes them back; it may push no more than the capacity beyond what it has taken back. Any thread may
/// claim and complete, the consumer too. A lock and two conditions: a batch is some 50 µs of work, and the lock takes 50 ns.
pub(super) struct Ring<B> {
    state: Mutex<State<B>>,
    /// Workers wait for it.
    pushed: Condvar,
    /// The consumer waits for it.
    completed: Condvar,
    stopped: AtomicBool,
    order: Order,
}

struct State<B> {
    waiting: VecDeque<Claim<B>>,
    /// The place of a batch that was completed is its number modulo the capacity.
    completed: Box<[Option<B>]>,
    /// The numbers that the next batches get: pushed, completed (without order only), taken back.
    next_pushed: usize,
    next_completed: usize,
    next_taken: usize,
    idle_workers: usize,
    consumer_waits: bool,
}

/// A batch in the hands of who works on it.
pub(super) struct Claim<B> {
    sequence: usize,
    pub(super) batch: B,
}

/// What the consumer can do next.
pub(super) enum Next<B> {
    /// Use the batch that is next.
    Take(B),
    /// Work on a batch, since the one that is next is not there. It must be completed.
    Help(Claim<B>),
}

impl<B> Ring<B> {
    pub(super) fn new(capacity: usize, order: Order) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::with_capacity(capacity),
                completed: (0..capacity).map(|_| None).collect(),
                next_pushed: 0,
                next_completed: 0,
                next_taken: 0,
                idle_workers: 0,
                consumer_waits: false,
            }),
            pushed: Condvar::new(),
            completed: Condvar::new(),
            stopped: AtomicBool::new(false),
            order,
        }
    }

    /// Hands a batch over; whether there are more batches waiting than idle threads: the consumer, who helps, and the workers.
    pub(super) fn push(&self, batch: B) -> bool {
        let mut state = lock(&self.state);
        debug_assert!(state.next_pushed - state.next_taken < state.completed.len());
        let sequence = state.next_pushed;
        state.next_pushed += 1;
        state.waiting.push_back(Claim { sequence, batch });
        let is_short_of_workers = state.waiting.len() > state.idle_workers + 1;
        let wakes = state.idle_workers > 0;
        drop(state);
        if wakes {
            self.pushed.notify_one();
        }
        is_short_of_workers
    }

    /// A batch to work on; waits until there is one. `None` when the ring was stopped.
    pub(super) fn claim(&self) -> Option<Claim<B>> {
        let mut state = lock(&self.state);
        loop {
            if self.is_stopped() {
                return None;
            }
            if let Some(claim) = state.waiting.pop_front() {
                return Some(claim);
            }
            state.idle_workers += 1;
            state = wait(&self.pushed, state);
            state.idle_workers -= 1;
        }
    }

    /// Gives a batch back that was worked on.
    pub(super) fn complete(&self, claim: Claim<B>) {
        let mut state = lock(&self.state);
        let place = match self.order {
            Order::Pushed => claim.sequence,
            Order::Completed => state.next_completed,
        };
        state.next_completed += 1;
        let is_next = place == state.next_taken;
        *state.place(place) = Some(claim.batch);
        if is_next && state.consumer_waits {
            state.consumer_waits = false;
            drop(state);
            self.completed.notify_one();
        }
    }

    /// The batch that is next, or if it is not there one to work on, or if there is none of these either, waits. At least one
    /// batch must be on its way.
    pub(super) fn next(&self) -> Next<B> {
        let mut state = lock(&self.state);
        debug_assert!(state.next_pushed > state.next_taken);
        loop {
            if let Some(batch) = Self::take(&mut state) {
                return Next::Take(batch);
            }
            if let Some(claim) = state.waiting.pop_front() {
                return Next::Help(claim);
            }
            // All are in the hands of workers.
            state.consumer_waits = true;
            state = wait(&self.completed, state);
        }
    }

    /// Whether the batch that is next is there.
    pub(super) fn has_next(&self) -> bool {
        let mut state = lock(&self.state);
        let next = state.next_taken;
        state.place(next).is_some()
    }

    fn take(state: &mut MutexGuard<'_, State<B>>) -> Option<B> {
        let next = state.next_taken;
        let batch = state.place(next).take()?;
        state.next_taken += 1;
        Some(batch)
    }

    /// No batch is claimed from now on. Returns those that nobody will work on.
    pub(super) fn stop(&self) -> VecDeque<Claim<B>> {
        let waiting = {
            let mut state = lock(&self.state);
            // Inside of the lock: a worker that found it unset is waiting when it is notified.
            self.stopped.store(true, Ordering::Relaxed);
            std::mem::take(&mut state.waiting)
        };
        self.pushed.notify_all();
        waiting
    }

    /// Whether it was stopped; what is claimed need not be worked on to the end.
    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl<B> State<B> {
    fn place(&mut self, number: usize) -> &mut Option<B> {
        let capacity = self.completed.len();
        &mut self.completed[number % capacity]
    }
}
