//! The threads that work for an iterator.

use std::{
    io,
    num::NonZeroUsize,
    sync::Arc,
    thread::{Builder, Scope},
};

use super::{batch::Batch, ring::Ring};
use crate::{CoreBudget, CoreLease, executor::inside};

/// What the consumer and the workers share.
pub(super) struct Shared<T, R, F> {
    pub(super) ring: Ring<Batch<T, R>>,
    pub(super) f: F,
}

impl<T, R, F: Fn(T) -> R> Shared<T, R, F> {
    /// Works until the ring is stopped.
    fn work(&self) {
        inside::become_helper();
        while let Some(mut claim) = self.ring.claim() {
            self.run(&mut claim.batch);
            self.ring.complete(claim);
        }
    }

    pub(super) fn run(&self, batch: &mut Batch<T, R>) {
        batch.run(&self.f, || self.ring.is_stopped());
    }
}

/// Waits for the end of a thread.
pub(super) type Join<'scope> = Box<dyn FnOnce() + Send + 'scope>;

/// Starts a thread. Boxed, since only its maker knows whether the thread may borrow.
pub(super) type Start<'scope, T, R, F> =
    Box<dyn Fn(Arc<Shared<T, R, F>>) -> io::Result<Join<'scope>> + Send + 'scope>;

/// What there is from the first item on.
pub(super) struct Running<'scope, T, R, F> {
    pub(super) shared: Arc<Shared<T, R, F>>,
    pub(super) start: Start<'scope, T, R, F>,
    pub(super) threads: Vec<Join<'scope>>,
    /// From the first thread on. Given back when all have ended.
    pub(super) lease: Option<CoreLease>,
    pub(super) most_threads: usize,
    pub(super) most_batches: usize,
    pub(super) look_ahead: usize,
}

impl<T, R, F> Running<'_, T, R, F> {
    /// Starts another thread, if there may be one.
    pub(super) fn start_thread(&mut self, budget: Option<&CoreBudget>) {
        if self.threads.len() >= self.most_threads {
            return;
        }
        if self.lease.is_none()
            && let (Some(budget), Some(wanted)) = (budget, NonZeroUsize::new(self.most_threads))
        {
            let lease = budget.lease(wanted);
            self.most_threads = lease.cores().get();
            self.lease = Some(lease);
        }
        match (self.start)(Arc::clone(&self.shared)) {
            Ok(thread) => self.threads.push(thread),
            // The system has no more threads: those that are there do it, and the consumer.
            Err(_) => self.most_threads = self.threads.len(),
        }
    }
}

fn builder() -> Builder {
    Builder::new().name("tuneup-imap".to_owned())
}

pub(super) fn detached<T, R, F>() -> Start<'static, T, R, F>
where
    T: Send + 'static,
    R: Send + 'static,
    F: Fn(T) -> R + Send + Sync + 'static,
{
    Box::new(|shared| {
        let thread = builder().spawn(move || shared.work())?;
        // What panics in a worker is in its batch: there is nothing to learn from its end.
        Ok(Box::new(move || drop(thread.join())) as Join<'static>)
    })
}

pub(super) fn scoped<'scope, T, R, F>(scope: &'scope Scope<'scope, '_>) -> Start<'scope, T, R, F>
where
    T: Send + 'scope,
    R: Send + 'scope,
    F: Fn(T) -> R + Send + Sync + 'scope,
{
    Box::new(move |shared| {
        let thread = builder().spawn_scoped(scope, move || shared.work())?;
        Ok(Box::new(move || drop(thread.join())) as Join<'scope>)
    })
}
