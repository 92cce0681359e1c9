//! Stopping a pipeline from outside.

use std::{fmt, sync::Arc};

use super::{queue::Gate, window::Window};
use crate::par::sync::{AtomicUsize, Mutex, Ordering, lock};

const RUNNING: usize = 0;
const DRAINING: usize = 1;
const CANCELLED: usize = 2;

/// Stops a [`Pipeline`](crate::Pipeline) from any thread, gracefully or at once.
///
/// It may be cloned, kept longer than the pipeline, and used before the pipeline runs. All its methods may be called again and again; none of them
/// waits for the pipeline. A pipeline that has ended is not changed.
///
/// # Examples
/// ```
/// use tuneup_concurrency::{Pipeline, PipelineEnd};
///
/// let pipeline = Pipeline::from_iter(1_u64..).stage("square", 2, |n| n * n);
/// let handle = pipeline.handle();
/// let report = pipeline.run(|square| {
///     if square >= 10_000 {
///         handle.cancel();
///     }
/// })?;
/// assert_eq!(report.end, PipelineEnd::Cancelled);
/// # Ok::<(), tuneup_concurrency::PipelineError>(())
/// ```
#[doc(alias = "CancellationToken")]
#[derive(Clone)]
pub struct PipelineHandle {
    signal: Arc<Signal>,
}

impl PipelineHandle {
    pub(super) fn new(signal: &Arc<Signal>) -> Self {
        Self {
            signal: Arc::clone(signal),
        }
    }

    /// Stops at once: each thread ends after the item it is working on, and the items that wait are dropped. So are futures in flight.
    ///
    /// Whoever sleeps is woken: all workers are idle about a millisecond and an item later. If an iterator at the beginning is inside of its `next`, the
    /// pipeline ends when that returns; a stream is dropped. Takes a short lock for each queue.
    ///
    /// # Examples
    /// See the type's.
    #[doc(alias = "abort")]
    pub fn cancel(&self) {
        self.signal.cancel();
    }

    /// Stops gracefully: no more items are pulled from the source, and those that were pulled go through all stages. A future that is never
    /// ready holds that up for ever: bound it by a timeout, or [`cancel`](Self::cancel) after some time.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::{Pipeline, PipelineEnd};
    ///
    /// let pipeline = Pipeline::from_iter(1_u64..).stage("square", 2, |n| n * n);
    /// let handle = pipeline.handle();
    /// let mut results = 0;
    /// let report = pipeline.run(|square| {
    ///     results += 1;
    ///     if square >= 10_000 {
    ///         handle.drain();
    ///     }
    /// })?;
    /// assert_eq!(report.end, PipelineEnd::Drained);
    /// assert_eq!(report.source.items, results); // none is lost
    /// # Ok::<(), tuneup_concurrency::PipelineError>(())
    /// ```
    #[doc(alias = "shutdown")]
    pub fn drain(&self) {
        self.signal.drain();
    }

    /// Whether [`cancel`](Self::cancel) was called. For functions of stages that take long: they may look now and then, and return early.
    ///
    /// # Examples
    /// ```
    /// let handle = tuneup_concurrency::Pipeline::from_iter([1]).handle();
    /// assert!(!handle.is_cancelled());
    /// handle.cancel();
    /// assert!(handle.is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.signal.is_cancelled()
    }
}

impl fmt::Debug for PipelineHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipelineHandle")
            .field("is_draining", &self.signal.is_draining())
            .field("is_cancelled", &self.signal.is_cancelled())
            .finish()
    }
}

/// What a pipeline and its handles share.
pub(super) struct Signal {
    /// The later of its values wins. What it says to those who do not sleep; the gates and the window wake the others.
    state: AtomicUsize,
    pub(super) window: Window,
    /// Those of a pipeline that runs.
    gates: Mutex<Vec<Arc<Gate>>>,
}

impl Signal {
    pub(super) fn new() -> Self {
        Self {
            state: AtomicUsize::new(RUNNING),
            window: Window::new(0),
            gates: Mutex::new(Vec::new()),
        }
    }

    /// Sets what there is to stop. If it was cancelled before, it is stopped now.
    pub(super) fn watch(&self, gates: Vec<Arc<Gate>>) {
        *lock(&self.gates) = gates;
        // Who cancels sets the state before it takes the lock: either it finds these gates, or its state is seen here.
        if self.is_cancelled() {
            self.stop();
        }
    }

    pub(super) fn cancel(&self) {
        self.state.fetch_max(CANCELLED, Ordering::Relaxed);
        self.stop();
    }

    pub(super) fn drain(&self) {
        self.state.fetch_max(DRAINING, Ordering::Relaxed);
        self.window.close();
    }

    fn stop(&self) {
        self.window.close();
        for gate in lock(&self.gates).iter() {
            gate.stop();
        }
    }

    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.state.load(Ordering::Relaxed) == CANCELLED
    }

    #[inline]
    pub(super) fn is_draining(&self) -> bool {
        self.state.load(Ordering::Relaxed) != RUNNING
    }
}
