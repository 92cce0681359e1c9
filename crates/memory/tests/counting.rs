//! What is counted, against an allocator below that counts for itself. One test: it has the process for itself.

mod guarded;

use std::{
    alloc::{GlobalAlloc, Layout},
    cell::RefCell,
    sync::{Arc, Barrier, atomic::Ordering::Relaxed, mpsc},
    thread,
};

use guarded::Guarded;
use tuneup_memory::{
    AllocationCounters, Mode, Stats, assert_allocations, measure, mode, set_counting, stats,
};

#[global_allocator]
static ALLOCATOR: Guarded = Guarded::new();

fn counted_below() -> [u64; 4] {
    [
        guarded::BLOCKS.load(Relaxed),
        guarded::BYTES.load(Relaxed),
        guarded::FREED_BLOCKS.load(Relaxed),
        guarded::FREED_BYTES.load(Relaxed),
    ]
}

fn all(counters: AllocationCounters) -> [u64; 4] {
    [
        counters.allocated_blocks,
        counters.allocated_bytes,
        counters.freed_blocks,
        counters.freed_bytes,
    ]
}

/// Reading allocates: what the reading itself adds comes before and after it.
fn assert_counts_agree(what: &str) -> Stats {
    let before = counted_below();
    let stats = stats();
    let after = counted_below();
    for (place, counted) in all(stats.total).into_iter().enumerate() {
        assert!(
            (before[place]..=after[place]).contains(&counted),
            "{what}: {counted} is not in {}..={}",
            before[place],
            after[place]
        );
    }
    stats
}

thread_local! {
    /// Allocates while the thread is torn down, after and before other thread-local values are dropped.
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

struct Late(Vec<u8>);

impl Drop for Late {
    fn drop(&mut self) {
        let grown = [self.0.as_slice(), &[1; 100]].concat();
        assert!(std::hint::black_box(grown).len() > 100);
    }
}

fn work(seed: usize) {
    LATE.with(|late| *late.borrow_mut() = Some(Late(vec![0; 10])));
    let mut kept = Vec::new();
    for round in 0..2000_usize {
        let size = (round * 7919 + seed) % 5000;
        kept.push(vec![round as u8; size]);
        if round % 3 == 0 {
            kept.swap_remove(round % kept.len());
        }
        if round % 50 == 0 {
            let mut grows = String::new();
            (0..200).for_each(|_| grows.push('x'));
        }
    }
}

fn threads_that_begin_and_end() {
    for seed in 0..8 {
        let threads = [(); 3].map(|()| thread::spawn(move || work(seed)));
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }
    assert_counts_agree("threads that have ended");
}

fn blocks_that_another_thread_frees() {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    let frees = thread::Builder::new()
        .name("frees".to_owned())
        .spawn(move || {
            receiver.iter().for_each(drop);
            // The thread's own row.
            let stats = stats();
            let own = stats.threads.iter().find(|thread| thread.name == "frees");
            own.unwrap().counters
        });
    for _ in 0..1000 {
        sender.send(vec![0; 1000]).unwrap();
    }
    drop(sender);
    let counters = frees.unwrap().join().unwrap();
    assert!(
        counters.freed_bytes >= 1_000_000 + counters.allocated_bytes / 2,
        "{counters:?}"
    );
    let stats = assert_counts_agree("blocks that another thread frees");
    assert!(stats.live_bytes < 1_000_000, "{stats:?}");
}

fn all_four_methods_are_passed_on() {
    let zeroed = guarded::ZEROED.load(Relaxed);
    drop(std::hint::black_box(vec![0_u8; 1000]));
    assert_eq!(guarded::ZEROED.load(Relaxed), zeroed + 1);
    let moved = guarded::MOVED.load(Relaxed);
    let mut vector = std::hint::black_box(vec![1_u8; 100]);
    vector.reserve_exact(900);
    assert_eq!(guarded::MOVED.load(Relaxed), moved + 1);
}

fn what_fails_is_not_counted() {
    let layout = Layout::from_size_align(100, 8).unwrap();
    // SAFETY: the size is not zero.
    let block = unsafe { ALLOCATOR.alloc(layout) };
    let before = AllocationCounters::of_this_thread();
    // SAFETY: the block is of this allocator and layout.
    let moved = unsafe { ALLOCATOR.realloc(block, layout, 1 << 50) };
    // SAFETY: the size is not zero.
    let refused = unsafe { ALLOCATOR.alloc(Layout::from_size_align(1 << 50, 8).unwrap()) };
    assert!(moved.is_null() && refused.is_null());
    assert_eq!(AllocationCounters::of_this_thread(), before);
    // SAFETY: as above, and it is not used again.
    unsafe { ALLOCATOR.dealloc(block, layout) };
}

fn a_measurement_is_exact() {
    let (kept, outer) = measure(|| {
        drop(vec![0_u8; 5000]);
        let ((), inner) = measure(|| drop(vec![0_u8; 300]));
        assert_eq!(
            (inner.blocks, inner.peak_bytes, inner.net_bytes),
            (1, 300, 0)
        );
        vec![0_u8; 700]
    });
    assert_eq!((outer.blocks, outer.bytes), (3, 6000));
    assert_eq!((outer.freed_blocks, outer.freed_bytes), (2, 5300));
    assert_eq!((outer.peak_bytes, outer.net_bytes), (5000, 700));
    let ((), freed) = measure(|| drop(kept));
    assert_eq!(
        (freed.blocks, freed.peak_bytes, freed.net_bytes),
        (0, 0, -700)
    );
    // What other threads do is none of its business.
    let (both, here) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let other = {
        let (both, here) = (Arc::clone(&both), Arc::clone(&here));
        thread::spawn(move || {
            both.wait();
            drop(std::hint::black_box(vec![0_u8; 1 << 20]));
            here.wait();
        })
    };
    let ((), quiet) = measure(|| {
        both.wait();
        here.wait();
    });
    assert_eq!(quiet.blocks, 0);
    other.join().unwrap();
}

fn a_measurement_ends_with_a_panic() {
    let caught = std::panic::catch_unwind(|| measure(|| std::panic::panic_any("stop")));
    assert!(caught.is_err());
    let ((), after) = measure(|| drop(std::hint::black_box(Box::new(7_u64))));
    assert_eq!((after.blocks, after.peak_bytes), (1, 8));
}

fn assertions_say_what_was_there() {
    let value = assert_allocations!(== 1, { Box::new(5) });
    assert_allocations!(<= 1, drop(value));
    assert_allocations!(< 2, drop(Box::new(5)), "with a message {}", 1);
    let failed = std::panic::catch_unwind(|| {
        assert_allocations!(== 0, { drop(vec![0_u8; 10]) }, "the {} path", "warm");
    });
    let message = *failed.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(
        message,
        "expected exactly 0 allocations: the warm path; there were 1 blocks, 10 bytes (peak 10, net 0)"
    );
}

fn the_peak_is_near_the_highest() {
    tuneup_memory::reset_peak();
    let base = stats().live_bytes;
    let threads = [(); 4].map(|()| {
        thread::spawn(|| {
            for _ in 0..50 {
                let blocks = (0..1000).map(|_| vec![0_u8; 1000]).collect::<Vec<_>>();
                drop(std::hint::black_box(blocks));
            }
        })
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let after = stats();
    let one = 1_000_000 + 24_000;
    assert!(
        after.peak_bytes >= base + one - after.peak_error_bytes,
        "{after:?}"
    );
    assert!(after.peak_bytes <= base + 4 * one + 500_000, "{after:?}");
    // A block that is larger than a step is never missed.
    tuneup_memory::reset_peak();
    let base = stats().live_bytes;
    drop(std::hint::black_box(vec![1_u8; 50_000_000]));
    let after = stats();
    assert!(
        after.peak_bytes >= base + 50_000_000 - after.peak_error_bytes,
        "{after:?}"
    );
}

fn sizes_are_sorted_while_asked_for() {
    let blocks_of = |bytes: u64| {
        let stats = stats();
        let class = stats
            .size_classes
            .iter()
            .find(|class| (class.smallest_bytes..=class.largest_bytes).contains(&bytes));
        class.map_or((0, 0), |class| {
            (
                class.counters.allocated_blocks,
                class.counters.live_blocks(),
            )
        })
    };
    tuneup_memory::sort_by_size(true);
    let before = (blocks_of(1000), blocks_of(3_000_000));
    let kept = (0..10).map(|_| vec![1_u8; 1000]).collect::<Vec<_>>();
    drop(std::hint::black_box(vec![1_u8; 3_000_000]));
    let after = (blocks_of(1000), blocks_of(3_000_000));
    tuneup_memory::sort_by_size(false);
    assert!(after.0.0 >= before.0.0 + 10 && after.0.1 >= before.0.1 + 10);
    assert_eq!(after.1, (before.1.0 + 1, before.1.1));
    drop(kept);
}

fn nothing_is_counted_while_it_is_off() {
    assert_eq!(mode(), Mode::Counting);
    set_counting(false).unwrap();
    assert_eq!((mode(), tuneup_memory::is_tracking()), (Mode::Off, false));
    let (before, below) = (AllocationCounters::of_this_thread(), counted_below());
    let mut vector = std::hint::black_box(vec![0_u8; 1000]);
    vector.reserve_exact(9000);
    drop(vector);
    let after = AllocationCounters::of_this_thread();
    let failed = std::panic::catch_unwind(|| assert_allocations!(== 0, {}));
    set_counting(true).unwrap();
    assert_eq!(after, before);
    assert!(counted_below()[0] >= below[0] + 2, "they were passed on");
    let message = *failed.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("set_counting(true)"), "{message}");
    assert_eq!(
        (mode(), tuneup_memory::is_tracking()),
        (Mode::Counting, true)
    );
}

#[test]
fn everything_is_counted() {
    assert!(tuneup_memory::is_tracking());
    assert_counts_agree("before anything");
    threads_that_begin_and_end();
    blocks_that_another_thread_frees();
    all_four_methods_are_passed_on();
    what_fails_is_not_counted();
    a_measurement_is_exact();
    a_measurement_ends_with_a_panic();
    assertions_say_what_was_there();
    the_peak_is_near_the_highest();
    sizes_are_sorted_while_asked_for();
    assert_counts_agree("after everything");
    // The last one: from here on the two do not agree.
    nothing_is_counted_while_it_is_off();
}
