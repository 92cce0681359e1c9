//! The n-th Fibonacci number, modulo 2⁶⁴ (from the 94th on that matters): work that is done again
//! and again, remembered, or not needed.

use std::collections::HashMap;

use tuneup_benchmarking::harness::{Class, Suite};

/// The definition as code. It computes the small numbers again and again: φⁿ ≈ 1.618ⁿ calls.
// ANCHOR: slow
pub fn naive(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        naive(n - 1).wrapping_add(naive(n - 2))
    }
}
// ANCHOR_END: slow

/// Remembers every number it has computed: O(n) calls.
// ANCHOR: memo
pub fn memo(n: u64) -> u64 {
    fn recall(n: u64, known: &mut HashMap<u64, u64>) -> u64 {
        if n < 2 {
            return n;
        }
        if let Some(number) = known.get(&n) {
            return *number;
        }
        let number = recall(n - 1, known).wrapping_add(recall(n - 2, known));
        known.insert(n, number);
        number
    }
    recall(n, &mut HashMap::new())
}
// ANCHOR_END: memo

/// Each number needs only the two before it: O(n) additions, no memory.
// ANCHOR: fast
pub fn iterative(n: u64) -> u64 {
    let (mut a, mut b) = (0_u64, 1_u64);
    for _ in 0..n {
        (a, b) = (b, a.wrapping_add(b));
    }
    a
}
// ANCHOR_END: fast

/// Registers the growth of the first, the three beside each other, and the two that go far; the
/// size is n itself.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/fibonacci-growth")
        .about("how the naive version of the n-th Fibonacci number grows")
        .size(20)
        .sizes(&[8, 10, 12, 14, 16, 18, 20, 22, 24])
        .input(|n| n as u64)
        .case("naive", |n: &u64| naive(*n))
        .class(Class::Exponential)
        .finish();
    suite
        .group("cookbook/fibonacci")
        .about("the n-th Fibonacci number")
        .size(24)
        .input(|n| n as u64)
        .case("naive", |n: &u64| naive(*n))
        .case("memo", |n: &u64| memo(*n))
        .case("iterative", |n: &u64| iterative(*n))
        .finish();
    suite
        .group("cookbook/fibonacci-large")
        .about("the n-th Fibonacci number, for an n that the naive version never reaches")
        .size(2_048)
        .input(|n| n as u64)
        .case("memo", |n: &u64| memo(*n))
        .case("iterative", |n: &u64| iterative(*n))
        .finish();
}
