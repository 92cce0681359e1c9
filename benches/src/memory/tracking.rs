//! What tracking adds to the smallest thing that a program does with an allocator.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
};

use tuneup_benchmarking::harness::{Cases, Suite};

use super::allocators::{self, TRACKING};

const BLOCK: Layout = match Layout::from_size_align(64, 8) {
    Ok(layout) => layout,
    Err(_) => panic!("64 bytes are a layout"),
};

/// Allocates and frees a block so many times.
#[inline(always)]
fn pairs(allocator: &impl GlobalAlloc, times: u64) -> u64 {
    (0..times)
        .map(|_| {
            // SAFETY: the layout has a size.
            let block = black_box(unsafe { allocator.alloc(BLOCK) });
            // SAFETY: it is a block of this allocator, and is not used again.
            unsafe { allocator.dealloc(block, BLOCK) };
            u64::from(!block.is_null())
        })
        .sum()
}

pub(super) fn register(suite: &mut Suite) {
    let cases = suite
        .group("memory/pair")
        .about("1000 blocks of 64 bytes, each freed before the next one")
        .size(1000)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(|n| *n)
        .case("off", |&n: &u64| pairs(&TRACKING, n))
        .within(allocators::off)
        .case("counting", |&n: &u64| pairs(&TRACKING, n))
        .at_most(1.2, "system")
        .case("sampling", |&n: &u64| pairs(&TRACKING, n))
        .within(allocators::sampling)
        .case(allocators::exact_name(), |&n: &u64| pairs(&TRACKING, n))
        .within(allocators::exact)
        .peer("system", |&n: &u64| pairs(&System, n));
    #[cfg(feature = "peers")]
    let cases = cases
        .peer("stats_alloc", |&n: &u64| pairs(&allocators::STATS, n))
        .peer("dhat", |&n: &u64| pairs(&allocators::DHAT, n))
        .within(allocators::dhat);
    cases.finish();

    let cases = suite
        .group("memory/pair_2_threads")
        .about("50000 blocks of 64 bytes in each of two threads, each freed before the next one")
        .size(50_000)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(|n| *n);
    let cases = two(cases, "counting", &TRACKING).at_most(1.2, "system");
    let cases = two(cases, "sampling", &TRACKING).within(allocators::sampling);
    let cases = two(cases, allocators::exact_name(), &TRACKING).within(allocators::exact);
    let cases = two(cases, "system", &System).mark_peer();
    #[cfg(feature = "peers")]
    let cases = two(cases, "stats_alloc", &allocators::STATS).mark_peer();
    cases.finish();
}

fn two<'s>(
    cases: Cases<'s, u64, u64>,
    name: &str,
    allocator: &'static (impl GlobalAlloc + Sync),
) -> Cases<'s, u64, u64> {
    cases.concurrent(name, 2, |_| (), move |(), &n| pairs(allocator, n))
}
