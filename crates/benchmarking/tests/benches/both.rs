//! The groups of both bench files: their allocations are counted as well.

use std::env;
use std::hint::black_box;

use tuneup_benchmarking::harness::Suite;

/// Names a folder: an executable below it does four times the work and allocates once more.
const PLANTED_BELOW: &str = "TUNEUP_TEST_PLANTED_BELOW";

/// Whether this executable is the one with the planted slowdown.
fn is_planted() -> bool {
    env::var_os(PLANTED_BELOW)
        .is_some_and(|folder| env::current_exe().is_ok_and(|path| path.starts_with(folder)))
}

/// Allocations that are known to the byte.
pub(crate) fn vectors(suite: &mut Suite) {
    suite
        .group("tiny/vectors")
        .size(1_000)
        .input(|n| n as u64)
        .case("one block", |&n: &u64| (0..n).collect::<Vec<u64>>().len())
        .case("two blocks", |&n: &u64| {
            let first: Vec<u64> = (0..n).collect();
            let second = black_box(first.clone());
            drop(first);
            second.len()
        })
        .case("none", |&n: &u64| n as usize)
        .stateful(
            "kept",
            |_| Vec::new(),
            |buffer: &mut Vec<u64>, &n: &u64| {
                buffer.clear();
                buffer.extend(0..n);
                buffer.len()
            },
        )
        .case("none inside of a scope", |&n: &u64| n as usize)
        .within(|| vec![0_u64; 100])
        .finish();
}

/// What the gate is to find.
pub(crate) fn gate(suite: &mut Suite) {
    let factor = if is_planted() { 4 } else { 1 };
    suite
        .group("gate/work")
        .size(500)
        .input(|n| n as u64)
        .case("spins", move |&n: &u64| {
            (0..n * factor).fold(1, |x: u64, i| black_box(x ^ i));
        })
        .case("allocates", move |_: &u64| {
            for _ in 1..factor.max(2) {
                drop(black_box(Box::new(0_u64)));
            }
        })
        .finish();
}
