//! A panic that was caught, to be handled elsewhere.

use std::{any::Any, fmt, sync::Mutex};

use crate::contain::contain;

/// A panic that was caught: what was said, and the value that was thrown.
///
/// The message costs one allocation when the panic is caught. The place in the source is known to the panic hook alone, which has run
/// before, as for every panic.
///
/// ```
/// use tuneup_concurrency::{Executor, TaskError, ThreadExecutor};
///
/// let executor = ThreadExecutor::builder().build()?;
/// let task = executor.submit(|| -> u32 { std::panic::panic_any(7_u8) })?;
/// let Err(TaskError::Panicked(panic)) = task.result() else { unreachable!() };
/// assert_eq!(panic.message(), "a value that is no text");
/// assert_eq!(panic.into_payload().downcast_ref(), Some(&7_u8));
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
pub struct PanicInfo {
    message: String,
    /// Behind a lock that is never waited for, only because an error should be `Sync` and a payload is not.
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl PanicInfo {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "a value that is no text".to_owned()
        };
        Self {
            message,
            payload: Mutex::new(Some(payload)),
        }
    }

    /// What the panic said, as the panic hook shows it; `a value that is no text` for a payload that is neither `&str` nor `String`.
    ///
    /// See the example of [`PanicInfo`].
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The value that was thrown, as [`std::panic::catch_unwind`] gives it.
    ///
    /// See the example of [`PanicInfo`].
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.take().unwrap_or_else(|| Box::new(()))
    }

    /// Goes on with the panic on this thread, without another run of the panic hook.
    ///
    /// # Panics
    ///
    /// Always: that is what it is for.
    ///
    /// ```
    /// use tuneup_concurrency::{Executor, TaskError, ThreadExecutor};
    ///
    /// let executor = ThreadExecutor::builder().build()?;
    /// let task = executor.submit(|| -> u32 { panic!("out of range") })?;
    /// let Err(TaskError::Panicked(panic)) = task.result() else { unreachable!() };
    /// let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panic.resume()));
    /// assert_eq!(again.unwrap_err().downcast_ref::<&str>(), Some(&"out of range"));
    /// # Ok::<(), tuneup_concurrency::Error>(())
    /// ```
    pub fn resume(self) -> ! {
        std::panic::resume_unwind(self.into_payload())
    }

    fn take(&self) -> Option<Box<dyn Any + Send>> {
        self.payload
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
    }
}

impl Drop for PanicInfo {
    /// A payload may itself panic when it is dropped, and may be dropped where nothing may panic.
    fn drop(&mut self) {
        let payload = self.take();
        contain(|| drop(payload));
    }
}

impl fmt::Display for PanicInfo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl fmt::Debug for PanicInfo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PanicInfo")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for PanicInfo {}
