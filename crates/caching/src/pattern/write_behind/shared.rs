//! The queue between the writers and the thread that empties it.

use std::{
    hash::Hash,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    Change, FlushTimedOut, Queue, Refused, WriteBehindInfo,
    queue::{Batch, Next, Pace},
};

pub(super) struct Shared<K, V> {
    state: Mutex<State<K, V>>,
    /// For the worker: there is something new to do.
    work: Condvar,
    /// For everybody else: there is room, or something is done.
    progress: Condvar,
    pace: Pace,
}

struct State<K, V> {
    queue: Queue<K, V>,
    /// Changes before this place do not wait for others.
    hurry: u64,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing more is accepted; the worker writes what there is.
    Closing,
    /// What there was has been handed back; the worker ends.
    Closed,
}

impl<K: Hash + Eq + Clone, V: Clone> Shared<K, V> {
    pub(super) fn new(capacity: usize, pace: Pace) -> Self {
        Self {
            state: Mutex::new(State {
                queue: Queue::new(capacity),
                hurry: 0,
                phase: Phase::Open,
            }),
            work: Condvar::new(),
            progress: Condvar::new(),
            pace,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        // Under the lock runs code of keys and values: equality, hashes, clones. If one of those panics, the queue may lack
        // that one change, and is otherwise whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn accept(
        &self,
        key: K,
        value: Option<V>,
        waits: bool,
    ) -> Result<(), Refused<K, V>> {
        let mut state = self.lock();
        let mut has_waited = false;
        loop {
            if state.phase != Phase::Open {
                return Err(Refused::Closed(Change { key, value }));
            }
            if state.queue.has_room(&key) {
                break;
            }
            if !waits {
                return Err(Refused::Full(Change { key, value }));
            }
            if !has_waited {
                state.queue.info.waits += 1;
                has_waited = true;
            }
            state = self
                .progress
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let is_news = state.queue.push(key, value, Instant::now());
        drop(state);
        if is_news {
            self.work.notify_one();
        }
        Ok(())
    }

    pub(super) fn on_its_way(&self, key: &K) -> Option<Option<V>> {
        self.lock().queue.get(key)
    }

    pub(super) fn flush(&self, deadline: Option<Instant>) -> Result<(), FlushTimedOut> {
        let mut state = self.lock();
        let end = state.queue.end();
        state.hurry = state.hurry.max(end);
        state.queue.retry_now();
        self.work.notify_one();
        while !state.queue.is_done_before(end) {
            let (waited, is_over) = wait(&self.progress, state, deadline);
            state = waited;
            if is_over && !state.queue.is_done_before(end) {
                return Err(FlushTimedOut {
                    queued: state.queue.len() as u64,
                });
            }
        }
        Ok(())
    }

    /// Accepts nothing more, waits for the worker, and gives back what it could not write. A second time nothing is left.
    pub(super) fn close(&self, deadline: Option<Instant>) -> Vec<Change<K, V>> {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        state.hurry = state.queue.end();
        state.queue.retry_now();
        self.work.notify_one();
        self.progress.notify_all();
        while state.phase != Phase::Closed && state.queue.len() > 0 {
            let (waited, is_over) = wait(&self.progress, state, deadline);
            state = waited;
            if is_over {
                break;
            }
        }
        state.phase = Phase::Closed;
        let left = state.queue.take_all();
        drop(state);
        self.work.notify_one();
        left
    }

    pub(super) fn info(&self) -> WriteBehindInfo {
        let state = self.lock();
        WriteBehindInfo {
            queued: state.queue.len() as u64,
            ..state.queue.info
        }
    }

    /// For the worker: waits for the next batch; none when it is to end.
    pub(super) fn next_batch(&self) -> Option<Batch<K, V>> {
        let mut state = self.lock();
        loop {
            if state.phase == Phase::Closed {
                return None;
            }
            let hurry = state.hurry;
            let deadline = match state.queue.next(&self.pace, hurry, Instant::now()) {
                Next::Apply(batch) => return Some(batch),
                Next::WaitUntil(time) => Some(time),
                Next::Wait => None,
            };
            (state, _) = wait(&self.work, state, deadline);
        }
    }

    /// For the worker: what came of the batch.
    pub(super) fn finish(&self, succeeded: bool) {
        let mut state = self.lock();
        if state.phase == Phase::Closed {
            // It was handed back.
            return;
        }
        if succeeded {
            state.queue.succeed();
        } else {
            state.queue.fail(&self.pace, Instant::now());
        }
        drop(state);
        self.progress.notify_all();
    }
}

/// Waits for a signal, but not beyond the deadline; says whether that is over.
fn wait<'a, T>(
    signal: &Condvar,
    guard: MutexGuard<'a, T>,
    deadline: Option<Instant>,
) -> (MutexGuard<'a, T>, bool) {
    let Some(deadline) = deadline else {
        let guard = signal.wait(guard).unwrap_or_else(PoisonError::into_inner);
        return (guard, false);
    };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return (guard, true);
    }
    let (guard, _) = signal
        .wait_timeout(guard, left)
        .unwrap_or_else(PoisonError::into_inner);
    (guard, Instant::now() >= deadline)
}
