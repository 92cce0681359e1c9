//! Executors: what they promise alike, and each for itself.

mod alike;
#[cfg(feature = "async")]
mod asynchronous;
mod cpu;
mod threads;

use std::sync::mpsc;

use tuneup_concurrency::{CoreBudget, CpuExecutor, Executor, Task, ThreadExecutor};

use crate::amounts::count;

/// With processors of its own, so that tests do not take them from each other.
pub(crate) fn cpu(workers: usize, capacity: usize) -> CpuExecutor {
    CpuExecutor::builder()
        .budget(&CoreBudget::new(count(workers)))
        .queue_capacity(count(capacity))
        .build()
        .unwrap()
}

pub(crate) fn on_global_pool(workers: usize, capacity: usize) -> CpuExecutor {
    CpuExecutor::builder()
        .budget(&CoreBudget::new(count(workers)))
        .queue_capacity(count(capacity))
        .on_global_pool()
        .build()
        .unwrap()
}

pub(crate) fn threads(workers: usize, capacity: usize) -> ThreadExecutor {
    ThreadExecutor::builder()
        .max_threads(count(workers))
        .queue_capacity(count(capacity))
        .build()
        .unwrap()
}

/// A task that runs until the sender is used or dropped. It has begun when this returns.
pub(crate) fn occupy(executor: &impl Executor) -> (mpsc::Sender<()>, Task<()>) {
    let (release, released) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    let task = executor
        .submit(move || {
            begun.send(()).unwrap();
            let _ = released.recv();
        })
        .unwrap();
    begins.recv().unwrap();
    (release, task)
}
