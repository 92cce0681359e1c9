//! Calls within calls: a tree of some depth, in which a function calls itself.

use tuneup_benchmarking::harness::Suite;
use tuneup_profiling::{Detail, profile};

use super::recording::recording;

/// The same function under a guard of one kind or another.
macro_rules! fibonacci {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[inline(never)]
        pub(super) fn $name(n: u64) -> u64 {
            if n < 2 { n } else { $name(n - 1) + $name(n - 2) }
        }
    };
}

fibonacci!(plain);
fibonacci!(
    #[profile]
    profiled
);
#[cfg(feature = "peers")]
fibonacci!(
    #[hotpath::measure]
    measured
);

/// As many as calls of the function for `n`.
fn calls(n: usize) -> u64 {
    let steps = (0..n).fold((1_u64, 1_u64), |(a, b), _| (b, 1 + a + b));
    steps.0
}

pub(super) fn register(suite: &mut Suite) {
    let cases = suite
        .group("profiling/tree")
        .about("the 1973 calls of the recursive Fibonacci function for 15")
        .size(15)
        .elements(calls)
        .input(|n| n as u64)
        .expect(|&n| (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0)
        .case("full", |&n: &u64| profiled(n))
        .within(recording(Detail::Full, || profiled(15)))
        .case("plain", |&n: &u64| plain(n));
    #[cfg(feature = "peers")]
    let cases = cases
        .peer("hotpath", |&n: &u64| measured(n))
        .within(super::peers::hotpath);
    cases.finish();
}
