//! Taking an object out of a pool and giving it back.

use std::hint::black_box;

use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_memory::Pool;

const OBJECTS: usize = 64;

type Buffer = Vec<u8>;

fn buffer() -> Buffer {
    Vec::with_capacity(64)
}

/// What is done with an object: it is used a little.
#[inline(always)]
fn used(buffer: &mut Buffer) -> u64 {
    buffer.clear();
    buffer.push(1);
    black_box(&*buffer).len() as u64
}

pub(super) fn register(suite: &mut Suite) {
    let cases = suite
        .group("memory/pool")
        .about("1000 times an object from a pool of 64, and back")
        .size(1000)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(|n| *n);
    all(cases, 1);
    let cases = suite
        .group("memory/pool_2_threads")
        .about("20000 times an object from a pool of 64, and back, in each of two threads")
        .size(20_000)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(|n| *n);
    all(cases, 2);
}

/// The subject, and under `peers` the others.
fn all(cases: Cases<'_, u64, u64>, threads: usize) {
    let cases = cases.concurrent(
        "tuneup",
        threads,
        |_| pool(),
        |pool, &n| sum(n, || used(&mut pool.get().expect("a buffer can be made"))),
    );
    #[cfg(feature = "peers")]
    let cases = peers::all(cases, threads);
    cases.finish();
}

fn pool() -> Pool<Buffer> {
    let pool = Pool::builder(OBJECTS).build(buffer);
    pool.expect("the options are within their ranges")
}

#[inline(always)]
fn sum(times: u64, one: impl Fn() -> u64) -> u64 {
    (0..times).map(|_| one()).sum()
}

#[cfg(feature = "peers")]
mod peers {
    use lockfree_object_pool::LinearObjectPool;

    use super::*;

    struct Buffers;

    impl opool::PoolAllocator<Buffer> for Buffers {
        fn allocate(&self) -> Buffer {
            buffer()
        }
    }

    /// The subject is to cost no more than the best of them.
    pub(super) fn all(cases: Cases<'_, u64, u64>, threads: usize) -> Cases<'_, u64, u64> {
        cases
            .at_most(1.0, "opool")
            .at_most(1.0, "object-pool")
            .at_most(1.0, "lockfree-object-pool")
            .concurrent(
                "opool",
                threads,
                |_| opool::Pool::new_prefilled(OBJECTS, Buffers),
                |pool, &n| sum(n, || used(&mut pool.get())),
            )
            .mark_peer()
            .concurrent(
                "object-pool",
                threads,
                |_| object_pool::Pool::new(OBJECTS, buffer),
                |pool, &n| sum(n, || used(&mut pool.pull(buffer))),
            )
            .mark_peer()
            .concurrent(
                "lockfree-object-pool",
                threads,
                |_| LinearObjectPool::new(buffer, |_| ()),
                |pool, &n| sum(n, || used(&mut pool.pull())),
            )
            .mark_peer()
    }
}
