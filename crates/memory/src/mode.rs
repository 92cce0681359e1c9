//! How much is done for each block.

use tuneup_recorder::heap_mode;

use crate::Error;

/// What the [`TrackingAllocator`](crate::TrackingAllocator) does for each block. It can be changed while the program runs:
/// by [`set_counting`], and by starting and dropping a [`Trace`](https://docs.rs/tuneup-memory/latest/tuneup_memory/struct.Trace.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It passes blocks on: a load and a comparison.
    Off,
    /// It counts: some additions to memory of the thread. The default.
    Counting,
    /// It counts, and a trace samples blocks: about as much, and a microsecond for each sample.
    Sampling,
    /// It counts, and a trace records every block: tens of nanoseconds, and more without frame pointers.
    Exact,
}

/// What the allocator does for each block now. Two loads.
///
/// ```
/// use tuneup_memory::{Mode, mode, set_counting};
///
/// assert_eq!(mode(), Mode::Counting);
/// set_counting(false)?;
/// assert_eq!(mode(), Mode::Off);
/// # set_counting(true)?;
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[must_use]
pub fn mode() -> Mode {
    match heap_mode() {
        tuneup_recorder::HeapMode::Off => Mode::Off,
        tuneup_recorder::HeapMode::Sampling => Mode::Sampling,
        tuneup_recorder::HeapMode::Exact => Mode::Exact,
        _ => Mode::Counting,
    }
}

/// Whether blocks are counted from now on, in all threads. Default: they are.
///
/// What lives is counted as allocated less freed: blocks that are allocated while nothing is counted are not in it, and when
/// they are freed later they are taken from it. So switch counting off for good, or where a program allocates
/// nothing that it keeps.
///
/// ```
/// use tuneup_memory::{TrackingAllocator, set_counting, stats};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// set_counting(false)?;
/// let before = stats().total;
/// drop(vec![0_u8; 1000]);
/// assert_eq!(stats().total, before);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::AlreadyTracing`] when it is to be switched off and a trace is running: it would take for alive what is
/// freed and not seen.
pub fn set_counting(on: bool) -> Result<(), Error> {
    match tuneup_recorder::set_counting(on) {
        true => Ok(()),
        false => Err(Error::AlreadyTracing),
    }
}
