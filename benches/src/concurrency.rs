//! `tuneup-concurrency` beside its peers: parallel maps, ordered ones, many waits, jobs that are awaited, cancellation, lines of a file,
//! pipelines.

use std::hint::black_box;

use tuneup_benchmarking::harness::{Group, Suite};

mod cancel;
mod cpu;
mod lines;
mod maps;
mod pipelines;
mod waits;

/// Registers every group of this file.
pub fn register(suite: &mut Suite) {
    maps::register(suite);
    waits::register(suite);
    cpu::register(suite);
    cancel::register(suite);
    lines::register(suite);
    pipelines::register(suite);
}

/// A group whose work is so many items.
fn of_items<'s>(suite: &'s mut Suite, name: &str, about: &str, items: usize) -> Group<'s> {
    suite
        .group(&format!("concurrency/{name}"))
        .about(about)
        .size(items)
        .elements(|n| n as u64)
}

/// So many microseconds, about, of dependent multiplications.
fn job(n: u64, micros: u64) -> u64 {
    (0..1_000 * micros).fold(n, |n, _| {
        black_box(n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1))
    })
}
