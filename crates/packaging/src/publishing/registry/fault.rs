//! Faults on demand, so that a test can meet what networks do.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

/// Kinds of requests, each counted by itself.
///
/// ```
/// use tuneup_packaging::{Registry, Traffic};
///
/// let registry = Registry::builder().start()?;
/// assert_eq!(registry.requests(Traffic::Index), 0);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Traffic {
    /// A file of the index.
    Index,
    /// A `.crate`.
    Download,
    /// A new version.
    Publish,
    /// A version that is taken back, or the undoing of it.
    Yank,
    /// Everything else.
    Other,
}

const KINDS: usize = 5;

/// What goes wrong with a request.
///
/// ```
/// use tuneup_packaging::{Fault, Registry, Traffic};
///
/// // The second crate cannot be uploaded.
/// let registry = Registry::builder().fault(Traffic::Publish, 2, Fault::Unavailable).start()?;
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Status 503, and nothing is done.
    Unavailable,
    /// The connection is closed, and nothing is done.
    Dropped,
    /// It is done, and the connection is closed before an answer.
    AnswerLost,
    /// It is done after this time.
    Delayed(Duration),
    /// One byte in the middle of the answer is another one.
    Corrupted,
}

/// The faults to come, and the counts that they go by.
#[derive(Debug)]
pub(super) struct Faults {
    planted: Vec<(Traffic, usize, Fault)>,
    counts: [AtomicUsize; KINDS],
}

impl Faults {
    pub(super) fn new(planted: Vec<(Traffic, usize, Fault)>) -> Self {
        Self {
            planted,
            counts: Default::default(),
        }
    }

    /// Counts a request, and says what it is to meet.
    pub(super) fn next(&self, traffic: Traffic) -> Option<Fault> {
        let number = self.counts[traffic as usize].fetch_add(1, Relaxed) + 1;
        let mut planted = self.planted.iter();
        planted
            .find(|(of, at, _)| *of == traffic && *at == number)
            .map(|(_, _, fault)| *fault)
    }

    pub(super) fn count(&self, traffic: Traffic) -> usize {
        self.counts[traffic as usize].load(Relaxed)
    }
}

/// Another byte in the middle.
pub(super) fn corrupt(body: &mut [u8]) {
    let middle = body.len() / 2;
    if let Some(byte) = body.get_mut(middle) {
        *byte ^= 1;
    }
}
