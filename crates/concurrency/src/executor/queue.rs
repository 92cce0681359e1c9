//! The bounded queue that all executors have, and the rule by which workers start and end.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

#[cfg(all(loom, test))]
mod model;

use super::{Refusal, Shutdown, inside};
use crate::{
    contain::contain,
    task::{
        Home, Job,
        sync::{Condvar, Mutex, MutexGuard},
    },
};

/// Starts a worker of the queue, which then has to run, or to be dropped.
type Start = Box<dyn Fn(Worker) + Send + Sync>;

/// What a submission does when there is no room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    Refuse,
    Wait,
}

/// How long a worker of a shared pool goes on before others have their turn: much longer than it costs to let them, and nothing to who waits.
const TURN: Duration = Duration::from_micros(100);

pub struct Queue {
    state: Mutex<State>,
    /// There is room, or there will never be again.
    room: Condvar,
    /// There is a job, or there will never be again.
    work: Condvar,
    /// Nothing waits and nothing runs.
    idle: Condvar,
    capacity: usize,
    max_workers: usize,
    start: Start,
}

struct State {
    /// What waits; also tasks that are cancelled or run elsewhere by now, until they are swept out.
    jobs: VecDeque<Arc<dyn Job>>,
    /// Threads that run a job of this queue.
    busy: usize,
    /// Workers that have been started and have not ended.
    workers: usize,
    /// Those of them that sleep.
    sleeping: usize,
    /// Threads that wait for room.
    submitters: usize,
    /// Threads that wait for the end.
    closers: usize,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(
        capacity: usize,
        max_workers: usize,
        start: impl Fn(Worker) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                busy: 0,
                workers: 0,
                sleeping: 0,
                submitters: 0,
                closers: 0,
                closed: false,
            }),
            room: Condvar::new(),
            work: Condvar::new(),
            idle: Condvar::new(),
            capacity,
            max_workers,
            start: Box::new(start),
        })
    }

    pub(crate) fn workers(&self) -> usize {
        self.max_workers
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in the job that `make` makes of `input`, when there is room.
    pub(crate) fn push<I>(
        self: &Arc<Self>,
        input: I,
        when_full: WhenFull,
        make: impl FnOnce(I) -> Arc<dyn Job>,
    ) -> Result<(), (I, Refusal)> {
        let mut swept = Vec::new();
        let mut state = self.lock();
        while !state.closed && state.jobs.len() >= self.capacity {
            state.sweep(&mut swept);
            if state.jobs.len() < self.capacity {
                break;
            }
            if when_full == WhenFull::Refuse {
                drop(state);
                contain(|| drop(swept));
                return Err((input, Refusal::Full));
            }
            state.submitters += 1;
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.submitters -= 1;
        }
        if state.closed {
            drop(state);
            contain(|| drop(swept));
            return Err((input, Refusal::ShutDown));
        }
        state.jobs.push_back(make(input));
        let starts = self.wants_worker(&mut state);
        let wakes = !starts && state.sleeping > 0;
        drop(state);
        contain(|| drop(swept));
        if starts {
            (self.start)(Worker::new(self));
        }
        if wakes {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Whether one more worker is to be started, who is counted already if so.
    fn wants_worker(&self, state: &mut State) -> bool {
        let wants = state.jobs.len() > state.sleeping && state.workers < self.max_workers;
        state.workers += usize::from(wants);
        wants
    }

    /// The next job, and whether there is so much to do that another worker is wanted. Who gets one is busy until it calls
    /// [`leave`](Home::leave).
    fn pop(&self, state: &mut State) -> Option<(Arc<dyn Job>, bool)> {
        let job = state.jobs.pop_front()?;
        state.busy += 1;
        if state.submitters > 0 {
            self.room.notify_one();
        }
        let wants = self.wants_worker(state);
        Some((job, wants))
    }

    /// A worker waits for a job; whether there was none for so long.
    ///
    /// The last worker stays however long that is, so it has no time: a short one would only wake it again and again. If others come, they have
    /// theirs, and all but one end.
    fn sleep<'a>(
        &self,
        state: MutexGuard<'a, State>,
        idle_timeout: Duration,
    ) -> (MutexGuard<'a, State>, bool) {
        if state.workers == 1 {
            let state = self.work.wait(state);
            return (state.unwrap_or_else(PoisonError::into_inner), false);
        }
        let (state, result) = self
            .work
            .wait_timeout(state, idle_timeout)
            .unwrap_or_else(PoisonError::into_inner);
        (state, result.timed_out())
    }

    fn run(self: &Arc<Self>, (job, wants_worker): (Arc<dyn Job>, bool)) {
        if wants_worker {
            (self.start)(Worker::new(self));
        }
        let inside = inside::enter(self.id());
        // The last handle may be this one: the result is dropped here then.
        contain(|| {
            job.run();
            drop(job);
        });
        drop(inside);
    }

    /// Starts a worker if one may be started and there is something to do.
    pub(super) fn restart(self: &Arc<Self>) {
        if let Some(worker) = Worker::join_in(self) {
            (self.start)(worker);
        }
    }

    /// Ends the queue for submissions, and cancels what waits if `mode` says so. Tasks that run go on.
    pub(crate) fn close(&self, mode: Shutdown) {
        let mut state = self.lock();
        state.closed = true;
        let dropped = match mode {
            Shutdown::Drain => VecDeque::new(),
            Shutdown::Cancel => std::mem::take(&mut state.jobs),
        };
        self.tell_if_idle(&state);
        drop(state);
        self.room.notify_all();
        self.work.notify_all();
        for job in dropped {
            job.cancel();
            contain(|| drop(job));
        }
    }

    /// Waits until nothing waits and nothing runs; not inside of a task of the queue, which would wait for itself: false then.
    pub(crate) fn wait_idle(&self) -> bool {
        if inside::is_inside(self.id()) {
            return false;
        }
        let mut state = self.lock();
        state.closers += 1;
        while state.busy > 0 || !state.jobs.is_empty() {
            state = self
                .idle
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.closers -= 1;
        true
    }

    /// As [`wait_idle`](Self::wait_idle), of a queue that is closed and whose workers run on threads that others use too. If somebody may wait for this
    /// thread, it may be whom all of those are waiting for: it does itself what nobody has begun.
    pub(super) fn finish(self: &Arc<Self>) -> bool {
        if inside::is_worker() && !inside::is_inside(self.id()) {
            while self.run_next() {}
        }
        self.wait_idle()
    }

    /// Runs a job on this thread, if there is one.
    fn run_next(self: &Arc<Self>) -> bool {
        let mut state = self.lock();
        let Some(next) = self.pop(&mut state) else {
            return false;
        };
        drop(state);
        self.run(next);
        self.leave();
        true
    }

    fn tell_if_idle(&self, state: &State) {
        if state.closers > 0 && state.busy == 0 && state.jobs.is_empty() {
            self.idle.notify_all();
        }
    }
}

impl State {
    /// Takes out what no longer waits.
    fn sweep(&mut self, swept: &mut Vec<Arc<dyn Job>>) {
        let mut kept = VecDeque::with_capacity(self.jobs.len());
        for job in self.jobs.drain(..) {
            if job.is_waiting() {
                kept.push_back(job);
            } else {
                swept.push(job);
            }
        }
        self.jobs = kept;
    }
}

impl Home for Queue {
    fn forsaken(&self) {
        let mut swept = Vec::new();
        let mut state = self.lock();
        if state.submitters > 0 {
            state.sweep(&mut swept);
            self.room.notify_all();
            // Who waits for room may just have been told of the end. No worker tells that there is nothing more if it finds nothing.
            self.tell_if_idle(&state);
        }
        drop(state);
        contain(|| drop(swept));
    }

    fn enter(&self) {
        self.lock().busy += 1;
    }

    fn leave(&self) {
        let mut state = self.lock();
        state.busy -= 1;
        self.tell_if_idle(&state);
    }

    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// A worker that was started, and is counted.
pub(crate) struct Worker {
    /// Until the worker has ended in good order.
    queue: Option<Arc<Queue>>,
}

impl Worker {
    fn new(queue: &Arc<Queue>) -> Self {
        Self {
            queue: Some(Arc::clone(queue)),
        }
    }

    /// Runs jobs until there is none, and ends.
    pub(crate) fn drain(mut self) {
        while self.run_one() {}
    }

    /// Runs one job. False, and the worker has ended, if there was none.
    fn run_one(&mut self) -> bool {
        let Some(queue) = &self.queue else {
            return false;
        };
        let mut state = queue.lock();
        let Some(next) = queue.pop(&mut state) else {
            state.workers -= 1;
            drop(state);
            self.queue = None;
            return false;
        };
        drop(state);
        queue.run(next);
        queue.leave();
        true
    }

    /// Runs jobs until there is none, and calls `others` after each turn of some. Meanwhile the worker does not count, so that another can be started
    /// should `others` take long; if one was, this one ends.
    pub(crate) fn drain_and_yield(mut self, others: impl Fn(&Arc<Queue>)) {
        let mut begun = Instant::now();
        while self.run_one() {
            if begun.elapsed() < TURN {
                continue;
            }
            let Some(queue) = self.retire() else {
                return;
            };
            others(&queue);
            let Some(again) = Self::join_in(&queue) else {
                return;
            };
            self = again;
            begun = Instant::now();
        }
    }

    /// Runs one job, and has itself started anew for the next.
    pub(crate) fn step(mut self) {
        if self.run_one()
            && let Some(queue) = self.queue.clone()
        {
            (queue.start)(self);
        }
    }

    /// Runs jobs and sleeps between them, until the queue is closed and empty, or there was none for `idle_timeout` and there are other
    /// workers.
    pub(crate) fn serve(mut self, idle_timeout: Duration) {
        let Some(queue) = self.queue.take() else {
            return;
        };
        let mut state = queue.lock();
        let mut timed_out = false;
        loop {
            if let Some(next) = queue.pop(&mut state) {
                drop(state);
                queue.run(next);
                queue.leave();
                state = queue.lock();
                timed_out = false;
            } else if state.closed || (timed_out && state.workers > 1) {
                state.workers -= 1;
                return;
            } else {
                state.sleeping += 1;
                (state, timed_out) = queue.sleep(state, idle_timeout);
                state.sleeping -= 1;
            }
        }
    }

    /// Ends, though there may be jobs.
    pub(crate) fn retire(mut self) -> Option<Arc<Queue>> {
        let queue = self.queue.take()?;
        queue.lock().workers -= 1;
        Some(queue)
    }

    /// A worker that comes whether there is something to do or not.
    pub(crate) fn first(queue: &Arc<Queue>) -> Self {
        queue.lock().workers += 1;
        Self::new(queue)
    }

    /// A further worker, if one may be started and there is something to do.
    pub(crate) fn join_in(queue: &Arc<Queue>) -> Option<Self> {
        let mut state = queue.lock();
        let wants = queue.wants_worker(&mut state);
        drop(state);
        wants.then(|| Self::new(queue))
    }
}

impl Drop for Worker {
    /// A worker that nobody will ever run: what would have run it is gone. If it was the last, nobody will run what waits either.
    fn drop(&mut self) {
        let Some(queue) = self.queue.take() else {
            return;
        };
        let mut state = queue.lock();
        state.workers -= 1;
        if state.workers > 0 {
            return;
        }
        drop(state);
        queue.close(Shutdown::Cancel);
    }
}
