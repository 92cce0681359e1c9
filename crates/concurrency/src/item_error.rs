//! The error of one item, and which item it was.

/// The error of one item of a [`par::try_map`](crate::par::try_map), with the place of the item.
///
/// # Examples
/// ```
/// use std::error::Error as _;
/// use tuneup_concurrency::par;
///
/// let error = par::try_map(&["1", "x", "3"], |text| text.parse::<u32>()).unwrap_err();
/// assert_eq!(error.to_string(), "item 1 failed");
/// assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("item {index} failed")]
#[non_exhaustive]
pub struct ItemError<E> {
    /// Where the item was in the input; the first is 0.
    pub index: usize,
    /// What went wrong with it.
    #[source]
    pub error: E,
}

impl<E> ItemError<E> {
    pub(crate) fn new(index: usize, error: E) -> Self {
        Self { index, error }
    }
}
