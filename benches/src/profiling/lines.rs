//! What a mark between two statements costs.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use tuneup_benchmarking::harness::Suite;
use tuneup_profiling::{Detail, profile_lines};

use super::{calls::triple, recording::recording};

/// The functions differ in their attributes alone.
macro_rules! sums {
    ($(#[$attribute:meta])* $blocking:ident, $polled:ident) => {
        $(#[$attribute])*
        #[inline(never)]
        fn $blocking(n: u64) -> u64 {
            let mut sum = 0_u64;
            for x in 0..n {
                sum = sum.wrapping_add(triple(x));
            }
            sum
        }

        $(#[$attribute])*
        async fn $polled(n: u64) -> u64 {
            let mut sum = 0_u64;
            for x in 0..n {
                sum = sum.wrapping_add(triple(x));
            }
            sum
        }
    };
}

sums!(plain, plain_async);
sums!(
    #[profile_lines]
    marked,
    marked_async
);

/// Polls a future that is never pending, without the allocation of an executor.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing is awaited"),
    }
}

/// A mark at the `let`, at each turn of the loop and its end, in its body, and before the last expression.
fn marks(n: usize) -> u64 {
    2 * n as u64 + 3
}

pub(super) fn register(suite: &mut Suite) {
    suite
        .group("profiling/line")
        .about("a function that passes 2003 marks, with a multiplication at every other one")
        .size(1_000)
        .elements(marks)
        .input(|n| n as u64)
        .expect(|n| 3 * (n * n.saturating_sub(1) / 2))
        .case("marks", |&n: &u64| marked(n))
        .within(recording(Detail::Full, || marked(1)))
        .case("marks, off", |&n: &u64| marked(n))
        .case("plain", |&n: &u64| plain(n))
        .case("async marks", |&n: &u64| block_on(marked_async(n)))
        .within(recording(Detail::Full, || block_on(marked_async(1))))
        .case("async marks, off", |&n: &u64| block_on(marked_async(n)))
        .case("async plain", |&n: &u64| block_on(plain_async(n)))
        .finish();
}
