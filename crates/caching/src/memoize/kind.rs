//! Functions that can fail: what of their answers is kept.

use std::{convert::Infallible, marker::PhantomData};

/// A return type that has something in it that is kept, or else something that is not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither `Result` nor `Option`, whatever its name",
    note = "give the type another name, or add `cache_errors`: `#[memoize(cache_errors)]`"
)]
pub trait Outcome: Sized {
    /// What is kept.
    type Value;
    /// What is not.
    type Failure;

    /// What was kept, as an answer.
    fn from_value(value: Self::Value) -> Self;

    /// What was not kept, as an answer.
    fn from_failure(failure: Self::Failure) -> Self;

    /// The one or the other.
    fn split(self) -> Result<Self::Value, Self::Failure>;
}

impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Failure = E;

    #[inline]
    fn from_value(value: T) -> Self {
        Ok(value)
    }

    fn from_failure(error: E) -> Self {
        Err(error)
    }

    fn split(self) -> Self {
        self
    }
}

impl<T> Outcome for Option<T> {
    type Value = T;
    type Failure = ();

    #[inline]
    fn from_value(value: T) -> Self {
        Some(value)
    }

    fn from_failure((): ()) -> Self {
        None
    }

    fn split(self) -> Result<T, ()> {
        self.ok_or(())
    }
}

/// An answer that is kept as it is.
pub(super) struct Whole<V>(pub(super) V);

impl<V> Outcome for Whole<V> {
    type Value = V;
    type Failure = Infallible;

    fn from_value(value: V) -> Self {
        Self(value)
    }

    fn from_failure(failure: Infallible) -> Self {
        match failure {}
    }

    fn split(self) -> Result<V, Infallible> {
        Ok(self.0)
    }
}

/// Says of a type whether it is `Result` or `Option`, by whatever name: the constant of these two is found before the one of the
/// trait.
#[derive(Debug)]
pub struct Kind<T>(PhantomData<T>);

impl<T, E> Kind<Result<T, E>> {
    /// It is.
    pub const CAN_FAIL: bool = true;
}

impl<T> Kind<Option<T>> {
    /// It is.
    pub const CAN_FAIL: bool = true;
}

/// All other types.
pub trait CannotFail {
    /// It is not.
    const CAN_FAIL: bool = false;
}

impl<T> CannotFail for Kind<T> {}
