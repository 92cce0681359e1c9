//! Items that go through stages, beside threads and channels by hand.

use std::{
    sync::mpsc::sync_channel,
    thread::{self, Scope},
};

use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_concurrency::Pipeline;

use super::{job, of_items};

/// The capacity of all queues.
const QUEUE: usize = 256;

pub(super) fn register(suite: &mut Suite) {
    tiny_items(suite);
    dear_items(suite);
}

fn group<'s>(
    suite: &'s mut Suite,
    name: &str,
    about: &str,
    size: usize,
    answer: fn(u64) -> u64,
) -> Cases<'s, usize, u64> {
    of_items(suite, name, about, size)
        .input(|n| n)
        .expect(move |n| (0..*n as u64).map(answer).fold(0, in_order))
}

/// Another one for another order.
fn in_order(sum: u64, item: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(item)
}

fn double(n: u64) -> u64 {
    n * 2 + 1
}

fn flip(n: u64) -> u64 {
    n ^ 5
}

fn tiny_items(suite: &mut Suite) {
    group(
        suite,
        "pipeline_tiny",
        "100000 numbers through two stages of a thread each, an operation each, in order",
        100_000,
        |n| flip(double(n)),
    )
    .case("tuneup", |n| {
        let mut sum = 0;
        Pipeline::from_iter(0..*n as u64)
            .queue(QUEUE)
            .stage("double", 1, double)
            .queue(QUEUE)
            .stage("flip", 1, flip)
            .queue(QUEUE)
            .ordered()
            .run(|item| sum = in_order(sum, item))
            .expect("no stage fails");
        sum
    })
    .at_most(0.5, "threads and sync_channel")
    .case("threads and sync_channel", |n| {
        thread::scope(|scope| {
            let items = by_hand(scope, 0..*n as u64);
            let doubled = by_hand(scope, items.map(double));
            let flipped = by_hand(scope, doubled.map(flip));
            flipped.fold(0, in_order)
        })
    })
    .mark_peer()
    .finish();
}

/// A thread that makes items and sends them.
fn by_hand<'scope>(
    scope: &'scope Scope<'scope, '_>,
    items: impl Iterator<Item = u64> + Send + 'scope,
) -> impl Iterator<Item = u64> + Send + 'scope {
    let (sender, receiver) = sync_channel(QUEUE);
    scope.spawn(move || {
        for item in items {
            sender.send(item).expect("the next one takes them all");
        }
    });
    receiver.into_iter()
}

fn dear(n: u64) -> u64 {
    job(n, 10)
}

fn dear_items(suite: &mut Suite) {
    group(
        suite,
        "pipeline_10_us",
        "1000 numbers through a stage of two threads, some 10 µs each, in order",
        1_000,
        dear,
    )
    .case("tuneup", |n| {
        let mut sum = 0;
        Pipeline::from_iter(0..*n as u64)
            .stage("dear", 2, dear)
            .ordered()
            .run(|item| sum = in_order(sum, item))
            .expect("no stage fails");
        sum
    })
    .at_most(1.1, "two threads, half of the numbers each")
    .case("two threads, half of the numbers each", |n| {
        let n = *n as u64;
        let half = |items: std::ops::Range<u64>| items.map(dear).collect::<Vec<_>>();
        thread::scope(|scope| {
            let second = scope.spawn(move || half(n / 2..n));
            let first = half(0..n / 2);
            let second = second.join().expect("it does not panic");
            first.into_iter().chain(second).fold(0, in_order)
        })
    })
    .mark_peer()
    .finish();
}
