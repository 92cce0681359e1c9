//! Who works on which part of the items: inline while that is cheaper, else in chunks that the threads take one by one.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use super::{
    loan::{Invitations, lend},
    sync::{AtomicBool, Mutex, Ordering, lock},
};
use crate::cost::{FirstItem, Site};

/// From which amount of work on a second thread is worth being woken: to hand work over costs about as much.
const HAND_OVER_NS: f64 = 15_000.0;

/// Between two looks at the clock, inline.
const INLINE_BLOCK_NS: f64 = 3_000.0;

/// What a thread takes at once: long against the 50 ns that taking costs, short against what people wait for.
const CHUNK_NS: f64 = 100_000.0;

/// Smaller chunks are not worth taking, except at the very end.
const LEAST_CHUNK_NS: f64 = 3_000.0;

/// By how much a chunk may be longer than the one before. What is known of the cost comes from the items before: those that follow may
/// cost a thousand times as much, and then a chunk must not hold a good part of all of them.
const GROWTH: usize = 4;

/// Work that can be divided at any place.
pub(super) trait Divide: Send + Sized {
    /// How many items it is.
    fn len(&self) -> usize;

    /// The first `at` items, and the others.
    fn split_at(self, at: usize) -> (Self, Self);
}

/// What is done with the items.
pub(super) trait Task<W>: Sync {
    /// What a thread keeps from one of its chunks to the next.
    type Local;

    fn begin(&self) -> Self::Local;

    /// Works on the chunk whose first item is number `start`. A break stops all threads after their chunk.
    fn chunk(&self, local: &mut Self::Local, start: usize, work: W) -> ControlFlow<()>;

    fn end(&self, local: Self::Local);
}

/// Does all the work, two items or more, or until the task breaks; how many items, from the first on, were handed to the task.
///
/// The calling thread works too and runs nothing but this work; it never waits for a thread that has not begun.
#[inline]
pub(super) fn run<W: Divide, T: Task<W>>(work: W, site: Site, task: &T) -> usize {
    let known_ns = site.cost_ns();
    match known_ns {
        Some(cost_ns) if cost_ns * work.len() as f64 <= HAND_OVER_NS => {
            run_inline(work, cost_ns, site, task)
        }
        // Also a place that is new. If it is given two items that take a second each, the second must not wait until the first is
        // measured; if all is tiny, the price is one hand-over in the life of the process.
        _ => run_parallel(work, 0, known_ns, site, task),
    }
}

/// Does all the work but the first item, which is done and has cost far more than is known of the place. As [`run`] in all else.
#[cold]
pub(super) fn run_after_first<W: Divide, T: Task<W>>(work: W, site: Site, task: &T) -> usize {
    let taken = run_parallel(work, 1, None, site, task);
    site.distrust();
    taken
}

/// Works here as long as what is left is cheaper than handing it over, by what the items until then have cost.
#[inline(never)]
fn run_inline<W: Divide, T: Task<W>>(work: W, cost_ns: f64, site: Site, task: &T) -> usize {
    let len = work.len();
    let mut local = task.begin();
    let mut rest = work;
    let mut done = 0;
    // The first block is short: what is known may be wrong for these items.
    let mut block = items_in(INLINE_BLOCK_NS / 4.0, cost_ns);
    let start = Instant::now();
    if block > 1 {
        // How wrong, the first item tells before the others of its block are begun.
        let (piece, others) = rest.split_at(1);
        rest = others;
        done = 1;
        let first = FirstItem::begin();
        if task.chunk(&mut local, 0, piece).is_break() {
            task.end(local);
            return done;
        }
        if !first.is_tiny() {
            task.end(local);
            return run_after_first(rest, site, task);
        }
    }
    loop {
        let (piece, others) = rest.split_at(block.min(len - done));
        let at = done;
        done += piece.len();
        rest = others;
        if task.chunk(&mut local, at, piece).is_break() {
            break;
        }
        let cost_ns = nanoseconds(start.elapsed()) / done as f64;
        if done == len {
            site.learn(cost_ns);
            break;
        }
        if cost_ns * (len - done) as f64 > HAND_OVER_NS {
            task.end(local);
            return run_parallel(rest, done, Some(cost_ns), site, task);
        }
        block = items_in(INLINE_BLOCK_NS, cost_ns).min(block.saturating_mul(GROWTH));
    }
    task.end(local);
    done
}

#[inline(never)]
fn run_parallel<W: Divide, T: Task<W>>(
    work: W,
    start: usize,
    cost_ns: Option<f64>,
    site: Site,
    task: &T,
) -> usize {
    let len = work.len();
    let threads = rayon::current_num_threads();
    let shares = Shares {
        left: Mutex::new(Left {
            work: Some(work),
            start,
        }),
        stop: AtomicBool::new(false),
        spent: Mutex::new(Duration::ZERO),
        first_cost_ns: cost_ns,
        threads,
    };
    let helpers = threads.min(len).saturating_sub(1);
    if helpers == 0 {
        shares.work(task, None);
    } else {
        let help = || shares.work(task, None);
        lend(helpers, &help, |invitations| {
            shares.work(task, Some(invitations));
        });
    }
    let taken = lock(&shares.left).start;
    if !shares.stop.load(Ordering::Relaxed) {
        site.learn(nanoseconds(*lock(&shares.spent)) / len as f64);
    }
    taken
}

/// The work that threads share.
struct Shares<W> {
    left: Mutex<Left<W>>,
    stop: AtomicBool,
    /// By all threads together.
    spent: Mutex<Duration>,
    first_cost_ns: Option<f64>,
    threads: usize,
}

struct Left<W> {
    /// None while it is divided, and at the end.
    work: Option<W>,
    /// The number of its first item.
    start: usize,
}

impl<W: Divide> Shares<W> {
    /// Takes chunks and works on them until none is left or somebody says stop.
    fn work<T: Task<W>>(&self, task: &T, mut invitations: Option<&mut Invitations<'_>>) {
        let mut pace = Pace {
            cost_ns: self.first_cost_ns,
            longest: usize::MAX,
        };
        let mut local = task.begin();
        let begin = Instant::now();
        let mut now = begin;
        while !self.stop.load(Ordering::Relaxed) {
            let Some((start, piece)) = self.take(&pace) else {
                break;
            };
            if let Some(invitations) = &mut invitations {
                invitations.send();
            }
            let len = piece.len();
            if task.chunk(&mut local, start, piece).is_break() {
                self.stop.store(true, Ordering::Relaxed);
            }
            let before = std::mem::replace(&mut now, Instant::now());
            pace.follow(nanoseconds(now - before), len);
        }
        *lock(&self.spent) += now - begin;
        task.end(local);
    }

    fn take(&self, pace: &Pace) -> Option<(usize, W)> {
        let mut left = lock(&self.left);
        let work = left.work.take()?;
        let start = left.start;
        let remaining = work.len();
        let wanted = pace.chunk(remaining, self.threads);
        left.start += wanted.min(remaining);
        if wanted >= remaining {
            return Some((start, work));
        }
        let (piece, rest) = work.split_at(wanted);
        left.work = Some(rest);
        Some((start, piece))
    }
}

/// How many items a thread takes at once.
struct Pace {
    cost_ns: Option<f64>,
    longest: usize,
}

impl Pace {
    /// A share of what is left, so that all end together (guided self-scheduling, Polychronopoulos and Kuck 1987), within
    /// what a chunk may last.
    fn chunk(&self, remaining: usize, threads: usize) -> usize {
        let share = remaining / (2 * threads);
        let (least, most) = match self.cost_ns {
            Some(cost_ns) => (
                items_in(LEAST_CHUNK_NS, cost_ns),
                items_in(CHUNK_NS, cost_ns),
            ),
            // Nothing is known: little is a chunk, and many chunks are not so many.
            None => (1, (remaining / (64 * threads)).max(1)),
        };
        share.clamp(least, most).min(self.longest).max(1)
    }

    fn follow(&mut self, spent_ns: f64, items: usize) {
        self.cost_ns = Some(spent_ns / items as f64);
        self.longest = items.saturating_mul(GROWTH);
    }
}

/// At least 1.
fn items_in(ns: f64, cost_ns: f64) -> usize {
    // A cast of a float saturates.
    ((ns / cost_ns) as usize).max(1)
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}
