//! Tasks in the order in which they end.

use std::{
    fmt,
    iter::FusedIterator,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Helper, waiter::Waiter};
use crate::Task;

/// Yields tasks as they are done, with their places in what was given.
///
/// Those that are done already come first, in the order given. Every task comes once, whether it has a result, has panicked or was
/// cancelled; its [`Task::result`] returns at once. `next` waits for the next one; on a worker it runs what has not begun (see [`Task`]).
/// To drop the iterator detaches the tasks that were not yielded.
///
/// Costs a registration with every task, and one small allocation each.
///
/// ```
/// use tuneup_concurrency::{Executor, ThreadExecutor, as_completed};
///
/// let (send, receive) = std::sync::mpsc::channel::<u32>();
/// let executor = ThreadExecutor::builder().build()?;
/// let tasks = [
///     executor.submit(move || receive.recv().unwrap_or(0))?,
///     executor.submit(move || { send.send(7).is_ok().into() })?,
/// ];
/// let mut order: Vec<u32> = as_completed(tasks).map(|(_, task)| task.result()).collect::<Result<_, _>>()?;
/// order.sort();
/// assert_eq!(order, [1, 7]);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
///
/// It follows `concurrent.futures.as_completed` of Python.
#[doc(alias = "FuturesUnordered")]
pub fn as_completed<T: Send>(tasks: impl IntoIterator<Item = Task<T>>) -> AsCompleted<T> {
    AsCompleted::new(tasks, true)
}

/// As [`as_completed`], for no longer than `timeout` from now on.
///
/// When the time is over and tasks are left, [`Unfinished`] comes with them, once, and then the end.
///
/// On a worker it sleeps, as everything with a time limit.
///
/// ```
/// use std::time::Duration;
/// use tuneup_concurrency::{Executor, ThreadExecutor, as_completed_timeout};
///
/// let (send, receive) = std::sync::mpsc::channel::<()>();
/// let executor = ThreadExecutor::builder().build()?;
/// let tasks = [executor.submit(move || receive.recv().is_ok())?];
/// let mut completed = as_completed_timeout(tasks, Duration::from_millis(1));
/// let Some(Err(unfinished)) = completed.next() else { unreachable!() };
/// assert_eq!(unfinished.to_string(), "1 of 1 tasks had no result in time");
/// assert!(completed.next().is_none());
/// assert!(!unfinished.tasks[0].1.is_done());
/// send.send(())?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
pub fn as_completed_timeout<T: Send>(
    tasks: impl IntoIterator<Item = Task<T>>,
    timeout: Duration,
) -> AsCompletedTimeout<T> {
    let deadline = Instant::now().checked_add(timeout);
    AsCompletedTimeout {
        tasks: AsCompleted::new(tasks, false),
        deadline,
    }
}

/// The iterator of [`as_completed`].
#[must_use = "tasks that are not asked for are detached"]
pub struct AsCompleted<T: Send> {
    tasks: Vec<Option<Task<T>>>,
    waiter: Arc<Waiter>,
    left: usize,
    helper: Helper,
}

impl<T: Send> AsCompleted<T> {
    fn new(tasks: impl IntoIterator<Item = Task<T>>, helps: bool) -> Self {
        let tasks: Vec<_> = tasks.into_iter().map(Some).collect();
        let waiter = Waiter::new();
        for (place, task) in tasks.iter().flatten().enumerate() {
            waiter.watch(task, place);
        }
        Self {
            left: tasks.len(),
            tasks,
            waiter,
            helper: Helper::new(helps),
        }
    }

    fn next_until(&mut self, deadline: Option<Instant>) -> Option<(usize, Task<T>)> {
        if self.left == 0 {
            return None;
        }
        let place = match self.waiter.pop() {
            Some(place) => place,
            None => {
                let tasks = &self.tasks;
                self.helper.help(tasks.len(), |place| tasks[place].as_ref());
                self.waiter.pop_until(deadline)?
            }
        };
        self.left -= 1;
        self.tasks[place].take().map(|task| (place, task))
    }
}

impl<T: Send> Iterator for AsCompleted<T> {
    type Item = (usize, Task<T>);

    fn next(&mut self) -> Option<Self::Item> {
        self.next_until(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T: Send> ExactSizeIterator for AsCompleted<T> {}
impl<T: Send> FusedIterator for AsCompleted<T> {}

impl<T: Send> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AsCompleted")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The iterator of [`as_completed_timeout`].
#[derive(Debug)]
#[must_use = "tasks that are not asked for are detached"]
pub struct AsCompletedTimeout<T: Send> {
    tasks: AsCompleted<T>,
    deadline: Option<Instant>,
}

impl<T: Send> Iterator for AsCompletedTimeout<T> {
    type Item = Result<(usize, Task<T>), Unfinished<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(completed) = self.tasks.next_until(self.deadline) {
            return Some(Ok(completed));
        }
        if self.tasks.left == 0 {
            return None;
        }
        self.tasks.left = 0;
        let total = self.tasks.tasks.len();
        let tasks = std::mem::take(&mut self.tasks.tasks);
        let watch = self.tasks.waiter.as_watch();
        let tasks: Vec<_> = tasks
            .into_iter()
            .enumerate()
            .filter_map(|(place, task)| Some((place, task?)))
            .inspect(|(_, task)| task.core().unwatch(&watch))
            .collect();
        Some(Err(Unfinished { tasks, total }))
    }
}

impl<T: Send> FusedIterator for AsCompletedTimeout<T> {}

/// The time of [`as_completed_timeout`] was over: the tasks that were not yielded.
///
/// See the example of [`as_completed_timeout`].
#[derive(Debug, thiserror::Error)]
#[error("{} of {total} tasks had no result in time", tasks.len())]
#[non_exhaustive]
pub struct Unfinished<T: Send> {
    /// The tasks with their places in what was given, ascending. They go on; one may have ended meanwhile.
    pub tasks: Vec<(usize, Task<T>)>,
    /// How many there were at first.
    pub total: usize,
}
