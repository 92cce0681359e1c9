//! The global pool of rayon, which an executor shares with all others.

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use super::work;
use crate::executor::queue::{Queue, Worker};

thread_local! {
    /// Whether this thread is known to be one of the global pool's.
    static IS_GLOBAL: Cell<bool> = const { Cell::new(false) };

    /// The queues between two of whose jobs this thread looks for other work, the innermost last.
    static BETWEEN: RefCell<Vec<Arc<Queue>>> = const { RefCell::new(Vec::new()) };
}

/// Starts a worker on the global pool.
///
/// For rayon that is the pool of a thread that is in none. A thread of another pool hands the worker to one that is in none: where it is, the worker
/// might wait behind a task that itself waits for what the worker has to do.
pub(super) fn start(worker: Worker) {
    if IS_GLOBAL.get() || rayon::current_thread_index().is_none() {
        return spawn_global(worker);
    }
    let worker = Arc::new(Mutex::new(Some(worker)));
    let sent = thread::Builder::new()
        .name("tuneup-courier".to_owned())
        .spawn({
            let worker = Arc::clone(&worker);
            move || {
                if let Some(worker) = take(&worker) {
                    spawn_global(worker);
                }
            }
        });
    if sent.is_err()
        && let Some(worker) = take(&worker)
    {
        // The system has no more threads: a worker in the wrong pool is better than none.
        rayon::spawn(move || work(worker, run_by_turns));
    }
}

fn take(worker: &Mutex<Option<Worker>>) -> Option<Worker> {
    worker.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// To be called on a thread of the global pool, or of none.
fn spawn_global(worker: Worker) {
    rayon::spawn(move || {
        IS_GLOBAL.set(true);
        work(worker, run_by_turns);
    });
}

/// On the global pool others have their turn after some jobs: parallel iterators that came from outside, and other executors.
fn run_by_turns(worker: Worker) {
    let below = BETWEEN.with_borrow(|between| between.last().map(Arc::clone));
    if let Some(below) = below {
        // It is the turn of this one, for one job, during which another thread may serve the queue below.
        below.restart();
        worker.step();
    } else {
        worker.drain_and_yield(|queue| {
            BETWEEN.with_borrow_mut(|between| between.push(Arc::clone(queue)));
            rayon::yield_now();
            BETWEEN.with_borrow_mut(Vec::pop);
        });
    }
}
