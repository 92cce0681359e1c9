//! Work for the processor, asked for by tasks that must not be held up by it.

mod pool;

pub use self::pool::CpuPool;
use crate::Failure;

/// Runs a closure on threads of their own, and waits for it without blocking the thread that waits.
///
/// Tasks of a runtime share its threads. One that computes for longer than some tens of microseconds holds up all others
/// of its thread: timers fire late, connections are not read. `tokio::task::spawn_blocking` does not hold them up, but has up to 512
/// threads, too many for work that keeps a processor busy each, and an endless queue. This has
/// [as many threads as there are processors](crate::CoreBudget::cores) and a short queue; see [`CpuPool`]. Who finds it full
/// waits, in order of arrival, as a future does.
///
/// A wait that is dropped cancels the closure if it has not begun: the closure is dropped at once, and its place in the queue is free. What has
/// begun goes on, and its result is dropped. The closure is handed over when the future is first polled.
///
/// **Cost:** one allocation for the closure and one for the result, and the waking of two threads: some 8 µs where one call
/// follows the other within 30 µs, for so long a thread looks for work before it sleeps, and gives its processor to whoever wants it
/// meanwhile; some 25 µs after a longer pause. Nobody but that one thread waits actively. Needs no
/// runtime: any executor may poll it.
///
/// # Errors
/// [`Failure::Panicked`] if the closure panicked.
///
/// # Panics
/// If the threads of the pool cannot be started, when it is first used.
///
/// A closure that blocks on another `cpu` may wait for ever, when all threads do so.
///
/// # Examples
/// ```
/// use tuneup_concurrency::cpu;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let primes = cpu(|| (2..1000_u32).filter(|n| (2..*n).all(|d| n % d != 0)).count());
/// assert_eq!(primes.await.unwrap(), 168);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "spawn_blocking")]
#[doc(alias = "run_in_executor")]
#[doc(alias = "to_thread")]
pub async fn cpu<F, T>(work: F) -> Result<T, Failure>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    CpuPool::global().run(work).await
}
