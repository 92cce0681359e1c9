//! Options of a pool.

use std::{fmt, thread::panicking};

use super::{Pool, claim::contain};
use crate::Error;

/// A search may have to look at all of them.
const MAX_CAPACITY: usize = 1 << 16;

type Create<T> = Box<dyn Fn() -> Result<T, Error> + Send + Sync>;
/// Is told whether to discard what a panicking thread gives back, and does not panic.
type Return<T> = Box<dyn Fn(&mut T, bool) -> Fate + Send + Sync>;
type Check<T> = Box<dyn Fn(&mut T) -> bool + Send + Sync>;

/// What becomes of an object that comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Discard,
    /// The reset hook panicked.
    DiscardAfterPanic,
}

/// What users want done with their objects.
pub(super) struct Hooks<T> {
    pub(super) create: Create<T>,
    /// One call for all there is to do, to keep the return of an object short.
    pub(super) on_return: Option<Return<T>>,
    pub(super) discard_on_panic: bool,
    pub(super) check: Option<Check<T>>,
}

/// Options of a [`Pool`], from [`Pool::builder`].
///
/// ```
/// use tuneup_memory::Pool;
///
/// let pool = Pool::builder(4)
///     .reset(String::clear)
///     .discard_on_panic(true)
///     .build(|| String::with_capacity(80))?;
/// assert_eq!(pool.get()?.capacity(), 80);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct PoolBuilder<T> {
    capacity: usize,
    reset: Option<Return<T>>,
    check: Option<Check<T>>,
    discard_on_panic: bool,
}

impl<T> PoolBuilder<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            reset: None,
            check: None,
            discard_on_panic: false,
        }
    }

    /// What is done to an object that comes back, before others may have it; by default nothing.
    ///
    /// Runs in the thread that drops the guard, also while that thread panics. If it panics, the object is
    /// dropped, and [`PoolStats::reset_panics`](super::PoolStats::reset_panics) counts it.
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(1).reset(Vec::clear).build(Vec::<u8>::new)?;
    /// pool.get()?.push(1);
    /// assert!(pool.get()?.is_empty());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn reset(mut self, reset: impl Fn(&mut T) + Send + Sync + 'static) -> Self {
        self.reset = Some(Box::new(move |object, discard_on_panic| {
            if discard_on_panic && panicking() {
                return Fate::Discard;
            }
            match contain(|| reset(object)) {
                Some(()) => Fate::Keep,
                None => Fate::DiscardAfterPanic,
            }
        }));
        self
    }

    /// Whether an object that was used before may be used again, asked before it is handed out; by default it always may.
    ///
    /// If the answer is no, the object is dropped and another is made in its place, which is not asked about. Runs in the thread
    /// that wants the object, and makes every get take the longer way.
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(1)
    ///     .check(|buffer: &mut Vec<u8>| buffer.capacity() <= 1_024)
    ///     .build(Vec::new)?;
    /// pool.get()?.reserve(10_000);
    /// assert_eq!(pool.get()?.capacity(), 0);
    /// assert_eq!(pool.stats().discarded, 1);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "is_valid")]
    #[doc(alias = "test_on_borrow")]
    pub fn check(mut self, check: impl Fn(&mut T) -> bool + Send + Sync + 'static) -> Self {
        self.check = Some(Box::new(check));
        self
    }

    /// Whether an object is dropped, and not reset, if its guard is dropped while the thread panics; by default it is not.
    ///
    /// For objects that may be left half changed, and that a reset hook cannot put right.
    ///
    /// ```
    /// use tuneup_memory::Pool;
    ///
    /// let pool = Pool::builder(1).discard_on_panic(true).build(String::new)?;
    /// let outcome = std::panic::catch_unwind(|| {
    ///     pool.get().unwrap().push_str("half of");
    ///     let _half_done = pool.get().unwrap();
    ///     panic!("no more");
    /// });
    /// assert!(outcome.is_err());
    /// assert_eq!(*pool.get()?, "");
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn discard_on_panic(mut self, discard: bool) -> Self {
        self.discard_on_panic = discard;
        self
    }

    /// The pool, whose objects `create` makes. Makes none yet.
    ///
    /// `create` runs in the thread that wants the object, and in several at once if several do. If it panics, the place is free again
    /// and the panic is the caller's.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the capacity is not 1 to 65,536.
    ///
    /// ```
    /// use tuneup_memory::{Error, Pool};
    ///
    /// let error = Pool::builder(0).build(String::new).unwrap_err();
    /// assert!(matches!(error, Error::OutOfRange { option: "capacity", .. }));
    /// ```
    pub fn build(self, create: impl Fn() -> T + Send + Sync + 'static) -> Result<Pool<T>, Error> {
        self.finish(Box::new(move || Ok(create())))
    }

    /// The pool, whose objects `create` makes or fails to. Makes none yet.
    ///
    /// As [`build`](Self::build); an error frees the place, wakes who may try next, and comes out of the get as the source
    /// of [`Error::CreateFailed`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the capacity is not 1 to 65,536.
    ///
    /// ```
    /// use std::net::TcpStream;
    /// use tuneup_memory::{Error, Pool};
    ///
    /// // Nothing listens at port 0.
    /// let pool = Pool::builder(4).build_fallible(|| TcpStream::connect("127.0.0.1:0"))?;
    /// let Err(Error::CreateFailed { source }) = pool.get() else { unreachable!() };
    /// assert!(source.is::<std::io::Error>());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "try_create")]
    pub fn build_fallible<E>(
        self,
        create: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Pool<T>, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.finish(Box::new(move || {
            create().map_err(|error| Error::CreateFailed {
                source: error.into(),
            })
        }))
    }

    fn finish(self, create: Create<T>) -> Result<Pool<T>, Error> {
        if !(1..=MAX_CAPACITY).contains(&self.capacity) {
            return Err(Error::OutOfRange {
                option: "capacity",
                value: self.capacity.to_string(),
                allowed: "1 to 65,536",
            });
        }
        let nothing = |_: &mut T, discard_on_panic| match discard_on_panic && panicking() {
            true => Fate::Discard,
            false => Fate::Keep,
        };
        let hooks = Hooks {
            create,
            on_return: match self.reset {
                None if self.discard_on_panic => Some(Box::new(nothing)),
                reset => reset,
            },
            discard_on_panic: self.discard_on_panic,
            check: self.check,
        };
        Ok(Pool::new(self.capacity, hooks))
    }
}

impl<T> fmt::Debug for PoolBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("capacity", &self.capacity)
            .field("reset", &self.reset.is_some())
            .field("check", &self.check.is_some())
            .field("discard_on_panic", &self.discard_on_panic)
            .finish()
    }
}
