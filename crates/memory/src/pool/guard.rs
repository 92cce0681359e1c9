//! What holds an object while it is out.

use std::{
    fmt,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr::NonNull,
    sync::Arc,
};

use super::{Pool, slots::Slot};

/// A taken slot with an object, given back at the end. `P` is what keeps the pool alive, and the object's place with it.
pub(super) struct Lease<P: Deref<Target = Pool<T>>, T> {
    slot: NonNull<Slot<T>>,
    pool: P,
}

// SAFETY: a lease is the one owner of its object, as a box would be, and the pool is shared as `P` allows.
unsafe impl<P: Deref<Target = Pool<T>> + Send, T: Send> Send for Lease<P, T> {}
// SAFETY: as above: a shared lease gives out shared references alone.
unsafe impl<P: Deref<Target = Pool<T>> + Sync, T: Sync> Sync for Lease<P, T> {}

impl<P: Deref<Target = Pool<T>>, T> Lease<P, T> {
    /// The caller holds the slot, which is one of the pool and has an object, and passes it on.
    #[inline(always)]
    pub(super) fn new(pool: P, slot: NonNull<Slot<T>>) -> Self {
        Self { slot, pool }
    }

    #[inline(always)]
    fn slot(&self) -> &Slot<T> {
        // SAFETY: slots are on the heap and stay where they are while the pool lives, which `pool` sees to.
        unsafe { self.slot.as_ref() }
    }

    #[inline(always)]
    fn object(&self) -> &T {
        // SAFETY: the lease holds the slot, which has an object.
        unsafe { &*self.slot().object() }
    }

    #[inline(always)]
    fn object_mut(&mut self) -> &mut T {
        // SAFETY: as in `object`, and the lease is borrowed for as long.
        unsafe { &mut *self.slot().object() }
    }

    fn detach(self) -> T {
        let lease = ManuallyDrop::new(self);
        let taken = lease.slot().taken(false);
        // SAFETY: the lease is never touched again, so its pool has one owner still.
        let pool = unsafe { std::ptr::read(&lease.pool) };
        let object = pool.take_object(taken);
        pool.events.detached.add_one();
        pool.release(taken);
        object
    }
}

impl<P: Deref<Target = Pool<T>>, T> Drop for Lease<P, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.pool.give_back(self.slot());
    }
}

/// An object of a [`Pool`], given back when this is dropped: after the reset hook, in the thread that drops it.
///
/// Dropping it never panics and never waits for others, but for a short lock if somebody waits for an object. May be sent to and dropped in
/// another thread if `T` may.
///
/// ```
/// use tuneup_memory::Pool;
///
/// let pool = Pool::builder(2).build(Vec::new)?;
/// let mut numbers = pool.get()?;
/// numbers.push(1);
/// assert_eq!(numbers.len(), 1);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[must_use = "the object goes back to the pool at once if its guard is not kept"]
pub struct Pooled<'a, T>(pub(super) Lease<&'a Pool<T>, T>);

/// An object of a pool in an [`Arc`], given back when this is dropped. As [`Pooled`], and it keeps the pool alive.
///
/// ```
/// use std::sync::Arc;
/// use tuneup_memory::{Pool, PooledOwned};
///
/// fn buffer() -> Result<PooledOwned<Vec<u8>>, tuneup_memory::Error> {
///     Arc::new(Pool::builder(1).build(Vec::new)?).get_owned()
/// }
/// assert!(buffer()?.is_empty());
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[must_use = "the object goes back to the pool at once if its guard is not kept"]
pub struct PooledOwned<T>(pub(super) Lease<Arc<Pool<T>>, T>);

impl<T> Pooled<'_, T> {
    /// Takes the object out of the pool for good. Its place is free for a new one.
    ///
    /// The reset hook does not run. [`PoolStats::detached`](super::PoolStats::detached) counts it.
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(1).build(String::new)?;
    /// let kept: String = pool.get()?.detach();
    /// assert_eq!(*pool.get()?, kept);
    /// assert_eq!(pool.stats().created, 2);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "into_inner")]
    #[must_use = "drop the guard to give the object back"]
    pub fn detach(self) -> T {
        self.0.detach()
    }
}

impl<T> PooledOwned<T> {
    /// Takes the object out of the pool for good, as [`Pooled::detach`].
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Arc::new(Pool::builder(1).build(String::new)?);
    /// let kept: String = pool.get_owned()?.detach();
    /// assert!(pool.try_get_owned().is_ok());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "into_inner")]
    #[must_use = "drop the guard to give the object back"]
    pub fn detach(self) -> T {
        self.0.detach()
    }
}

impl<T> Deref for Pooled<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        self.0.object()
    }
}

impl<T> DerefMut for Pooled<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.0.object_mut()
    }
}

impl<T: fmt::Debug> fmt::Debug for Pooled<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.object().fmt(f)
    }
}

impl<T> Deref for PooledOwned<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        self.0.object()
    }
}

impl<T> DerefMut for PooledOwned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.0.object_mut()
    }
}

impl<T: fmt::Debug> fmt::Debug for PooledOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.object().fmt(f)
    }
}
