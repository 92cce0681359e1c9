//! The threads that work for an iterator.

use std::{
    io,
    sync::Arc,
    thread::{Builder, Scope},
};

use super::{batch::Batch, ring::Ring};

/// What the consumer and the workers share.
pub(super) struct Shared<T, R, F> {
    pub(super) ring: Ring<Batch<T, R>>,
    pub(super) f: F,
}

impl<T, R, F: Fn(T) -> R> Shared<T, R, F> {
    /// Works until the ring is stopped.
    fn work(&self) {
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
