//! What a panic in one of many items is turned into, so that it says which item it was.

use std::{any::Any, fmt};

/// A panic in one item of a parallel map: the payload with which [`par`](crate::par) and
/// [`ParImap`](crate::ParImap) go on panicking in the caller's thread.
///
/// The panic hook has run when the item panicked, and does not run again: the message is on standard error already.
/// The original payload is inside, untouched. Where maps are nested, so are these.
///
/// The idea is that of `concurrent.futures` of Python, where the exception of a worker is raised again where its
/// result is asked for; the index is added.
///
/// # Examples
/// ```
/// use std::panic::catch_unwind;
/// use tuneup_concurrency::{ItemPanic, par};
///
/// let payload = catch_unwind(|| par::map(&[1, 2, 0, 4], |n| 8 / n)).unwrap_err();
/// let panic = payload.downcast::<ItemPanic>().unwrap();
/// assert_eq!(panic.index, 2);
/// assert_eq!(panic.message(), Some("attempt to divide by zero"));
/// ```
#[doc(alias = "exception")]
#[non_exhaustive]
pub struct ItemPanic {
    /// Where the item was in the input; the first is 0.
    pub index: usize,
    /// What it panicked with.
    pub payload: Box<dyn Any + Send>,
}

impl ItemPanic {
    pub(crate) fn new(index: usize, payload: Box<dyn Any + Send>) -> Self {
        Self { index, payload }
    }

    /// What the panic said, if it said it in words, as `panic!` does. Of a panic inside of nested maps, the innermost's.
    ///
    /// # Examples
    /// See the type's.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        if let Some(inner) = self.payload.downcast_ref::<Self>() {
            inner.message()
        } else if let Some(text) = self.payload.downcast_ref::<String>() {
            Some(text)
        } else {
            self.payload.downcast_ref::<&'static str>().copied()
        }
    }

    /// Goes on panicking with this as the payload.
    pub(crate) fn resume(self) -> ! {
        std::panic::resume_unwind(Box::new(self))
    }
}

impl fmt::Display for ItemPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message().unwrap_or("(no message)");
        write!(f, "item {} panicked: {message}", self.index)
    }
}

impl fmt::Debug for ItemPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemPanic")
            .field("index", &self.index)
            .field("message", &self.message())
            .finish_non_exhaustive()
    }
}
