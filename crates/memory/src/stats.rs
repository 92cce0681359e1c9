//! What the whole process has allocated.

use tuneup_recorder::{AllocationCounters, read_heap};

/// What the process has allocated since it began, as [`TrackingAllocator`](crate::TrackingAllocator) has counted it.
///
/// From [`stats`]. Everything is 0 if that is not the program's global allocator. What this crate itself allocates, as for the names
/// in a snapshot, is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// What all threads have counted, those included that have ended.
    pub total: AllocationCounters,
    /// Blocks that are allocated and not freed.
    pub live_blocks: u64,
    /// Bytes of these.
    pub live_bytes: u64,
    /// The most live bytes since the process began, or since [`reset_peak`].
    pub peak_bytes: u64,
    /// The peak may have been higher by so much at most, because threads say what they allocate in steps: 16 KiB a thread,
    /// or 0.4 % of the peak if that is more.
    pub peak_error_bytes: u64,
    /// Blocks by size, as far as they were counted while [`sort_by_size`] was on. Classes that are empty are left out.
    pub size_classes: Vec<SizeClass>,
    /// The threads that are running and have allocated or freed, the oldest first.
    pub threads: Vec<ThreadStats>,
}

/// Blocks of similar size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SizeClass {
    /// The smallest size, in bytes.
    pub smallest_bytes: u64,
    /// The largest size, in bytes: twice that of the class before.
    pub largest_bytes: u64,
    /// What was counted of them.
    pub counters: AllocationCounters,
}

/// What one thread has allocated and freed. A thread that frees what others allocate frees more than it allocates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadStats {
    /// From 1 on, in the order in which threads have allocated first.
    pub number: u64,
    /// Its name, as far as the system keeps it (15 bytes on Linux); empty where it is not known.
    pub name: String,
    /// What it has counted.
    pub counters: AllocationCounters,
}

/// Reads the counters of all threads; O(threads). Threads that begin or end wait meanwhile, others do not.
///
/// Names are read from `/proc`, where there is one.
///
/// ```
/// use tuneup_memory::TrackingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let before = tuneup_memory::stats();
/// let vector = vec![0_u8; 100_000];
/// let after = tuneup_memory::stats();
/// assert!(after.live_bytes >= before.live_bytes + 100_000);
/// assert!(after.peak_bytes >= after.live_bytes);
/// # drop(vector);
/// ```
#[doc(alias = "get_traced_memory")]
#[must_use]
pub fn stats() -> Stats {
    let heap = read_heap();
    Stats {
        total: heap.total,
        live_blocks: heap.total.live_blocks(),
        live_bytes: heap.total.live_bytes(),
        peak_bytes: heap.peak_bytes,
        peak_error_bytes: heap.peak_error_bytes,
        size_classes: heap
            .size_classes
            .iter()
            .map(|class| SizeClass {
                smallest_bytes: match class.largest_bytes {
                    16 => 1,
                    largest => largest / 2 + 1,
                },
                largest_bytes: class.largest_bytes,
                counters: class.counters,
            })
            .collect(),
        threads: heap
            .threads
            .iter()
            .map(|thread| ThreadStats {
                number: thread.number,
                name: name_of(thread.system_id),
                counters: thread.counters,
            })
            .collect(),
    }
}

fn name_of(system_id: u64) -> String {
    let name = std::fs::read(format!("/proc/self/task/{system_id}/comm")).unwrap_or_default();
    String::from_utf8_lossy(name.trim_ascii_end()).into_owned()
}

/// Makes the peak what is live now, so that the next [`stats`] have the peak since this call. For all threads, from any of
/// them; takes a lock for a moment.
///
/// ```
/// tuneup_memory::reset_peak();
/// assert!(tuneup_memory::stats().peak_bytes >= tuneup_memory::stats().live_bytes);
/// ```
#[doc(alias = "clear_traces")]
pub fn reset_peak() {
    tuneup_recorder::reset_peak();
}

/// Whether blocks are counted by size from now on, for [`Stats::size_classes`]. It costs a few nanoseconds for each block
/// that is allocated or freed, in all threads; what was counted before stays. Default: they are not.
///
/// ```
/// use tuneup_memory::{TrackingAllocator, sort_by_size, stats};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// sort_by_size(true);
/// let vector = vec![0_u8; 1000];
/// sort_by_size(false);
/// let class = stats().size_classes.into_iter().find(|class| class.largest_bytes == 1024);
/// assert_eq!(class.map(|class| class.counters.allocated_blocks), Some(1));
/// # drop(vector);
/// ```
#[doc(alias = "histogram")]
pub fn sort_by_size(on: bool) {
    tuneup_recorder::sort_by_size(on);
}

/// Whether the program's global allocator is a [`TrackingAllocator`](crate::TrackingAllocator) that counts: allocates one
/// byte and looks whether it was counted.
///
/// ```
/// // This program has no global allocator of its own.
/// assert!(!tuneup_memory::is_tracking());
/// ```
#[must_use]
pub fn is_tracking() -> bool {
    tuneup_recorder::without_tracing(AllocationCounters::are_running)
}
