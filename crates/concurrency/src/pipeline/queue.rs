//! The bounded queues between stages.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::Waker,
    thread,
    time::{Duration, Instant},
};

#[cfg(any(feature = "async", all(loom, test)))]
mod polled;
#[cfg(all(test, not(loom)))]
mod tests;

use crate::par::sync::{Condvar, Mutex, MutexGuard, lock, wait};

/// Who may pass: the part of a queue that knows nothing of what is in it, so that a handle without a lifetime can stop it.
pub(super) struct Gate {
    state: Mutex<State>,
    /// Those who take wait for it.
    filled: Condvar,
    /// Those who put wait for it.
    emptied: Condvar,
    capacity: usize,
}

struct State {
    len: usize,
    most_len: usize,
    /// Those who may still put something in.
    producers: usize,
    /// Those who wait and whom nobody has woken yet. Who wakes one counts it off, so that it is woken once and not once an item.
    waiting_takers: usize,
    waiting_putters: usize,
    /// Where a stage polls, one task takes and puts for all of it. It may wait for items,
    taker: Option<Waker>,
    /// for room,
    putter: Option<Waker>,
    /// and to be stopped, whatever else it waits for.
    watcher: Option<Waker>,
    is_stopped: bool,
}

impl Gate {
    /// Nothing goes in or out from now on, and nobody waits.
    pub(super) fn stop(&self) {
        let mut state = lock(&self.state);
        state.is_stopped = true;
        let wakers = [
            state.taker.take(),
            state.putter.take(),
            state.watcher.take(),
        ];
        drop(state);
        self.filled.notify_all();
        self.emptied.notify_all();
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// One of those who put things in has ended.
    pub(super) fn end_producer(&self) {
        let mut state = lock(&self.state);
        state.producers -= 1;
        if state.producers > 0 {
            return;
        }
        let taker = state.taker.take();
        drop(state);
        self.filled.notify_all();
        wake_task(taker);
    }

    /// How many items there are; `None` if there will be no more.
    fn len_if_growing(&self) -> Option<usize> {
        let state = lock(&self.state);
        (state.producers > 0 && !state.is_stopped).then_some(state.len)
    }

    /// The most items that it ever held.
    pub(super) fn most_len(&self) -> usize {
        lock(&self.state).most_len
    }
}

/// Counts off those who are to be woken, at most so many.
fn count_off(waiting: &mut usize, most: usize) -> usize {
    let woken = most.min(*waiting);
    *waiting -= woken;
    woken
}

fn wake_task(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn wake(condition: &Condvar, threads: usize) {
    for _ in 0..threads {
        condition.notify_one();
    }
}

/// A bounded queue for several threads on both sides, which takes and gives several items under one lock.
///
/// A mutex and two conditions. Those who wait for room are woken when half of it is free, so that a full queue does not cost a
/// switch of threads an item.
pub(super) struct Queue<T> {
    gate: Arc<Gate>,
    /// Locked while the gate is locked, and never contended.
    items: Mutex<VecDeque<T>>,
}

/// How patient one thread is that takes items: how often it lets others have the processor, and looks whether there are enough of them.
pub(super) struct Linger {
    looks: u32,
}

impl Linger {
    /// Some microseconds, where nobody else wants the processor.
    const MOST_LOOKS: u32 = 16;

    /// More patient the next time if some items came meanwhile.
    fn learn(&mut self, came: usize) {
        self.looks = if came > 0 {
            (self.looks * 2).min(Self::MOST_LOOKS)
        } else {
            (self.looks / 2).max(1)
        };
    }
}

impl Default for Linger {
    fn default() -> Self {
        Self { looks: 1 }
    }
}

/// What one thread has seen of the queues it uses.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How long it waited for items.
    pub(super) starved: Duration,
    /// How long it waited for room.
    pub(super) blocked: Duration,
    /// How many items there were when it came for some, summed up.
    pub(super) depths: u64,
    /// How often it came.
    pub(super) visits: u64,
}

impl<T> Queue<T> {
    /// A queue for at most `capacity` items, 1 or more, from so many threads.
    pub(super) fn new(capacity: usize, producers: usize) -> Self {
        Self {
            gate: Arc::new(Gate {
                state: Mutex::new(State {
                    len: 0,
                    most_len: 0,
                    producers,
                    waiting_takers: 0,
                    waiting_putters: 0,
                    taker: None,
                    putter: None,
                    watcher: None,
                    is_stopped: false,
                }),
                filled: Condvar::new(),
                emptied: Condvar::new(),
                capacity,
            }),
            items: Mutex::new(VecDeque::new()),
        }
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Puts an item in; waits for room. `false` if the queue was stopped; the item is dropped then.
    pub(super) fn put(&self, item: T, seen: &mut Seen) -> bool {
        let Some(state) = self.room(lock(&self.gate.state), seen) else {
            return false;
        };
        lock(&self.items).push_back(item);
        self.filled(state, 1);
        true
    }

    /// Puts all items in, as room gets free. `false` if the queue was stopped; some may be left then.
    pub(super) fn put_all(&self, from: &mut Vec<T>, seen: &mut Seen) -> bool {
        let mut from = from.drain(..);
        while from.len() > 0 {
            let Some(state) = self.room(lock(&self.gate.state), seen) else {
                return false;
            };
            let fitting = from.len().min(self.gate.capacity - state.len);
            lock(&self.items).extend(from.by_ref().take(fitting));
            self.filled(state, fitting);
        }
        true
    }

    /// Counts what was put in, and wakes who waits for it.
    fn filled(&self, mut state: MutexGuard<'_, State>, items: usize) {
        state.len += items;
        state.most_len = state.most_len.max(state.len);
        let woken = count_off(&mut state.waiting_takers, items);
        let taker = state.taker.take();
        drop(state);
        wake(&self.gate.filled, woken);
        wake_task(taker);
    }

    /// Waits until one item more may be put in. `None` if the queue was stopped.
    fn room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        seen: &mut Seen,
    ) -> Option<MutexGuard<'a, State>> {
        if state.len == self.gate.capacity && !state.is_stopped {
            let since = Instant::now();
            while state.len == self.gate.capacity && !state.is_stopped {
                state.waiting_putters += 1;
                state = wait(&self.gate.emptied, state);
            }
            seen.blocked += since.elapsed();
        }
        (!state.is_stopped).then_some(state)
    }

    /// Lets some items gather, as many as are `wanted` or half of what there is room for, before they are taken: where items are quick, to
    /// take each as it comes would cost a lock that the other side wants too, and a switch of threads.
    pub(super) fn linger(&self, wanted: usize, linger: &mut Linger, seen: &mut Seen) {
        let wanted = wanted.min(self.gate.capacity.div_ceil(2));
        let Some(before) = self.gate.len_if_growing() else {
            return;
        };
        if before >= wanted {
            return;
        }
        let since = Instant::now();
        let mut len = before;
        for _ in 0..linger.looks {
            thread::yield_now();
            let Some(now) = self.gate.len_if_growing() else {
                break;
            };
            len = now;
            if len >= wanted {
                break;
            }
        }
        linger.learn(len.saturating_sub(before));
        seen.starved += since.elapsed();
    }

    /// Takes at most `most` items out, and no more than a fair share if there are `takers`; waits for the first. `false` when there will be no
    /// more, or the queue was stopped.
    pub(super) fn take(
        &self,
        into: &mut Vec<T>,
        most: usize,
        takers: usize,
        seen: &mut Seen,
    ) -> bool {
        let mut state = lock(&self.gate.state);
        seen.depths += state.len as u64;
        seen.visits += 1;
        if state.len == 0 {
            let since = Instant::now();
            while state.len == 0 && state.producers > 0 && !state.is_stopped {
                state.waiting_takers += 1;
                state = wait(&self.gate.filled, state);
            }
            seen.starved += since.elapsed();
        }
        if state.len == 0 || state.is_stopped {
            return false;
        }
        let most = state.len.div_ceil(takers).min(most);
        self.take_out(state, into, most);
        true
    }

    /// Takes items out, and wakes who waits for room.
    fn take_out(&self, mut state: MutexGuard<'_, State>, into: &mut Vec<T>, items: usize) {
        into.extend(lock(&self.items).drain(..items));
        state.len -= items;
        let is_half_empty = state.len <= self.gate.capacity / 2;
        let (room, putter) = if is_half_empty {
            (self.gate.capacity - state.len, state.putter.take())
        } else {
            (0, None)
        };
        let woken = count_off(&mut state.waiting_putters, room);
        drop(state);
        wake(&self.gate.emptied, woken);
        wake_task(putter);
    }
}
