//! Waiting for several tasks at once.

mod as_completed;
#[cfg(all(test, not(loom)))]
mod tests;
mod waiter;

use std::time::{Duration, Instant};

pub use self::as_completed::{
    AsCompleted, AsCompletedTimeout, Unfinished, as_completed, as_completed_timeout,
};
use self::waiter::Waiter;
use crate::{Task, executor::inside};

/// When [`wait`] returns.
///
/// See the example of [`wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnWhen {
    /// When any task is done, or cancelled.
    #[doc(alias = "FIRST_COMPLETED")]
    FirstCompleted,
    /// When any task has panicked; if none does, when all are done. A cancellation is no error.
    #[doc(alias = "FIRST_EXCEPTION")]
    FirstError,
    /// When all are done.
    #[doc(alias = "ALL_COMPLETED")]
    All,
}

/// Which tasks were done when [`wait`] returned, by their places in the slice.
///
/// See the example of [`wait`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waited {
    /// Those that are done, ascending.
    pub done: Vec<usize>,
    /// The others, ascending.
    pub pending: Vec<usize>,
}

/// Waits until the tasks are so far as `when` says, or the time is over.
///
/// Nothing is taken: [`Task::result`] returns at once afterwards for those that are done. None for `timeout` waits for as long as it takes, and on
/// a worker runs what has not begun (see [`Task`]). No tasks at all are done at once.
///
/// Costs a registration with every task that is not done, and three small allocations.
///
/// ```
/// use tuneup_concurrency::{Executor, ReturnWhen, ThreadExecutor, wait};
///
/// let (send, receive) = std::sync::mpsc::channel::<()>();
/// let executor = ThreadExecutor::builder().build()?;
/// let tasks = [executor.submit(move || receive.recv().is_ok())?, executor.submit(|| true)?];
/// let waited = wait(&tasks, ReturnWhen::FirstCompleted, None);
/// assert_eq!((waited.done, waited.pending), (vec![1], vec![0]));
/// send.send(())?;
/// assert!(wait(&tasks, ReturnWhen::All, None).pending.is_empty());
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
///
/// It follows `concurrent.futures.wait` of Python.
#[doc(alias = "wait_any")]
#[doc(alias = "wait_all")]
#[doc(alias = "select")]
#[expect(
    clippy::must_use_candidate,
    reason = "who waits for all of them asks the tasks"
)]
pub fn wait<T: Send>(tasks: &[Task<T>], when: ReturnWhen, timeout: Option<Duration>) -> Waited {
    wait_until(tasks, when, timeout, |_| false)
}

/// As [`wait`], where for [`ReturnWhen::FirstError`] an `Err` that a task has returned counts as an error too.
///
/// ```
/// use tuneup_concurrency::{Executor, ReturnWhen, ThreadExecutor, wait_fallible};
///
/// let (send, receive) = std::sync::mpsc::channel::<()>();
/// let executor = ThreadExecutor::builder().build()?;
/// let tasks = [
///     executor.submit(move || receive.recv().map_err(|error| error.to_string()))?,
///     executor.submit(|| Err("no such file".to_owned()))?,
/// ];
/// assert_eq!(wait_fallible(&tasks, ReturnWhen::FirstError, None).done, [1]);
/// send.send(())?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
pub fn wait_fallible<T: Send, E: Send>(
    tasks: &[Task<Result<T, E>>],
    when: ReturnWhen,
    timeout: Option<Duration>,
) -> Waited {
    wait_until(tasks, when, timeout, Result::is_err)
}

fn wait_until<T: Send>(
    tasks: &[Task<T>],
    when: ReturnWhen,
    timeout: Option<Duration>,
    failed: fn(&T) -> bool,
) -> Waited {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let waiter = Waiter::new();
    for (place, task) in tasks.iter().enumerate() {
        waiter.watch(task, place);
    }
    let mut left = tasks.len();
    let mut helper = Helper::new(timeout.is_none());
    while left > 0 {
        let ready = waiter.pop().or_else(|| {
            helper.help(tasks.len(), |place| tasks.get(place));
            waiter.pop_until(deadline)
        });
        let Some(place) = ready else {
            break;
        };
        left -= 1;
        let (_, failed) = tasks[place].core().done_and_failed(failed);
        match when {
            ReturnWhen::FirstCompleted => break,
            ReturnWhen::FirstError if failed => break,
            ReturnWhen::FirstError | ReturnWhen::All => {}
        }
    }
    let watch = waiter.as_watch();
    let (mut done, mut pending) = (Vec::new(), Vec::new());
    for (place, task) in tasks.iter().enumerate() {
        if task.is_done() {
            done.push(place);
        } else {
            task.core().unwatch(&watch);
            pending.push(place);
        }
    }
    Waited { done, pending }
}

/// Runs tasks that have not begun on the thread that waits for them, if that is a worker.
struct Helper {
    /// Tasks before this have begun.
    next: usize,
    helps: bool,
}

impl Helper {
    fn new(helps: bool) -> Self {
        Self {
            next: 0,
            helps: helps && inside::is_worker(),
        }
    }

    /// Runs the next of the `total` tasks that has not begun.
    fn help<'t, T: Send + 't>(
        &mut self,
        total: usize,
        task_at: impl Fn(usize) -> Option<&'t Task<T>>,
    ) {
        while self.helps && self.next < total {
            let task = task_at(self.next);
            self.next += 1;
            if task.is_some_and(|task| task.core().help()) {
                return;
            }
        }
    }
}
