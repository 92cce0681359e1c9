//! What lived at the peak, beside a list of blocks kept by hand. One test: a process has one trace at a time.

mod guarded;

use std::{
    alloc::{Layout, alloc, dealloc, realloc},
    cell::RefCell,
    hint::black_box,
    sync::{atomic::Ordering::Relaxed, mpsc},
    thread,
};

use guarded::{BYTES, FREED_BYTES, Guarded};
use proptest::{prelude::*, test_runner::TestRunner};
use tuneup_memory::{GroupBy, Snapshot, Trace, TraceOptions};

#[global_allocator]
static ALLOCATOR: Guarded = Guarded::new();

const SITES: usize = 3;

/// Three sites, each of which is a function of its own.
#[inline(never)]
fn site_0(layout: Layout) -> *mut u8 {
    // SAFETY: no layout here has a size of 0.
    black_box(unsafe { alloc(layout) })
}

#[inline(never)]
fn site_1(layout: Layout) -> *mut u8 {
    // SAFETY: no layout here has a size of 0.
    black_box(unsafe { alloc(layout) })
}

#[inline(never)]
fn site_2(block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
    // SAFETY: the block is live and has this layout; no size here is 0.
    black_box(unsafe { realloc(block, layout, bytes) })
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Allocate { site: usize, bytes: usize },
    Reallocate { block: usize, bytes: usize },
    Free { block: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = prop_oneof![1..200_usize, 20_000..100_000_usize];
    let step = prop_oneof![
        3 => (0..2_usize, bytes.clone()).prop_map(|(site, bytes)| Step::Allocate { site, bytes }),
        1 => (any::<usize>(), bytes).prop_map(|(block, bytes)| Step::Reallocate { block, bytes }),
        3 => any::<usize>().prop_map(|block| Step::Free { block }),
    ];
    prop::collection::vec(step, 1..200)
}

/// Bytes and blocks of each site.
type Live = [(usize, usize); SITES];

fn sum(live: &Live) -> usize {
    live.iter().map(|(bytes, _)| bytes).sum()
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, 8).unwrap()
}

/// Does the steps, and gives what lived at the peak. Takes no memory of its own.
#[inline(never)]
fn run(steps: &[Step], blocks: &mut Vec<(*mut u8, usize, usize)>) -> Live {
    let (mut live, mut at_peak) = (Live::default(), Live::default());
    let change = |live: &mut Live, site: usize, bytes: isize| {
        live[site].0 = live[site].0.wrapping_add_signed(bytes);
        live[site].1 = live[site].1.wrapping_add_signed(bytes.signum());
    };
    for step in steps {
        match *step {
            Step::Allocate { site, bytes } => {
                let block = match site {
                    0 => site_0(layout(bytes)),
                    _ => site_1(layout(bytes)),
                };
                change(&mut live, site, bytes.cast_signed());
                blocks.push((block, bytes, site));
            }
            Step::Reallocate { .. } | Step::Free { .. } if blocks.is_empty() => {}
            Step::Reallocate { block, bytes } => {
                let place = block % blocks.len();
                let (block, before, site) = blocks[place];
                blocks[place] = (site_2(block, layout(before), bytes), bytes, 2);
                change(&mut live, site, -before.cast_signed());
                change(&mut live, 2, bytes.cast_signed());
            }
            Step::Free { block } => {
                let (block, bytes, site) = blocks.swap_remove(block % blocks.len());
                // SAFETY: the block is live and has this layout.
                unsafe { dealloc(block, layout(bytes)) };
                change(&mut live, site, -bytes.cast_signed());
            }
        }
        if sum(&live) > sum(&at_peak) {
            at_peak = live;
        }
    }
    at_peak
}

fn at_peak_of(snapshot: &Snapshot, name: &str) -> (usize, usize) {
    let groups = snapshot.by(GroupBy::Function);
    let entry = groups
        .entries
        .iter()
        .find(|entry| entry.name.ends_with(name));
    entry.map_or((0, 0), |entry| {
        (entry.at_peak.bytes as usize, entry.at_peak.blocks as usize)
    })
}

fn the_peak_is_that_of_a_list_kept_by_hand(steps: &[Step]) {
    let mut blocks = Vec::with_capacity(steps.len());
    let before = (BYTES.load(Relaxed) - FREED_BYTES.load(Relaxed)) as usize;
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    let expected = run(steps, &mut blocks);
    let snapshot = trace.snapshot();
    for (site, expected) in expected.into_iter().enumerate() {
        let name = format!("site_{site}");
        assert_eq!(at_peak_of(&snapshot, &name), expected, "{name}");
    }
    if sum(&expected) > 0 {
        assert_eq!(snapshot.peak.bytes as usize, before + sum(&expected));
        assert_eq!(
            snapshot.timeline.most_bytes.iter().max(),
            Some(&snapshot.peak.bytes)
        );
    }
    for (block, bytes, _) in blocks {
        // SAFETY: the block is live and has this layout.
        unsafe { dealloc(block, layout(bytes)) };
    }
}

thread_local! {
    /// Is dropped when the thread is torn down, after whatever the trace keeps for the thread may be gone.
    static LATE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

#[inline(never)]
fn given_away(count: usize) -> Vec<Box<[u8]>> {
    black_box((0..count).map(|_| vec![1_u8; 10_000].into()).collect())
}

#[inline(never)]
fn kept() -> Vec<u8> {
    black_box(vec![1; 500_000])
}

/// Blocks that other threads free, one that has allocated nothing and one that is torn down, are not there at a later peak.
fn what_others_have_freed_is_not_there_at_a_later_peak() {
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    let (sender, receiver) = mpsc::channel::<Vec<Box<[u8]>>>();
    let freeing = thread::spawn(move || receiver.into_iter().for_each(drop));
    sender.send(given_away(20)).unwrap();
    drop(sender);
    freeing.join().unwrap();
    let late = given_away(30);
    let torn_down = thread::spawn(move || LATE.set(late));
    torn_down.join().unwrap();
    let kept = kept();
    let snapshot = trace.snapshot();
    assert_eq!(at_peak_of(&snapshot, "kept"), (500_000, 1));
    assert_eq!(at_peak_of(&snapshot, "given_away::{{closure}}"), (0, 0));
    let groups = snapshot.by(GroupBy::Function);
    let at_peak: f64 = groups.entries.iter().map(|entry| entry.at_peak.bytes).sum();
    assert!((500_000.0..520_000.0).contains(&at_peak), "{groups}");
    drop(kept);
}

#[test]
fn what_lived_at_the_peak_is_known() {
    if !cfg!(target_os = "linux") {
        return;
    }
    // The first trace reads unwind tables, which stay.
    drop(Trace::start(TraceOptions::exact()).unwrap());
    let mut runner = TestRunner::default();
    runner
        .run(&steps(), |steps| {
            the_peak_is_that_of_a_list_kept_by_hand(&steps);
            Ok(())
        })
        .unwrap();
    what_others_have_freed_is_not_there_at_a_later_peak();
}
