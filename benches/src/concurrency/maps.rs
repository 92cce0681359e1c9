//! A function of many items: tiny ones, and such that cost some microseconds; and what counting them costs.

use std::hint::black_box;

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_concurrency::{ParImap as _, Progress, par};

use super::{job, of_items};

const TINY: usize = 1_000_000;
const SMALL_ITEMS: usize = 100_000;
const DEAR: usize = 10_000;

pub(super) fn register(suite: &mut Suite) {
    all_of_a_slice(suite);
    in_order(suite);
    counted(suite);
}

fn tiny(n: u64) -> u64 {
    n * 2 + 1
}

/// Some fifty nanoseconds: not much more than the way to another processor and back.
fn small(n: u64) -> u64 {
    (0..50).fold(n, |n, _| {
        black_box(n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1))
    })
}

fn dear(n: u64) -> u64 {
    job(n, 10)
}

type Numbers = Vec<u64>;

fn group<'s>(
    suite: &'s mut Suite,
    name: &str,
    about: &str,
    size: usize,
    f: fn(u64) -> u64,
) -> Cases<'s, Numbers, u64> {
    of_items(suite, name, about, size)
        .input(|n| (0..n as u64).collect::<Numbers>())
        .expect(move |numbers| sum(numbers.iter().map(|n| f(*n))))
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::wrapping_add)
}

fn all_of_a_slice(suite: &mut Suite) {
    let tiny_items = "par::map of 1000000 numbers, a multiplication each";
    map(
        group(suite, "map_tiny", tiny_items, TINY, tiny),
        tiny,
        1.05,
        1.05,
    );
    let few_items = "par::map of 16 numbers, a multiplication each";
    map(group(suite, "map_few", few_items, 16, tiny), tiny, 1.4, 1.0);
    let dear_items = "par::map of 10000 numbers, some 10 µs each";
    map(
        group(suite, "map_10_us", dear_items, DEAR, dear),
        dear,
        1.05,
        1.03,
    );
}

/// At least as fast as a loop, and nearly as fast as rayon.
fn map(cases: Cases<'_, Numbers, u64>, f: fn(u64) -> u64, against_loop: f64, against_rayon: f64) {
    cases
        .case("tuneup", move |numbers| {
            sum(par::map(numbers, |n| f(*n)).into_iter())
        })
        .at_most(against_loop, "loop")
        .at_most(against_rayon, "rayon")
        .case("loop", move |numbers| {
            let mapped: Numbers = numbers.iter().map(|n| f(*n)).collect();
            sum(mapped.into_iter())
        })
        .case("rayon", move |numbers| by_rayon(numbers, f))
        .mark_peer()
        .finish();
}

fn by_rayon(numbers: &Numbers, f: fn(u64) -> u64) -> u64 {
    let mut mapped = Numbers::new();
    numbers
        .par_iter()
        .map(|n| f(*n))
        .collect_into_vec(&mut mapped);
    sum(mapped.into_iter())
}

fn in_order(suite: &mut Suite) {
    let tiny_items = group(
        suite,
        "imap_tiny",
        "par_imap of 1000000 numbers, a multiplication each: any iterator, lazily, in order",
        TINY,
        tiny,
    )
    .case("tuneup", |numbers| {
        sum((0..numbers.len() as u64).par_imap(tiny))
    });
    #[cfg(feature = "peers")]
    let tiny_items = peers::tiny(tiny_items);
    tiny_items.finish();

    group(
        suite,
        "imap_small",
        "par_imap of 100000 numbers, some 50 ns each",
        SMALL_ITEMS,
        small,
    )
    .case("tuneup", |numbers| {
        sum((0..numbers.len() as u64).par_imap(small))
    })
    .at_most(1.1, "loop")
    .case("loop", |numbers| sum(numbers.iter().map(|n| small(*n))))
    .finish();

    group(
        suite,
        "imap_10_us",
        "par_imap of 10000 numbers, some 10 µs each",
        DEAR,
        dear,
    )
    .case("tuneup", |numbers| {
        sum((0..numbers.len() as u64).par_imap(dear))
    })
    .at_most(1.05, "rayon, all at once")
    .case("rayon, all at once", |numbers| by_rayon(numbers, dear))
    .mark_peer()
    .finish();
}

/// What it costs that somebody may watch.
fn counted(suite: &mut Suite) {
    let progress = || {
        Progress::new(|progress| {
            black_box(progress);
        })
    };
    group(
        suite,
        "progress",
        "1000000 numbers, a multiplication each, counted by Progress",
        TINY,
        tiny,
    )
    .case("loop, counted", move |numbers| {
        let counting = progress().counting(tiny);
        sum(numbers.iter().map(|n| counting(*n)))
    })
    .case("par::map, counted", move |numbers| {
        let counting = progress().counting(|n: &u64| tiny(*n));
        sum(par::map(numbers, counting).into_iter())
    })
    .case("loop", |numbers| sum(numbers.iter().map(|n| tiny(*n))))
    .finish();
}

#[cfg(feature = "peers")]
mod peers {
    use pariter::IteratorExt as _;
    use rayon::iter::{ParallelBridge as _, ParallelIterator as _};

    use super::*;

    pub(super) fn tiny(cases: Cases<'_, Numbers, u64>) -> Cases<'_, Numbers, u64> {
        cases
            .at_most(0.1, "pariter")
            .at_most(0.2, "rayon par_bridge, unordered")
            .case("pariter", |numbers| {
                sum((0..numbers.len() as u64).parallel_map(super::tiny))
            })
            .mark_peer()
            .case("rayon par_bridge, unordered", |numbers| {
                let mapped: Numbers = (0..numbers.len() as u64)
                    .par_bridge()
                    .map(super::tiny)
                    .collect();
                sum(mapped.into_iter())
            })
            .mark_peer()
    }
}
