//! What a closure allocates.

use std::fmt;

use tuneup_recorder::Measurement;

/// What was allocated during a stretch of one thread's work, from [`measure`].
///
/// ```
/// let ((), nothing) = tuneup_memory::measure(|| ());
/// assert_eq!(nothing.to_string(), "0 blocks, 0 bytes (peak 0, net 0)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Allocations {
    /// Blocks that were allocated; a reallocation is one of them.
    pub blocks: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Blocks that were freed, whoever had allocated them.
    pub freed_blocks: u64,
    /// Bytes of these.
    pub freed_bytes: u64,
    /// The most bytes that were live at once, beyond those that were at the begin.
    pub peak_bytes: u64,
    /// Bytes that are live at the end, less those at the begin; negative if more was freed than allocated.
    pub net_bytes: i64,
}

impl fmt::Display for Allocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            blocks,
            bytes,
            peak_bytes,
            net_bytes,
            ..
        } = self;
        write!(
            f,
            "{blocks} blocks, {bytes} bytes (peak {peak_bytes}, net {net_bytes})"
        )
    }
}

/// Runs a closure and says what the current thread has allocated meanwhile. Exact, peak included. What other threads
/// allocate is not in it, those included that the closure starts.
///
/// Measurements may be nested. While one runs, each allocation of the thread costs a few nanoseconds more. All numbers are
/// 0 without a [`TrackingAllocator`](crate::TrackingAllocator): [`is_tracking`](crate::is_tracking) tells.
///
/// # Panics
///
/// If `work` does; the measurement ends then.
///
/// ```
/// use tuneup_memory::{TrackingAllocator, measure};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let (kept, allocations) = measure(|| {
///     drop(vec![0_u8; 1000]);
///     vec![0_u8; 100]
/// });
/// assert_eq!((allocations.blocks, allocations.bytes), (2, 1100));
/// assert_eq!((allocations.peak_bytes, allocations.net_bytes), (1000, 100));
/// # drop(kept);
/// ```
#[doc(alias = "count_allocations")]
pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Allocations) {
    let measurement = Measurement::begin();
    let value = work();
    let measured = measurement.end();
    let counters = measured.counters;
    let allocations = Allocations {
        blocks: counters.allocated_blocks,
        bytes: counters.allocated_bytes,
        freed_blocks: counters.freed_blocks,
        freed_bytes: counters.freed_bytes,
        peak_bytes: measured.peak_bytes,
        net_bytes: measured.net_bytes,
    };
    (value, allocations)
}

/// Panics unless a block of code allocates as often as it should: `assert_allocations!(<= 3, { … })`, with `<=`, `<` or
/// `==`. Gives what the block gives. A message may follow.
///
/// It counts the blocks that the current thread allocates, reallocations included; the limit is a `u64`.
///
/// # Panics
///
/// If the block allocates otherwise. Also if nothing would be counted: the program's global allocator is not a
/// [`TrackingAllocator`](crate::TrackingAllocator), or [`set_counting`](crate::set_counting) has switched it off.
///
/// ```
/// use tuneup_memory::{TrackingAllocator, assert_allocations};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let sum: u32 = assert_allocations!(== 0, { (0..10).sum() });
/// assert_eq!(sum, 45);
/// let text = assert_allocations!(<= 1, { "a".repeat(100) }, "one buffer of the right size");
/// # drop(text);
/// ```
#[macro_export]
macro_rules! assert_allocations {
    (<= $limit:expr, $block:expr $(, $($message:tt)+)?) => {
        $crate::assert_allocations!(@ <=, "at most", $limit, $block $(, $($message)+)?)
    };
    (< $limit:expr, $block:expr $(, $($message:tt)+)?) => {
        $crate::assert_allocations!(@ <, "fewer than", $limit, $block $(, $($message)+)?)
    };
    (== $limit:expr, $block:expr $(, $($message:tt)+)?) => {
        $crate::assert_allocations!(@ ==, "exactly", $limit, $block $(, $($message)+)?)
    };
    (@ $compare:tt, $words:literal, $limit:expr, $block:expr $(, $($message:tt)+)?) => {{
        $crate::__private::assert_tracking();
        let limit: u64 = $limit;
        let (value, allocations) = $crate::measure(|| $block);
        if !(allocations.blocks $compare limit) {
            $crate::__private::report(
                $words,
                limit,
                &allocations,
                ::core::option::Option::None::<::core::fmt::Arguments<'_>>
                    $(.or(::core::option::Option::Some(::core::format_args!($($message)+))))?,
            );
        }
        value
    }};
}

/// What the expansion of [`assert_allocations!`](crate::assert_allocations) calls first.
#[track_caller]
pub fn assert_tracking() {
    assert!(
        crate::mode() != crate::Mode::Off,
        "nothing is counted, because of `set_counting(false)`; call `set_counting(true)` first"
    );
    assert!(
        crate::is_tracking(),
        "nothing counts allocations here; add `#[global_allocator] static ALLOCATOR: \
         tuneup_memory::TrackingAllocator = tuneup_memory::TrackingAllocator::system();`"
    );
}

/// What the expansion calls if there were other allocations than there should be.
#[track_caller]
pub fn report(
    words: &str,
    limit: u64,
    allocations: &Allocations,
    message: Option<fmt::Arguments<'_>>,
) -> ! {
    let message = message.map_or(String::new(), |message| format!(": {message}"));
    panic!("expected {words} {limit} allocations{message}; there were {allocations}");
}
