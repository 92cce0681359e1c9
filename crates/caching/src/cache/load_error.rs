//! Why there is no value.

use std::{fmt, sync::Arc};

use crate::single_flight::NotLoaded;

/// Why there is no value, although a loader was given.
///
/// ```
/// use tuneup_caching::{Cache, LoadError};
///
/// let cache = Cache::<u32, u32>::new(10)?;
/// let error = cache
///     .try_get_or_insert_with(1, || "seven".parse::<u32>())
///     .unwrap_err();
/// assert_eq!(error.to_string(), "the value could not be loaded");
/// assert!(matches!(error, LoadError::Failed(parse) if parse.to_string().contains("invalid digit")));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError<E> {
    /// The loader of this caller, or of the one it waited for, failed.
    Failed(Arc<E>),
    /// The loader asked for the key that it was loading, itself or by way of other loads.
    Recursive,
}

impl<E> Clone for LoadError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Failed(error) => Self::Failed(Arc::clone(error)),
            Self::Recursive => Self::Recursive,
        }
    }
}

impl<E> fmt::Display for LoadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed(_) => "the value could not be loaded",
            Self::Recursive => {
                "the loader asked for the key that it was loading; compute that part without the cache"
            }
        })
    }
}

impl<E: std::error::Error + 'static> std::error::Error for LoadError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::Recursive => None,
        }
    }
}

impl<E> From<NotLoaded<Arc<E>>> for LoadError<E> {
    fn from(not_loaded: NotLoaded<Arc<E>>) -> Self {
        match not_loaded {
            NotLoaded::Failed(error) => Self::Failed(error),
            NotLoaded::Recursive => Self::Recursive,
        }
    }
}
