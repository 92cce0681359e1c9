//! What could not be accepted, waited for, or written.

use std::fmt;

use super::Change;

/// A change that was not accepted, with its key and value.
///
/// # Examples
/// ```
/// # use std::{convert::Infallible, time::Duration};
/// # use tuneup_caching::{Cache, Refused, Sink, WriteBehind};
/// # struct Nowhere;
/// # impl Sink<u64, u64> for Nowhere {
/// #     type Error = Infallible;
/// #     fn write(&self, _: &u64, _: &u64) -> Result<(), Infallible> { Ok(()) }
/// #     fn delete(&self, _: &u64) -> Result<(), Infallible> { Ok(()) }
/// # }
/// let counts = WriteBehind::builder(Cache::new(10)?, Nowhere).build()?;
/// match counts.try_write(7, 1) {
///     Ok(()) => {}
///     Err(Refused::Full(change)) => println!("{} has to wait", change.key),
///     Err(_) => println!("it is shut down"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
pub enum Refused<K, V> {
    /// The queue is full.
    Full(Change<K, V>),
    /// It is shut down.
    Closed(Change<K, V>),
}

impl<K, V> Refused<K, V> {
    /// The change that was refused.
    ///
    /// # Examples
    /// See [`Refused`].
    #[must_use]
    pub fn into_change(self) -> Change<K, V> {
        match self {
            Self::Full(change) | Self::Closed(change) => change,
        }
    }
}

// By hand, because an error of a program's own types should not ask them to have these traits.
impl<K, V> fmt::Debug for Refused<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
        })
    }
}

impl<K, V> fmt::Display for Refused<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => {
                "the queue of changes is full; wait for the sink, or raise the capacity"
            }
            Self::Closed(_) => "the queue of changes is shut down",
        })
    }
}

impl<K, V> std::error::Error for Refused<K, V> {}

/// What a shutdown could not write.
///
/// # Examples
/// ```
/// # use std::{io, time::Duration};
/// # use tuneup_caching::{Cache, Sink, WriteBehind};
/// struct Down;
///
/// impl Sink<u64, u64> for Down {
///     type Error = io::Error;
///
///     fn write(&self, _: &u64, _: &u64) -> io::Result<()> {
///         Err(io::Error::other("down"))
///     }
///
///     fn delete(&self, _: &u64) -> io::Result<()> {
///         Err(io::Error::other("down"))
///     }
/// }
///
/// let counts = WriteBehind::builder(Cache::new(10)?, Down).build()?;
/// counts.write(7, 1)?;
/// let unwritten = counts.shutdown(Duration::from_millis(10)).unwrap_err();
/// assert_eq!(unwritten.changes[0].key, 7);
/// assert_eq!(unwritten.changes[0].value, Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[non_exhaustive]
pub struct Unwritten<K, V> {
    /// One change a key, the last one, except where the sink is at work on an earlier one: then that one comes first.
    pub changes: Vec<Change<K, V>>,
}

impl<K, V> fmt::Debug for Unwritten<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwritten")
            .field("changes", &self.changes.len())
            .finish()
    }
}

impl<K, V> fmt::Display for Unwritten<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes were not written in time", self.changes.len())
    }
}

impl<K, V> std::error::Error for Unwritten<K, V> {}

/// A flush took longer than it was given. Everything is still on its way.
///
/// # Examples
/// ```
/// # use std::{convert::Infallible, time::Duration};
/// # use tuneup_caching::{Cache, Sink, WriteBehind};
/// # struct Nowhere;
/// # impl Sink<u64, u64> for Nowhere {
/// #     type Error = Infallible;
/// #     fn write(&self, _: &u64, _: &u64) -> Result<(), Infallible> { Ok(()) }
/// #     fn delete(&self, _: &u64) -> Result<(), Infallible> { Ok(()) }
/// # }
/// let counts = WriteBehind::builder(Cache::new(10)?, Nowhere).build()?;
/// counts.write(7, 1)?;
/// if let Err(late) = counts.flush(Duration::from_secs(10)) {
///     println!("{} changes are on their way", late.queued);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{queued} changes are still on their way to the sink")]
#[non_exhaustive]
pub struct FlushTimedOut {
    /// How many keys are on their way.
    pub queued: u64,
}
