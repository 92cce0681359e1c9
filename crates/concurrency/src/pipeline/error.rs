//! What can go wrong on the way through a pipeline.

use std::{any::Any, error::Error, fmt, sync::Mutex};

use super::PipelineReport;

/// A stage of a [`Pipeline`](crate::Pipeline) that failed, and at which item.
///
/// Of several failures it is the first in time; the others are dropped. Compare
/// [`ExceptionGroup`](https://docs.python.org/3/library/exceptions.html#ExceptionGroup) of Python, which keeps all.
///
/// # Examples
/// ```
/// use std::error::Error;
/// use tuneup_concurrency::{Pipeline, StagePanic};
///
/// let error = Pipeline::from_iter(["1", "two", "3"])
///     .try_stage("parse", 2, |text| text.parse::<u32>())
///     .collect()
///     .unwrap_err();
/// assert_eq!(error.to_string(), "stage parse failed at item 1");
/// assert!(error.source().unwrap().is::<std::num::ParseIntError>());
///
/// let error = Pipeline::from_iter([1, 0, 3])
///     .stage("divide", 2, |n| 6 / n)
///     .collect()
///     .unwrap_err();
/// assert_eq!((error.stage.as_str(), error.index), ("divide", Some(1)));
/// let panic = error.source.downcast::<StagePanic>().unwrap();
/// assert_eq!(panic.message(), Some("attempt to divide by zero"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PipelineError {
    /// Its name; `source` for the iterator at the beginning.
    pub stage: String,
    /// Where the item was in the source; the first is 0. `None` if the stage could not begin: its options are out of range
    /// ([`Error::OutOfRange`](crate::Error::OutOfRange)), or the system has no more threads ([`std::io::Error`]).
    pub index: Option<usize>,
    /// What the stage returned, or a [`StagePanic`].
    pub source: Box<dyn Error + Send + Sync>,
    /// What was done until then.
    pub report: Box<PipelineReport>,
}

impl PipelineError {
    /// The stage cannot begin.
    pub(super) fn of_start(stage: &str, source: impl Error + Send + Sync + 'static) -> Self {
        Self {
            stage: stage.to_owned(),
            index: None,
            source: Box::new(source),
            report: Box::default(),
        }
    }
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "stage {} failed at item {index}", self.stage),
            None => write!(f, "stage {} cannot begin", self.stage),
        }
    }
}

impl Error for PipelineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// A panic in a stage, as an error. The panic hook has run: the message is on standard error already.
///
/// # Examples
/// See [`PipelineError`].
pub struct StagePanic {
    message: Option<String>,
    /// In a mutex, because a payload cannot be shared between threads and an error should be.
    payload: Mutex<Box<dyn Any + Send>>,
}

impl StagePanic {
    pub(super) fn new(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let nested = || payload.downcast_ref::<crate::ItemPanic>()?.message();
        Self {
            message: text.or_else(nested).map(str::to_owned),
            payload: Mutex::new(payload),
        }
    }

    /// What the panic said, if it said it in words, as `panic!` does. Of a panic inside of a parallel map, that one's.
    ///
    /// # Examples
    /// See [`PipelineError`].
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What it panicked with, for [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::{Pipeline, StagePanic};
    ///
    /// let error = Pipeline::from_iter([7_u32])
    ///     .stage("panic", 1, |n| std::panic::panic_any(n))
    ///     .run(|()| {})
    ///     .unwrap_err();
    /// let panic = error.source.downcast::<StagePanic>().unwrap();
    /// assert_eq!(panic.message(), None);
    /// assert_eq!(*panic.into_payload().downcast::<u32>().unwrap(), 7);
    /// ```
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Display for StagePanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message().unwrap_or("(no message)"))
    }
}

impl fmt::Debug for StagePanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StagePanic")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl Error for StagePanic {}
