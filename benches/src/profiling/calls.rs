//! What a recorded call costs beyond the call.

use std::hint::black_box;

use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_measure::__private::read_counter;
use tuneup_profiling::{Detail, profile};

use super::recording::recording;

/// Calls in a row between two of the things that some peers want now and then, such as the end of a frame.
pub(super) const ROUND: u64 = 1_000;

/// The work of all the functions that are called.
#[inline(always)]
pub(super) fn triple(x: u64) -> u64 {
    black_box(x.wrapping_mul(3))
}

#[inline(never)]
fn plain(x: u64) -> u64 {
    triple(x)
}

#[profile]
#[inline(never)]
fn timed(x: u64) -> u64 {
    triple(x)
}

#[profile(sampled)]
#[inline(never)]
fn sampled(x: u64) -> u64 {
    triple(x)
}

/// The sum of the answers of `work` to the numbers of a range.
#[inline(always)]
pub(super) fn sum(range: std::ops::Range<u64>, mut work: impl FnMut(u64) -> u64) -> u64 {
    range.fold(0, |sum: u64, x| sum.wrapping_add(work(x)))
}

/// The same, a round at a time.
#[inline(always)]
#[cfg(feature = "peers")]
pub(super) fn sum_of_rounds(n: u64, round: impl Fn(std::ops::Range<u64>) -> u64) -> u64 {
    let starts = (0..n).step_by(ROUND as usize);
    starts.fold(0, |sum: u64, start| {
        sum.wrapping_add(round(start..n.min(start + ROUND)))
    })
}

/// The least that timing calls can cost: the processor's counter, read before and after each of them. What it says is put where the compiler
/// cannot tell that nobody looks at it.
#[inline(always)]
fn stamped(n: u64) -> u64 {
    let mut ticks = 0_u64;
    let answer = sum(0..n, |x| {
        let start = read_counter();
        let answer = plain(x);
        ticks = ticks.wrapping_add(read_counter().wrapping_sub(start));
        answer
    });
    black_box(ticks);
    answer
}

/// Beyond `plain`, the cost is that of profiling. Two readings of the counter around the plain call are the limit for whoever times it.
pub(super) fn one_thread(suite: &mut Suite) {
    let cases = suite
        .group("profiling/call")
        .about("1000 calls of a function of one multiplication")
        .size(ROUND as usize)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(tripled)
        .case("full", |&n: &u64| sum(0..n, timed))
        .within(recording(Detail::Full, || timed(1)))
        .at_most(1.35, "two TSC reads")
        .case("flat", |&n: &u64| sum(0..n, timed))
        .within(recording(Detail::Flat, || timed(1)))
        .at_most(1.15, "two TSC reads")
        .case("sampled", |&n: &u64| sum(0..n, sampled))
        .within(recording(Detail::Full, || sampled(1)))
        .case("off", |&n: &u64| sum(0..n, timed))
        .case("plain", |&n: &u64| sum(0..n, plain))
        .peer("two TSC reads", |&n: &u64| stamped(n));
    #[cfg(feature = "peers")]
    let cases = super::peers::call(cases);
    cases.finish();
}

/// Threads are new ones in each block, and what they make at their first call is timed: so an iteration is long.
pub(super) fn two_threads(suite: &mut Suite) {
    let cases = suite
        .group("profiling/call_2_threads")
        .about("50000 calls of a function of one multiplication, in each of two threads")
        .size(50 * ROUND as usize)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(tripled);
    let cases =
        two_busy(cases, "full", |n| sum(0..n, timed)).within(recording(Detail::Full, || timed(1)));
    let cases =
        two_busy(cases, "flat", |n| sum(0..n, timed)).within(recording(Detail::Flat, || timed(1)));
    let cases = two_busy(cases, "two TSC reads", stamped).mark_peer();
    #[cfg(feature = "peers")]
    let cases = super::peers::call_of_two_threads(cases);
    cases.finish();
}

/// Adds a case that two threads run at once, and that shares nothing between them.
pub(super) fn two_busy<'s>(
    cases: Cases<'s, u64, u64>,
    name: &str,
    f: impl Fn(u64) -> u64 + Clone + Sync + 'static,
) -> Cases<'s, u64, u64> {
    cases.concurrent(name, 2, |_| (), move |(), &n| f(n))
}

/// The sum of three times each number below `n`.
fn tripled(n: &u64) -> u64 {
    3 * (n * n.saturating_sub(1) / 2)
}
