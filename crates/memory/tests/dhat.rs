//! The same program counted twice: by the tracking allocator, and by dhat below it. One test: it has the process for itself.
//!
//! dhat counts a reallocation as a further block of the new size, and what is live as changed by the difference. The
//! tracking allocator counts it as a block freed and another one allocated. So all blocks and bytes are the same, and what
//! was freed is, for dhat, all that was ever there less what is there.

mod still;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    hint::black_box,
    rc::Rc,
    sync::{Arc, mpsc},
    thread,
};

use dhat::HeapStats;
use still::{Counts, Reading, assert_agree, counts, difference};
use tuneup_memory::{AllocationCounters, TrackingAllocator, measure};

#[global_allocator]
static ALLOCATOR: Program = Program(TrackingAllocator::new(dhat::Alloc));

/// What dhat allocates for itself, and frees, is not the program's: the tracking allocator would count it.
struct Program(TrackingAllocator<dhat::Alloc>);

thread_local! {
    static IS_COUNTING: Cell<bool> = const { Cell::new(false) };
}

fn route<R>(program: impl FnOnce() -> R, dhat: impl FnOnce() -> R) -> R {
    if IS_COUNTING.replace(true) {
        return dhat();
    }
    let result = program();
    IS_COUNTING.set(false);
    result
}

// SAFETY: both ways lead to the system's allocator.
unsafe impl GlobalAlloc for Program {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let program = || unsafe { self.0.alloc(layout) };
        // SAFETY: the caller's promise is passed on.
        route(program, || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let program = || unsafe { self.0.alloc_zeroed(layout) };
        // SAFETY: the caller's promise is passed on.
        route(program, || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        let program = || unsafe { self.0.dealloc(block, layout) };
        // SAFETY: the caller's promise is passed on.
        route(program, || unsafe { System.dealloc(block, layout) });
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let program = || unsafe { self.0.realloc(block, layout, size) };
        // SAFETY: the caller's promise is passed on.
        route(program, || unsafe { System.realloc(block, layout, size) })
    }
}

fn counted_by_dhat() -> Counts {
    let stats = HeapStats::get();
    [
        stats.total_blocks,
        stats.total_bytes,
        stats.total_blocks - stats.curr_blocks as u64,
        stats.total_bytes - stats.curr_bytes as u64,
    ]
}

/// What the two had counted at the same moment.
struct Begin {
    tracked: Counts,
    dhat: Counts,
}

impl Begin {
    fn now() -> Self {
        loop {
            let own = || counts(AllocationCounters::of_this_thread());
            let (dhat, before) = (counted_by_dhat(), own());
            let reading = Reading::take();
            // No other thread has allocated meanwhile.
            if difference(counted_by_dhat(), dhat) == difference(own(), before) {
                return Self {
                    tracked: reading.totals(),
                    dhat,
                };
            }
        }
    }

    /// What dhat has counted since, from where the tracking allocator began.
    fn expected(&self) -> Counts {
        let since = difference(counted_by_dhat(), self.dhat);
        std::array::from_fn(|place| self.tracked[place] + since[place])
    }
}

fn vectors_and_strings() {
    let mut numbers = Vec::new();
    (0..20_000_u64).for_each(|number| numbers.push(number));
    let mut text = String::new();
    (0..2000).for_each(|number| text.push_str(&format!("{number}, ")));
    let words = text.split(", ").map(str::to_owned).collect::<Vec<_>>();
    let joined = words.concat().into_boxed_str();
    black_box((numbers, words, joined, Rc::<str>::from(text)));
}

fn maps() {
    let mut by_name = HashMap::new();
    let mut by_number = BTreeMap::new();
    for number in 0..3000_u32 {
        by_name.insert(format!("{number:x}"), vec![number; number as usize % 7]);
        by_number.insert(number * 7919 % 3000, Box::new(number));
    }
    by_name.retain(|_, numbers| numbers.len() > 3);
    by_name.shrink_to_fit();
    by_number.retain(|number, _| number % 3 == 0);
    black_box((by_name, by_number));
}

fn json() {
    let items = (0..500).map(|number| {
        format!(r#"{{"id": {number}, "tags": ["a", "b{number}"], "nested": {{"x": 1.5}}}}"#)
    });
    let text = format!("[{}]", items.collect::<Vec<_>>().join(","));
    let value = serde_json::from_str::<serde_json::Value>(&text).unwrap();
    assert_eq!(value.as_array().unwrap().len(), 500);
    black_box(value.to_string());
}

#[repr(align(4096))]
struct Page([u8; 4096]);

fn shapes_of_blocks() {
    // Zeroed, shrunk, grown exactly, given up in parts, aligned.
    let mut zeroed = vec![0_u8; 300_000];
    zeroed.truncate(1000);
    zeroed.shrink_to_fit();
    zeroed.reserve_exact(5000);
    zeroed.shrink_to(10);
    zeroed.clear();
    zeroed.shrink_to_fit();
    let mut pages = Vec::new();
    (0..9).for_each(|byte| pages.push(Page([byte; 4096])));
    pages.truncate(3);
    pages.shrink_to_fit();
    let page = Box::new(Page([1; 4096]));
    // Neither has a block.
    black_box((Vec::<u64>::new(), vec![(); 1000]));
    black_box((
        zeroed,
        pages.iter().map(|page| page.0[0]).sum::<u8>(),
        page.0[7],
    ));
}

thread_local! {
    static LATE: RefCell<Late> = const { RefCell::new(Late(Vec::new())) };
}

/// Allocates and frees when its thread ends.
struct Late(Vec<u8>);

impl Drop for Late {
    fn drop(&mut self) {
        let grown = [self.0.as_slice(), &[1; 1000]].concat();
        assert!(black_box(grown).len() >= 1000);
    }
}

fn threads() {
    let (sender, receiver) = mpsc::channel::<Vec<Arc<str>>>();
    let workers = (0..4).map(|number| {
        let sender = sender.clone();
        thread::spawn(move || {
            LATE.with(|late| late.borrow_mut().0.extend([0; 100]));
            vectors_and_strings();
            let blocks = (0..200).map(|block| Arc::from(format!("{block}{number}")));
            sender.send(blocks.collect()).unwrap();
        })
    });
    let workers = workers.collect::<Vec<_>>();
    drop(sender);
    // Freed here.
    receiver.iter().for_each(drop);
    workers
        .into_iter()
        .for_each(|worker| worker.join().unwrap());
}

/// Each part ends with nothing, and the last with what is kept.
fn counts_are_the_same() {
    let begin = Begin::now();
    let parts: [(&str, fn()); 5] = [
        ("vectors and strings", vectors_and_strings),
        ("maps", maps),
        ("json", json),
        ("shapes of blocks", shapes_of_blocks),
        ("threads", threads),
    ];
    for (name, part) in parts {
        part();
        assert_agree(name, || begin.expected());
    }
    let kept = (0..1000).map(|number| vec![0_u8; number + 1]);
    let kept = kept.collect::<Vec<_>>();
    let reading = assert_agree("blocks that are kept", || begin.expected());
    assert!(reading.stats.live_bytes > 500_000);
    drop(kept);
    assert_agree("blocks that were freed", || begin.expected());
}

/// Each with a higher peak than the last: dhat has one from the begin.
fn peaks_are_the_same() {
    let parts: [(&str, fn()); 4] = [
        ("one vector", || drop(black_box(vec![1_u8; 2_000_000]))),
        ("a vector that grows", || {
            let mut bytes = Vec::new();
            (0..3_000_000).for_each(|number| bytes.push(number as u8));
            drop(black_box(bytes));
        }),
        ("many blocks", || {
            let mut blocks = (0..40_000).map(|number| vec![0_u8; number % 300]);
            let kept = blocks.by_ref().take(30_000).collect::<Vec<_>>();
            drop(kept);
            drop(
                blocks
                    .map(|block| [block, vec![1; 500]])
                    .collect::<Vec<_>>(),
            );
        }),
        ("the end of a program", || {
            let kept = vec![0_u8; 9_000_000];
            maps();
            json();
            shapes_of_blocks();
            drop(black_box(kept));
        }),
    ];
    for (name, part) in parts {
        let begin = Begin::now();
        let live = begin.tracked[1] - begin.tracked[3];
        let by_dhat = HeapStats::get();
        tuneup_memory::reset_peak();
        let ((), allocations) = measure(part);
        let peak = (HeapStats::get().max_bytes - by_dhat.curr_bytes) as u64;
        assert!(HeapStats::get().max_bytes > by_dhat.max_bytes, "{name}");
        assert_eq!(allocations.peak_bytes, peak, "{name}");
        assert_eq!(allocations.net_bytes, 0, "{name}");
        // The process's peak is told in steps.
        let stats = tuneup_memory::stats();
        let possible = stats.peak_bytes..=stats.peak_bytes + stats.peak_error_bytes;
        assert!(
            possible.contains(&(live + peak)),
            "{name}: {live} + {peak} in {possible:?}"
        );
    }
}

#[test]
fn dhat_counts_the_same() {
    let _profiler = dhat::Profiler::builder().testing().build();
    counts_are_the_same();
    peaks_are_the_same();
}
