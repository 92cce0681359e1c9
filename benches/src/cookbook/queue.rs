//! First in, first out: tasks take turns until each is done.

use std::collections::VecDeque;

use tuneup_benchmarking::harness::{Class, Suite};

use super::SHORT_INPUTS;

/// A task that needs a number of turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Names the task.
    pub id: u32,
    /// The turns it still needs, one or more.
    pub turns: u32,
}

/// Takes from the front of a `Vec`, and every other task moves up one place: O(turns × waiting).
// ANCHOR: slow
pub fn remove_from_the_front(tasks: &[Task]) -> Vec<u32> {
    let mut waiting = tasks.to_vec();
    let mut finished = Vec::new();
    while !waiting.is_empty() {
        let task = waiting.remove(0);
        if task.turns > 1 {
            waiting.push(Task {
                turns: task.turns - 1,
                ..task
            });
        } else {
            finished.push(task.id);
        }
    }
    finished
}
// ANCHOR_END: slow

/// A ring has two ends: O(turns).
// ANCHOR: fast
pub fn ring(tasks: &[Task]) -> Vec<u32> {
    let mut waiting: VecDeque<Task> = tasks.iter().copied().collect();
    let mut finished = Vec::new();
    while let Some(task) = waiting.pop_front() {
        if task.turns > 1 {
            waiting.push_back(Task {
                turns: task.turns - 1,
                ..task
            });
        } else {
            finished.push(task.id);
        }
    }
    finished
}
// ANCHOR_END: fast

/// `n` tasks of one to four turns, others for each seed.
pub fn input(n: usize, seed: u64) -> Vec<Task> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..n as u32)
        .map(|id| Task {
            id,
            turns: random.u32(1..=4),
        })
        .collect()
}

/// Registers the growing queue, and a short one.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/queue")
        .about("n tasks take turns until each is done")
        .size(2_048)
        .sizes(&[32, 64, 128, 256, 512, 1_024, 2_048])
        .elements(|n| n as u64)
        .input(|n| input(n, 0))
        .case("remove from the front", |tasks: &Vec<Task>| {
            remove_from_the_front(tasks)
        })
        .class(Class::Quadratic)
        .case("ring", |tasks: &Vec<Task>| ring(tasks))
        .class(Class::Linear)
        .finish();
    suite
        .group("cookbook/queue-short")
        .about("n tasks take turns, 64 times")
        .size(16)
        .elements(|n| n as u64 * SHORT_INPUTS)
        .input(|n| {
            (0..SHORT_INPUTS)
                .map(|seed| input(n, seed))
                .collect::<Vec<_>>()
        })
        .case("remove from the front", |inputs: &Vec<Vec<Task>>| {
            inputs
                .iter()
                .map(|tasks| remove_from_the_front(tasks).len())
                .sum::<usize>()
        })
        .case("ring", |inputs: &Vec<Vec<Task>>| {
            inputs.iter().map(|tasks| ring(tasks).len()).sum::<usize>()
        })
        .finish();
}
