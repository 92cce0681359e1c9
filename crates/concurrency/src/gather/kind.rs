//! What the futures of a gather return, and what comes back, as types.

use std::convert::Infallible;

/// Tells values from errors in what a future returned; implemented by [`Plain`] and [`Fallible`] alone.
///
/// ```
/// fn needs_kind<K: tuneup_concurrency::GatherKind<u8, Value = u8>>() {}
/// needs_kind::<tuneup_concurrency::Plain>();
/// ```
pub trait GatherKind<O>: sealed::Sealed {
    /// What is collected.
    type Value;
    /// What stops the gather.
    type Error;

    #[doc(hidden)]
    fn split(output: O) -> Result<Self::Value, Self::Error>;
}

/// Whatever the futures return is a value: the kind of [`gather`](crate::gather()).
#[derive(Debug)]
pub enum Plain {}

/// The futures return a `Result`, whose errors stop the gather: the kind of [`try_gather`](crate::try_gather).
#[derive(Debug)]
pub enum Fallible {}

/// The first failure is all that comes back, and cancels the other items.
#[derive(Debug)]
pub enum FailFast {}

/// Every item has its own outcome, and no failure cancels another item.
#[derive(Debug)]
pub enum ReturnErrors {}

impl<O> GatherKind<O> for Plain {
    type Value = O;
    type Error = Infallible;

    fn split(output: O) -> Result<O, Infallible> {
        Ok(output)
    }
}

impl<T, E> GatherKind<Result<T, E>> for Fallible {
    type Value = T;
    type Error = E;

    fn split(output: Result<T, E>) -> Result<T, E> {
        output
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Plain {}
    impl Sealed for super::Fallible {}
}
