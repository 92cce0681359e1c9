//! Worker processes on Unix: a program that is executed anew, and a socket between it and its pool.

mod channel;
mod life;
mod process;
mod spawn;
mod worker;

pub(super) use self::{
    life::Life, process::WorkerProcess, spawn::pool_of_this_worker, worker::serve,
};
