//! Which item failed, and why.

use std::{convert::Infallible, error::Error, fmt};

use crate::Failure;

/// Which item failed, and why.
///
/// `E` is the error of the items; items that cannot fail have [`Infallible`], and then this tells of a panic, a time
/// that was exceeded, or a runtime that was shut down.
///
/// ```
/// use tuneup_concurrency::try_gather;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let parse = |text: &'static str| async move { text.parse::<u8>() };
/// let error = try_gather(["1", "two", "3"].map(parse)).await.unwrap_err();
/// assert_eq!(error.index, 1);
/// assert_eq!(error.to_string(), "item 1 failed");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct GatherError<E = Infallible> {
    /// The number of the item among those that were given, counted from 0.
    pub index: usize,
    /// Why it has no value.
    pub source: Failure<E>,
}

impl<E> GatherError<E> {
    pub(crate) fn new(index: usize, source: Failure<E>) -> Self {
        Self { index, source }
    }
}

impl<E> fmt::Display for GatherError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {} {}", self.index, self.source)
    }
}

impl<E: Error + 'static> Error for GatherError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The text above is the failure's own; what is left to tell is the error of the item.
        self.source.source()
    }
}
