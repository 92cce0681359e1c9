//! The threads whose counters can be read, what ended threads have left, and how much was live at most.

use std::{
    ptr,
    sync::atomic::{AtomicI64, Ordering::Relaxed},
};

use super::{
    late,
    size_classes::CLASSES,
    spin_lock::{SpinGuard, SpinLock},
    thread_heap::{Listing, NEVER_QUIET, ThreadHeap},
};
use crate::{
    allocations::AllocationCounters,
    trace::{self, Timeline},
};

/// A thread publishes its live bytes whenever it has allocated this much, or more if the peak is so high that it does
/// not matter: all threads together keep less from the peak than one in [`PEAK_PRECISION`] of it.
const LEAST_STEP_BYTES: u64 = 16 << 10;
const PEAK_PRECISION: u64 = 256;

/// What was published of live bytes, for whoever does not want to wait for the lock.
static PUBLISHED: AtomicI64 = AtomicI64::new(0);

/// The live bytes of the process if those of the current thread are `own`: of others, what they have published.
pub(super) fn live_bytes(heap: &ThreadHeap, own: i64) -> i64 {
    PUBLISHED.load(Relaxed) + own - heap.published.get().cast_signed()
}

static THREADS: SpinLock<Threads> = SpinLock::new(Threads::new());

/// Nothing may allocate while the lock is held: the allocator takes it.
pub(crate) fn lock() -> SpinGuard<'static, Threads> {
    THREADS.lock()
}

/// For a fork; the others are locked after it.
pub(super) fn hold() {
    THREADS.hold();
}

/// # Safety
///
/// As of [`SpinLock::let_go`].
pub(super) unsafe fn let_go() {
    // SAFETY: the caller's promise.
    unsafe { THREADS.let_go() };
}

pub(crate) struct Threads {
    first: *const ThreadHeap,
    listed: usize,
    begun: u64,
    /// What threads that have ended had counted.
    pub(crate) ended: AllocationCounters,
    ended_classes: [AllocationCounters; CLASSES],
    /// The sum of what was published.
    live_bytes: i64,
    peak_bytes: i64,
    /// Of the trace that is running.
    timeline: Timeline,
    /// What was counted before it.
    before_trace: AllocationCounters,
}

// SAFETY: the pointers are to the memory of threads that take themselves off the list before it goes, under its lock.
unsafe impl Send for Threads {}

impl Threads {
    const fn new() -> Self {
        Self {
            first: ptr::null(),
            listed: 0,
            begun: 0,
            ended: AllocationCounters::ZERO,
            ended_classes: [AllocationCounters::ZERO; CLASSES],
            live_bytes: 0,
            peak_bytes: 0,
            timeline: Timeline::new(),
            before_trace: AllocationCounters::ZERO,
        }
    }

    /// Adds the current thread's heap.
    pub(crate) fn add(&mut self, heap: &ThreadHeap) {
        self.begun += 1;
        self.listed += 1;
        heap.number.set(self.begun);
        heap.listing.set(Listing::Listed);
        heap.quiet.set(0);
        heap.previous.set(ptr::null());
        heap.next.set(self.first);
        // SAFETY: null, or on the list.
        if let Some(second) = unsafe { self.first.as_ref() } {
            second.previous.set(heap);
        }
        self.first = heap;
    }

    /// Takes the current thread's heap off the list and keeps what it has counted.
    pub(crate) fn remove(&mut self, heap: &ThreadHeap) {
        self.publish(heap);
        self.keep_counts_of(heap);
        self.listed -= 1;
        let (previous, next) = (heap.previous.get(), heap.next.get());
        // SAFETY: null, or on the list.
        match unsafe { previous.as_ref() } {
            Some(previous) => previous.next.set(next),
            None => self.first = next,
        }
        // SAFETY: null, or on the list.
        if let Some(next) = unsafe { next.as_ref() } {
            next.previous.set(previous);
        }
        heap.listing.set(Listing::Left);
        heap.quiet.set(NEVER_QUIET);
        heap.next_event.set(0);
    }

    fn keep_counts_of(&mut self, heap: &ThreadHeap) {
        self.ended.add(heap.counters());
        for (class, ended) in self.ended_classes.iter_mut().enumerate() {
            ended.add(heap.class(class));
        }
    }

    /// Takes all heaps but the current thread's off the list: their threads are not in this process, which is a fork, and
    /// their memory is given to the next ones.
    pub(super) fn keep_only(&mut self, own: &ThreadHeap) {
        let (mut heap, mut is_listed) = (self.first, false);
        // SAFETY: null, or on the list.
        while let Some(listed) = unsafe { heap.as_ref() } {
            self.take_live_bytes_of(listed);
            heap = listed.next.get();
            if ptr::eq(listed, own) {
                is_listed = true;
            } else {
                self.keep_counts_of(listed);
            }
        }
        own.previous.set(ptr::null());
        own.next.set(ptr::null());
        self.first = if is_listed { own } else { ptr::null() };
        self.listed = usize::from(is_listed);
    }

    /// For each thread that is running.
    pub(crate) fn heaps(&self) -> impl Iterator<Item = &ThreadHeap> {
        // SAFETY: null, or on the list, which stays as it is while the lock is held.
        let first = unsafe { self.first.as_ref() };
        // SAFETY: as above.
        std::iter::successors(first, |heap| unsafe { heap.next.get().as_ref() })
    }

    pub(crate) fn listed(&self) -> usize {
        self.listed
    }

    /// What the ended threads and those that are running have counted of a size class.
    pub(crate) fn class(&self, class: usize) -> AllocationCounters {
        let mut sum = self.ended_classes[class];
        self.heaps().for_each(|heap| sum.add(heap.class(class)));
        sum
    }

    /// Adds what a thread has not yet told to the live bytes, and says after how many more bytes it should do so again.
    pub(crate) fn publish(&mut self, heap: &ThreadHeap) {
        self.take_live_bytes_of(heap);
        // What a thread takes to read the trace makes no peak of it.
        let is_traced = trace::is_running() && !heap.trace.is_paused();
        if is_traced {
            self.timeline.add(trace::now_ns(), self.live_bytes);
        }
        if self.live_bytes > self.peak_bytes || is_traced && trace::is_peak(self.live_bytes) {
            self.look_for_a_peak();
            if is_traced {
                self.tell_trace();
            }
        }
        let share = self.peak_bytes.cast_unsigned() / PEAK_PRECISION / self.listed.max(1) as u64;
        let step = share.max(LEAST_STEP_BYTES);
        heap.next_publication
            .set(heap.allocated_bytes.get().wrapping_add(step));
    }

    /// What others have freed since they told is not live.
    fn look_for_a_peak(&mut self) {
        let mut heap = self.first;
        // SAFETY: null, or on the list.
        while let Some(listed) = unsafe { heap.as_ref() } {
            self.take_live_bytes_of(listed);
            heap = listed.next.get();
        }
        self.peak_bytes = self.peak_bytes.max(self.live_bytes);
    }

    fn tell_trace(&self) {
        if trace::is_peak(self.live_bytes) {
            trace::meet_peak(self.live_bytes);
        }
    }

    /// A trace begins.
    pub(super) fn begin_trace(&mut self, now_ns: u64) {
        self.timeline.begin(now_ns);
        self.before_trace = self.total();
    }

    /// The timeline of the trace that is running, and what was counted since it began. What nobody has published may be its peak, and is told to it.
    pub(super) fn read_trace(&mut self) -> (Timeline, AllocationCounters) {
        self.look_for_a_peak();
        self.tell_trace();
        self.timeline.add(trace::now_ns(), self.live_bytes);
        (self.timeline.copy(), self.total().since(self.before_trace))
    }

    /// What all threads have counted, those included that have ended or are being torn down.
    pub(super) fn total(&self) -> AllocationCounters {
        let mut total = self.ended;
        self.heaps().for_each(|heap| total.add(heap.counters()));
        total.add(late::counters());
        total
    }

    fn take_live_bytes_of(&mut self, heap: &ThreadHeap) {
        let live = heap.live_bytes();
        self.live_bytes += live - heap.published.get().cast_signed();
        heap.published.set(live.cast_unsigned());
        PUBLISHED.store(self.live_bytes, Relaxed);
    }

    /// The most bytes that were live at once.
    pub(crate) fn peak_bytes(&mut self) -> u64 {
        self.look_for_a_peak();
        self.peak_bytes.max(0).cast_unsigned()
    }

    /// Makes the peak what is live now.
    pub(crate) fn reset_peak(&mut self) {
        self.peak_bytes = i64::MIN;
        self.look_for_a_peak();
    }

    /// The most by which the peak may have been higher than what [`peak_bytes`](Self::peak_bytes) says.
    pub(crate) fn peak_error_bytes(&self) -> u64 {
        let threads = self.listed as u64;
        (self.peak_bytes.max(0).cast_unsigned() / PEAK_PRECISION).max(threads * LEAST_STEP_BYTES)
    }
}
