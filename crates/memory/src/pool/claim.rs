//! A slot between being taken and being handed out, and what may panic meanwhile.

use std::{
    any::Any,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    Pool,
    slots::{Slot, Taken},
};
use crate::Error;

/// Calls what may panic where no panic may get out. `None` if it did.
#[inline]
pub(super) fn contain<R>(call: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(call))
        .map_err(drop_payload)
        .ok()
}

/// The value of a panic may panic when it is dropped. Of that panic the value is leaked, or there were no end.
#[cold]
fn drop_payload(payload: Box<dyn Any + Send>) {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
    let _ = dropped.map_err(ManuallyDrop::new);
}

/// A slot that is freed when this is dropped, and its object with it: what happens if a health check or making an
/// object panics or fails.
pub(super) struct Claim<'a, T> {
    pool: &'a Pool<T>,
    taken: Taken,
}

impl<'a, T> Claim<'a, T> {
    pub(super) fn new(pool: &'a Pool<T>, taken: Taken) -> Self {
        Self { pool, taken }
    }

    /// Sees to it that there is an object, and a healthy one; then the slot is the caller's.
    pub(super) fn fill(mut self) -> Result<&'a Slot<T>, Error> {
        let slot = self.pool.slots.slot(self.taken);
        if self.taken.filled && self.is_healthy() {
            slot.count_reuse();
        } else {
            self.drop_object();
            let object = (self.pool.hooks.create)()?;
            let place = slot.object();
            // SAFETY: the claim holds the slot, which has no object.
            unsafe { place.write(object) };
            self.pool.events.created.add_one();
        }
        let _ = ManuallyDrop::new(self);
        Ok(slot)
    }

    fn is_healthy(&self) -> bool {
        let Some(check) = &self.pool.hooks.check else {
            return true;
        };
        let object = self.pool.slots.slot(self.taken).object();
        // SAFETY: the claim holds the slot, which has an object.
        check(unsafe { &mut *object })
    }

    fn drop_object(&mut self) {
        if std::mem::take(&mut self.taken.filled) {
            self.pool.events.discarded.add_one();
            let _ = contain(|| drop(self.pool.take_object(self.taken)));
        }
    }
}

impl<T> Drop for Claim<'_, T> {
    fn drop(&mut self) {
        self.drop_object();
        self.pool.release(self.taken);
    }
}
