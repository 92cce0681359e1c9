//! The state machine of a task: waiting, running, done, taken; and whoever wants to know.
//!
//! A mutex guards it, and no code of the user runs while it is held: closures, results, callbacks and wakers are moved out first.
//! A lock that nobody else wants costs less than the allocation of the task.

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, Weak},
    task::{Context, Poll, Waker},
    time::Instant,
};

use super::{
    error::TaskError,
    status::TaskStatus,
    sync::{Condvar, Mutex, MutexGuard},
};
use crate::{PanicInfo, contain::contain, executor::inside};

/// The closure of a task.
pub(crate) type Work<T> = Box<dyn FnOnce() -> T + Send>;

/// What [`Core::on_done`] was given.
pub(crate) type Callback = Box<dyn FnOnce(TaskStatus) + Send>;

/// Who waits for several tasks at once.
pub(crate) trait Watch: Send + Sync {
    /// The task with this key is done. No lock of the task is held.
    fn done(&self, key: usize);
}

/// Where a task waits for its turn.
pub(crate) trait Home: Send + Sync {
    /// A task that waited here is cancelled, or has begun elsewhere: its place is free.
    fn forsaken(&self);
    /// A task of this home is about to run on a thread that is none of its workers.
    fn enter(&self);
    /// The end of what [`enter`](Self::enter) began.
    fn leave(&self);
    /// What tells it from others.
    fn id(&self) -> usize;
}

/// A task without the type of its result, for queues.
pub(crate) trait Job: Send + Sync {
    /// Runs it on this thread, if it still waits.
    fn run(&self) -> bool;
    /// Cancels it, if that is still possible.
    fn cancel(&self) -> bool;
    /// Whether it still waits for its turn.
    fn is_waiting(&self) -> bool;
}

enum Phase<T> {
    /// The closure, or nothing where a future does the work.
    Waiting(Option<Work<T>>),
    Running,
    Done(Result<T, TaskError>),
    /// The result went out.
    Taken(TaskStatus),
}

impl<T> Phase<T> {
    fn status(&self) -> TaskStatus {
        match self {
            Self::Waiting(_) => TaskStatus::Waiting,
            Self::Running => TaskStatus::Running,
            Self::Done(Ok(_)) => TaskStatus::Succeeded,
            Self::Done(Err(TaskError::Panicked(_))) => TaskStatus::Panicked,
            Self::Done(Err(_)) => TaskStatus::Cancelled,
            Self::Taken(status) => *status,
        }
    }
}

/// Whoever wants to know that the task is done.
#[derive(Default)]
struct Audience {
    callbacks: Vec<Callback>,
    watchers: Vec<(Arc<dyn Watch>, usize)>,
    waker: Option<Waker>,
    /// How many threads sleep in [`Core::result`].
    sleepers: usize,
}

struct State<T> {
    phase: Phase<T>,
    audience: Audience,
    /// Stops what runs.
    abort: Option<Box<dyn FnOnce() + Send>>,
}

pub(crate) struct Core<T> {
    state: Mutex<State<T>>,
    done: Condvar,
    home: Option<Weak<dyn Home>>,
    /// A future can be cancelled while it runs, at its next wait; so can a process.
    can_stop: bool,
}

impl<T: Send> Core<T> {
    /// The task of a closure.
    pub(crate) fn of_work(work: Work<T>, home: Option<Weak<dyn Home>>) -> Self {
        Self::new(Phase::Waiting(Some(work)), home, false)
    }

    /// The task of a future, which somebody else polls.
    #[cfg(any(feature = "async", test))]
    pub(crate) fn of_future() -> Self {
        Self::new(Phase::Waiting(None), None, true)
    }

    /// The task of another process, which is told to stop by what [`set_abort`](Self::set_abort) was given.
    #[cfg(feature = "process")]
    pub(crate) fn of_process(home: Weak<dyn Home>) -> Self {
        Self::new(Phase::Waiting(None), Some(home), true)
    }

    /// A task that is done.
    pub(crate) fn of_outcome(outcome: Result<T, TaskError>) -> Self {
        Self::new(Phase::Done(outcome), None, false)
    }

    /// A task that is done, by what was caught.
    #[cfg(feature = "async")]
    pub(crate) fn of_caught(outcome: Result<T, Box<dyn Any + Send>>) -> Self {
        Self::of_outcome(outcome.map_err(|payload| TaskError::Panicked(PanicInfo::new(payload))))
    }

    fn new(phase: Phase<T>, home: Option<Weak<dyn Home>>, can_stop: bool) -> Self {
        Self {
            state: Mutex::new(State {
                phase,
                audience: Audience::default(),
                abort: None,
            }),
            done: Condvar::new(),
            home,
            can_stop,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn status(&self) -> TaskStatus {
        self.lock().phase.status()
    }

    /// Whether it is done, and by what `failed` says of its value, or of its panic, failed.
    pub(crate) fn done_and_failed(&self, failed: fn(&T) -> bool) -> (bool, bool) {
        match &self.lock().phase {
            Phase::Waiting(_) | Phase::Running => (false, false),
            Phase::Done(Ok(value)) => (true, failed(value)),
            Phase::Done(Err(error)) => (true, matches!(error, TaskError::Panicked(_))),
            Phase::Taken(status) => (true, *status == TaskStatus::Panicked),
        }
    }

    /// Makes the task this thread's to run. With a closure, that comes along.
    fn claim(&self) -> Option<Option<Work<T>>> {
        let mut state = self.lock();
        match mem::replace(&mut state.phase, Phase::Running) {
            Phase::Waiting(work) => Some(work),
            other => {
                state.phase = other;
                None
            }
        }
    }

    /// Makes a task without a closure this thread's to do: false if it is cancelled.
    #[cfg(any(feature = "async", feature = "process", test))]
    pub(crate) fn begin(&self) -> bool {
        self.claim().is_some()
    }

    /// Says how [`cancel`](Job::cancel) stops what runs. If it is cancelled already, that is done at once.
    #[cfg(any(feature = "async", feature = "process", test))]
    pub(crate) fn set_abort(&self, abort: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        if state.phase.status() == TaskStatus::Cancelled {
            drop(state);
            abort();
        } else if !state.phase.status().is_done() {
            state.abort = Some(Box::new(abort));
        }
    }

    /// The end of a task that ran. It is without effect on one that was cancelled meanwhile.
    pub(crate) fn finish(&self, outcome: Result<T, Box<dyn Any + Send>>) {
        let outcome = outcome.map_err(|payload| TaskError::Panicked(PanicInfo::new(payload)));
        let unwanted = self.conclude(outcome, |phase| matches!(phase, Phase::Running));
        contain(|| drop(unwanted));
    }

    /// Puts the outcome in if the phase is one from which it may come, and tells everybody. Gives back what the outcome replaced, or
    /// the outcome itself.
    fn conclude(
        &self,
        outcome: Result<T, TaskError>,
        may: impl FnOnce(&Phase<T>) -> bool,
    ) -> Result<Replaced<T>, Result<T, TaskError>> {
        let mut state = self.lock();
        if !may(&state.phase) {
            return Err(outcome);
        }
        let phase = mem::replace(&mut state.phase, Phase::Done(outcome));
        let status = state.phase.status();
        let audience = mem::take(&mut state.audience);
        let abort = state.abort.take();
        drop(state);
        audience.tell(status, &self.done);
        Ok(Replaced { phase, abort })
    }

    /// Runs the closure here if the task still waits: the thread that waits for it does it itself.
    pub(crate) fn help(&self) -> bool {
        let Some(home) = self.home.as_ref().and_then(Weak::upgrade) else {
            return false;
        };
        if !self.is_work() {
            return false;
        }
        home.enter();
        let inside = inside::enter(home.id());
        let ran = self.run_once(|| home.forsaken());
        drop(inside);
        home.leave();
        ran
    }

    /// Runs the closure on this thread, and `begun` before it, if the task still waits.
    fn run_once(&self, begun: impl FnOnce()) -> bool {
        let Some(Some(work)) = self.claim() else {
            return false;
        };
        begun();
        self.finish(catch_unwind(AssertUnwindSafe(work)));
        true
    }

    fn is_work(&self) -> bool {
        matches!(self.lock().phase, Phase::Waiting(Some(_)))
    }

    /// The result, once it is there; `TimedOut` after the deadline.
    pub(crate) fn result(&self, deadline: Option<Instant>) -> Result<T, TaskError> {
        let mut state = self.lock();
        while !state.phase.status().is_done() {
            let left = match deadline {
                None => None,
                Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => Some(left),
                    _ => return Err(TaskError::TimedOut),
                },
            };
            state.audience.sleepers += 1;
            state = match left {
                None => self
                    .done
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    self.done
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
            // Who is told takes all sleepers along.
            state.audience.sleepers = state.audience.sleepers.saturating_sub(1);
        }
        Self::take(&mut state)
    }

    /// The result if it is there. Otherwise the waker is kept, in place of the one before.
    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<Result<T, TaskError>> {
        // Before the lock: the waker is the user's code.
        let waker = context.waker().clone();
        let mut state = self.lock();
        if state.phase.status().is_done() {
            let result = Self::take(&mut state);
            drop(state);
            return Poll::Ready(result);
        }
        let before = state.audience.waker.replace(waker);
        drop(state);
        drop(before);
        Poll::Pending
    }

    fn take(state: &mut State<T>) -> Result<T, TaskError> {
        let taken = Phase::Taken(state.phase.status());
        match mem::replace(&mut state.phase, taken) {
            Phase::Done(outcome) => outcome,
            _ => Err(TaskError::Taken),
        }
    }

    /// Calls `callback` when the task is done; at once, on this thread, if it is.
    pub(crate) fn on_done(&self, callback: Callback) {
        let mut state = self.lock();
        let status = state.phase.status();
        if status.is_done() {
            drop(state);
            contain(|| callback(status));
        } else {
            state.audience.callbacks.push(callback);
        }
    }

    /// Has `watcher` told when the task is done. False, and nothing is kept, if it is done already.
    pub(crate) fn watch(&self, watcher: &Arc<dyn Watch>, key: usize) -> bool {
        let mut state = self.lock();
        if state.phase.status().is_done() {
            return false;
        }
        let watcher = Arc::clone(watcher);
        state.audience.watchers.push((watcher, key));
        true
    }

    /// How many are to be told.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn watchers(&self) -> usize {
        self.lock().audience.watchers.len()
    }

    /// Undoes [`watch`](Self::watch).
    pub(crate) fn unwatch(&self, watcher: &Arc<dyn Watch>) {
        let mut state = self.lock();
        let watchers = &mut state.audience.watchers;
        watchers.retain(|(other, _)| !Arc::ptr_eq(other, watcher));
    }
}

/// What the outcome of a task has replaced: dropped, or called, when no lock is held.
struct Replaced<T> {
    phase: Phase<T>,
    abort: Option<Box<dyn FnOnce() + Send>>,
}

impl Audience {
    fn tell(self, status: TaskStatus, done: &Condvar) {
        // A notification is a system call even if nobody waits.
        if self.sleepers > 0 {
            done.notify_all();
        }
        for (watcher, key) in self.watchers {
            watcher.done(key);
        }
        if let Some(waker) = self.waker {
            contain(|| waker.wake());
        }
        for callback in self.callbacks {
            contain(|| callback(status));
        }
    }
}

impl<T: Send> Job for Core<T> {
    fn run(&self) -> bool {
        self.run_once(|| ())
    }

    fn cancel(&self) -> bool {
        let may = |phase: &Phase<T>| match phase {
            Phase::Waiting(_) => true,
            Phase::Running => self.can_stop,
            Phase::Done(_) | Phase::Taken(_) => false,
        };
        let Ok(replaced) = self.conclude(Err(TaskError::Cancelled), may) else {
            return false;
        };
        if let Some(abort) = replaced.abort {
            abort();
        }
        contain(|| drop(replaced.phase));
        if let Some(home) = self.home.as_ref().and_then(Weak::upgrade) {
            home.forsaken();
        }
        true
    }

    fn is_waiting(&self) -> bool {
        matches!(self.lock().phase, Phase::Waiting(_))
    }
}
