//! A bounded pool of objects that are dear to make.

use std::{
    fmt,
    ops::Deref,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use crate::Error;

mod barrier;
mod builder;
mod claim;
mod guard;
mod hint;
#[cfg(all(test, loom))]
mod model;
mod slots;
mod stats;
mod sync;
#[cfg(all(test, not(loom)))]
mod tests;
mod waiting;

pub use self::{
    builder::PoolBuilder,
    guard::{Pooled, PooledOwned},
    stats::PoolStats,
};
use self::{
    builder::{Fate, Hooks},
    claim::{Claim, contain},
    guard::Lease,
    hint::Hint,
    slots::{Slot, Slots, Taken},
    stats::Events,
    waiting::Waiting,
};

/// A bounded set of objects that are used again instead of made again: buffers, parsers, connections.
///
/// [`get`](Self::get) takes an object that nobody uses, makes one if there is none and the capacity is not reached, and
/// otherwise waits until one comes back. The guard gives it back when it is dropped. Objects are made when they are
/// first needed, so a pool that is never busy stays small.
///
/// | a user that | finds that |
/// |---|---|
/// | panics while it holds an object | the object comes back, after the reset hook; with [`discard_on_panic`](PoolBuilder::discard_on_panic) it is dropped, and its place is free for a new one |
/// | makes an object and fails or panics | the place is free again, and the error or panic is the caller's |
/// | has a reset hook that panics | the object is dropped and its place is free; the panic is counted, and ends there |
/// | has a health check that says no, or panics | the object is dropped; another is made in its place, or the panic is the caller's |
/// | leaks a guard, with `mem::forget` | its place is gone for as long as the pool lives |
///
/// No lock is held while the functions that the pool was given run, and they may use the pool themselves. A thread that waits
/// sleeps. Who is woken and finds that another thread was faster is handed the next object, so nobody waits
/// forever while objects come back. A thread that holds all objects and waits for another one does wait forever: use
/// [`get_timeout`](Self::get_timeout) where one may need several.
///
/// # Cost
/// Taking and giving back the object that the thread gave back last: one compare-and-exchange and one plain
/// store, on a cache line that no other thread needs; no lock, no allocation, no system call. The object is not moved. Otherwise a
/// search, O(objects in use at the busiest time so far), one to two ns for each while they fit into the cache. In a pool that had more than 256 of them, another object
/// may be made although one is idle far away, so as not to look at thousands. Waiting allocates, and where it can uses membarrier(2), which
/// interrupts the other running threads of the process for a moment; the first pool of a process registers for that.
///
/// The slots are allocated when the pool is built, each the size of `T` and 16 bytes, rounded up to 128.
///
/// # When it is the wrong tool
/// One value that is made when it is first needed is [`LazyLock`](std::sync::LazyLock) or
/// [`OnceLock`](std::sync::OnceLock); a buffer for each thread is [`thread_local!`]; a small object that costs no
/// more than its allocation is best left to the allocator.
///
/// # Sources
/// What it promises is what [r2d2](https://docs.rs/r2d2) and HikariCP promise of connections. That a thread looks first where it
/// was last, and takes by one compare-and-exchange, is of HikariCP's `ConcurrentBag`; that who was overtaken is handed the
/// next one is of the starvation mode of [Go's `sync.Mutex`](https://pkg.go.dev/sync#Mutex).
///
/// ```
/// use tuneup_memory::Pool;
///
/// let buffers = Pool::builder(16)
///     .reset(Vec::clear)
///     .build(|| Vec::<u8>::with_capacity(1_024))?;
/// let mut buffer = buffers.get()?;
/// buffer.extend(b"hello");
/// drop(buffer);
///
/// // The same object again, empty and with its capacity.
/// let buffer = buffers.get()?;
/// assert!(buffer.is_empty() && buffer.capacity() >= 1_024);
/// assert_eq!((buffers.stats().created, buffers.stats().reused), (1, 1));
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[doc(alias = "object pool")]
#[doc(alias = "connection pool")]
#[doc(alias = "free list")]
#[doc(alias = "recycler")]
pub struct Pool<T> {
    slots: Slots<T>,
    hint: Hint,
    hooks: Hooks<T>,
    waiting: Waiting,
    events: Events,
}

/// A panic of a user leaves no place half taken, and what becomes of the object is decided by the options.
impl<T: UnwindSafe> RefUnwindSafe for Pool<T> {}
impl<T: UnwindSafe> UnwindSafe for Pool<T> {}

/// How long to wait for a slot.
#[derive(Clone, Copy)]
enum Patience {
    None,
    For(Duration),
    Forever,
}

impl<T> Pool<T> {
    /// Options of a pool of at most `capacity` objects, 1 to 65,536.
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(2).build(String::new)?;
    /// assert_eq!(pool.capacity(), 2);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn builder(capacity: usize) -> PoolBuilder<T> {
        PoolBuilder::new(capacity)
    }

    fn new(capacity: usize, hooks: Hooks<T>) -> Self {
        barrier::prepare();
        Self {
            slots: Slots::new(capacity),
            hint: Hint::new(),
            hooks,
            waiting: Waiting::new(),
            events: Events::default(),
        }
    }

    /// An object; waits while all are out.
    ///
    /// Never waits while fewer objects than the capacity are in use, but for what a health check or making an object take.
    ///
    /// # Errors
    /// [`Error::CreateFailed`] with the error of the function of [`build_fallible`](PoolBuilder::build_fallible); never, if
    /// the pool is of [`build`](PoolBuilder::build).
    ///
    /// # Panics
    /// If making the object or the health check panics, with that panic.
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(1).build(|| 1)?;
    /// std::thread::scope(|scope| {
    ///     for _ in 0..3 {
    ///         scope.spawn(|| *pool.get().unwrap() *= 2);
    ///     }
    /// });
    /// assert_eq!(*pool.get()?, 8);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[inline]
    #[doc(alias = "acquire")]
    #[doc(alias = "pull")]
    #[doc(alias = "checkout")]
    pub fn get(&self) -> Result<Pooled<'_, T>, Error> {
        match self.take_hinted() {
            Some(slot) => Ok(Pooled(Lease::new(self, slot.into()))),
            None => self.lease(self, Patience::Forever).map(Pooled),
        }
    }

    /// An object, if one is to be had at once; waits for nobody.
    ///
    /// # Errors
    /// [`Error::PoolExhausted`] if all are out, and as [`get`](Self::get). An object that comes back during
    /// the search may be overlooked.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    ///
    /// ```
    /// use tuneup_memory::{Error, Pool};
    ///
    /// let pool = Pool::builder(1).build(String::new)?;
    /// let only = pool.try_get()?;
    /// assert!(matches!(pool.try_get(), Err(Error::PoolExhausted { capacity: 1 })));
    /// drop(only);
    /// assert!(pool.try_get().is_ok());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[inline]
    pub fn try_get(&self) -> Result<Pooled<'_, T>, Error> {
        match self.take_hinted() {
            Some(slot) => Ok(Pooled(Lease::new(self, slot.into()))),
            None => self.lease(self, Patience::None).map(Pooled),
        }
    }

    /// An object; waits while all are out, at most for `timeout`.
    ///
    /// The time that a health check or making an object takes does not count.
    ///
    /// # Errors
    /// [`Error::PoolTimedOut`] when the time is over, and as [`get`](Self::get).
    ///
    /// # Panics
    /// As [`get`](Self::get).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_memory::{Error, Pool};
    ///
    /// let pool = Pool::builder(1).build(String::new)?;
    /// let _only = pool.get()?;
    /// let error = pool.get_timeout(Duration::from_millis(1)).unwrap_err();
    /// assert!(matches!(error, Error::PoolTimedOut { capacity: 1, .. }));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[inline]
    pub fn get_timeout(&self, timeout: Duration) -> Result<Pooled<'_, T>, Error> {
        match self.take_hinted() {
            Some(slot) => Ok(Pooled(Lease::new(self, slot.into()))),
            None => self.lease(self, Patience::For(timeout)).map(Pooled),
        }
    }

    /// As [`get`](Self::get), with a guard that keeps the pool alive and may go anywhere: into a task, a struct, another thread.
    /// Costs the counting of the [`Arc`].
    ///
    /// # Errors
    /// As [`get`](Self::get).
    ///
    /// # Panics
    /// As [`get`](Self::get).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Arc::new(Pool::builder(1).reset(String::clear).build(String::new)?);
    /// let mut text = pool.get_owned()?;
    /// std::thread::spawn(move || text.push_str("hello")).join().unwrap();
    /// assert_eq!(pool.stats().idle, 1);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn get_owned(self: &Arc<Self>) -> Result<PooledOwned<T>, Error> {
        self.lease(Arc::clone(self), Patience::Forever)
            .map(PooledOwned)
    }

    /// As [`try_get`](Self::try_get), with a guard that keeps the pool alive.
    ///
    /// # Errors
    /// As [`try_get`](Self::try_get).
    ///
    /// # Panics
    /// As [`get`](Self::get).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Arc::new(Pool::builder(1).build(String::new)?);
    /// let only = pool.try_get_owned()?;
    /// assert!(pool.try_get_owned().is_err());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn try_get_owned(self: &Arc<Self>) -> Result<PooledOwned<T>, Error> {
        self.lease(Arc::clone(self), Patience::None)
            .map(PooledOwned)
    }

    /// As [`get_timeout`](Self::get_timeout), with a guard that keeps the pool alive.
    ///
    /// # Errors
    /// As [`get_timeout`](Self::get_timeout).
    ///
    /// # Panics
    /// As [`get`](Self::get).
    ///
    /// ```
    /// use std::{sync::Arc, time::Duration};
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Arc::new(Pool::builder(1).build(String::new)?);
    /// let only = pool.get_timeout_owned(Duration::from_secs(1))?;
    /// assert!(pool.get_timeout_owned(Duration::ZERO).is_err());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn get_timeout_owned(self: &Arc<Self>, timeout: Duration) -> Result<PooledOwned<T>, Error> {
        self.lease(Arc::clone(self), Patience::For(timeout))
            .map(PooledOwned)
    }

    /// Drops idle objects until at most `max_idle` are left, and says how many it dropped: for the quiet time after a
    /// busy one. Their places stay, and new objects are made when they are needed. O(capacity).
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(8).build(String::new)?;
    /// let busy: Vec<_> = (0..8).map(|_| pool.get()).collect::<Result<_, _>>()?;
    /// drop(busy);
    /// assert_eq!(pool.trim_to(2), 6);
    /// assert_eq!(pool.stats().idle, 2);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "shrink_to")]
    pub fn trim_to(&self, max_idle: usize) -> usize {
        let excess = self.slots.count().0.saturating_sub(max_idle);
        let mut dropped = 0;
        let mut last = self.capacity() - 1;
        while dropped < excess
            && let Some(taken) = self.slots.take_idle(last)
        {
            drop(Claim::new(self, taken));
            last = taken.index as usize;
            dropped += 1;
        }
        dropped
    }

    /// How many objects there may be.
    ///
    /// ```
    /// let pool = tuneup_memory::Pool::builder(3).build(String::new)?;
    /// assert_eq!(pool.capacity(), 3);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// What happened so far, and how it stands. O(capacity), no lock: while other threads use the pool, the numbers may
    /// be of slightly different times.
    ///
    /// ```
    /// let pool = tuneup_memory::Pool::builder(3).build(String::new)?;
    /// drop(pool.get()?);
    /// let _text = pool.get()?;
    /// let stats = pool.stats();
    /// assert_eq!((stats.created, stats.reused, stats.misses), (1, 1, 1));
    /// assert_eq!((stats.in_use, stats.idle, stats.waiting), (1, 0, 0));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn stats(&self) -> PoolStats {
        PoolStats::of(self)
    }

    /// The slot that this thread gave back last, if it is idle.
    #[inline(always)]
    fn take_hinted(&self) -> Option<&Slot<T>> {
        if self.hooks.check.is_some() {
            return None;
        }
        let slot = self.slots.get(self.hint.get())?;
        if !slot.take_idle() {
            return None;
        }
        slot.count_reuse();
        Some(slot)
    }

    #[cold]
    fn lease<P: Deref<Target = Self>>(
        &self,
        owner: P,
        patience: Patience,
    ) -> Result<Lease<P, T>, Error> {
        let slot = self.claim(patience)?.fill()?;
        self.hint.set(slot.index());
        Ok(Lease::new(owner, slot.into()))
    }

    /// Any slot, one with an object rather than one without.
    fn claim(&self, patience: Patience) -> Result<Claim<'_, T>, Error> {
        let start = self.hint.get();
        if let Some(taken) = self.slots.take_idle_near(start) {
            return Ok(Claim::new(self, taken));
        }
        self.events.misses.add_one();
        if let Some(taken) = self.slots.take_vacant(start) {
            return Ok(Claim::new(self, taken));
        }
        let capacity = self.capacity();
        if capacity > slots::NEAR
            && let Some(taken) = self.slots.take_idle(start)
        {
            return Ok(Claim::new(self, taken));
        }
        let began = Instant::now();
        let deadline = match patience {
            Patience::None => return Err(Error::PoolExhausted { capacity }),
            // A time that no clock can show is never over.
            Patience::For(timeout) => began.checked_add(timeout),
            Patience::Forever => None,
        };
        match self.waiting.wait(deadline, || self.slots.take_any(start)) {
            Some(taken) => Ok(Claim::new(self, taken)),
            None => {
                self.events.timeouts.add_one();
                let waited = began.elapsed();
                Err(Error::PoolTimedOut { capacity, waited })
            }
        }
    }

    /// The end of a lease. As `release`, and short.
    #[inline(always)]
    fn give_back(&self, slot: &Slot<T>) {
        if let Some(on_return) = &self.hooks.on_return {
            let object = slot.object();
            // SAFETY: the lease holds the slot, which has an object.
            let fate = on_return(unsafe { &mut *object }, self.hooks.discard_on_panic);
            if fate != Fate::Keep {
                return self.discard(slot, fate);
            }
        }
        self.hint.set(slot.index());
        let mut free = false;
        if self.waiting.count() == 0 {
            slot.put();
            free = true;
            barrier::light();
            if self.waiting.count() == 0 {
                return;
            }
        }
        self.give_to_waiters(slot.taken(true), free);
    }

    /// `free` if the slot is free for all already. One function for both, or the return of an object is too long to be inlined.
    #[cold]
    fn give_to_waiters(&self, taken: Taken, free: bool) {
        if free {
            self.waiting.wake_one();
        } else {
            self.waiting.hand_over(taken, |taken| self.slots.put(taken));
        }
    }

    #[cold]
    fn discard(&self, slot: &Slot<T>, fate: Fate) {
        if fate == Fate::DiscardAfterPanic {
            self.events.reset_panics.add_one();
        }
        drop(Claim::new(self, slot.taken(true)));
    }

    /// Gives a taken slot to whoever wants it.
    fn release(&self, taken: Taken) {
        let free = self.waiting.count() == 0;
        if free {
            self.slots.put(taken);
            barrier::light();
        }
        if self.waiting.count() != 0 || !free {
            self.give_to_waiters(taken, free);
        }
    }

    /// The object of a slot that the caller holds and that stays taken, without an object.
    fn take_object(&self, taken: Taken) -> T {
        let object = self.slots.slot(taken).object();
        // SAFETY: the caller holds the slot, which has an object, and from now on treats it as one that has none.
        unsafe { object.read() }
    }
}

impl<T> Drop for Pool<T> {
    fn drop(&mut self) {
        // Each search goes on where the last one ended.
        let mut last = self.capacity() - 1;
        while let Some(taken) = self.slots.take_idle(last) {
            let _ = contain(|| drop(self.take_object(taken)));
            last = taken.index as usize;
        }
    }
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
