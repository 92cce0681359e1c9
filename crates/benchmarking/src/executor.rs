//! Running futures to their end inside a measurement.

use std::future::Future;
use std::hint::black_box;
use std::time::Instant;

/// Runs a future to its end on the calling thread: what an async runtime calls `block_on`.
///
/// Implement it for your runtime in three lines; futures that need its timers or sockets cannot run on [`Inline`].
///
/// ```
/// use std::future::Future;
/// use tuneup_benchmarking::{BlockOn, Inline};
///
/// struct MyRuntime;
/// impl BlockOn for MyRuntime {
///     fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
///         // tokio: self.0.block_on(future)
///         Inline.block_on(future)
///     }
/// }
/// assert_eq!(MyRuntime.block_on(async { 6 * 7 }), 42);
/// ```
pub trait BlockOn {
    /// Polls the future until it is ready.
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T;
}

/// The smallest executor: polls on the calling thread and parks it in between (the `pollster` crate).
///
/// ```
/// use tuneup_benchmarking::{BlockOn, Inline};
/// assert_eq!(Inline.block_on(std::future::ready(42)), 42);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Inline;

impl BlockOn for Inline {
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        pollster::block_on(future)
    }
}

/// Nanoseconds of `iterations` futures, one after the other inside one `block_on`.
pub(crate) fn time<O>(
    executor: &impl BlockOn,
    mut f: impl AsyncFnMut() -> O,
    iterations: u64,
) -> f64 {
    executor.block_on(async {
        let start = Instant::now();
        for _ in 0..iterations {
            black_box(f().await);
        }
        start.elapsed().as_nanos() as f64
    })
}
