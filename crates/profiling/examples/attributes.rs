//! The attributes on a type, a trait and an async function, and what is recorded of them.
//!
//! `cargo run --release -p tuneup-profiling --example attributes`

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use tuneup_profiling::{Profiler, profile, profile_all};

struct Queue {
    jobs: Vec<u64>,
}

#[profile_all]
impl Queue {
    fn new() -> Self {
        Self { jobs: Vec::new() }
    }

    fn push(&mut self, job: u64) {
        self.jobs.push(job);
    }

    /// Too small to be worth a clock: counted, and seen by a sampler.
    #[profile(sampled)]
    fn len(&self) -> usize {
        self.jobs.len()
    }

    #[profile(skip)]
    fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }
}

impl Iterator for Queue {
    type Item = u64;

    #[profile]
    fn next(&mut self) -> Option<u64> {
        self.jobs.pop()
    }
}

#[profile(name = "drain the queue")]
async fn drain(queue: &mut Queue) -> u64 {
    queue.map(|job| job * job).sum()
}

fn main() -> Result<(), tuneup_profiling::Error> {
    let session = Profiler::builder().start()?;
    let mut queue = Queue::new();
    (0..100).for_each(|job| queue.push(job));
    assert_eq!((queue.len(), queue.is_empty()), (100, false));
    let mut drained = pin!(drain(&mut queue));
    let poll = drained
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(poll, Poll::Ready(328_350));
    session
        .finish()
        .sort_by(tuneup_profiling::SortKey::Calls)
        .print();
    Ok(())
}
