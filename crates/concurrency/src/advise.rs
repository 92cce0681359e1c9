//! Which model fits the work, measured on a sample of it.

mod advice;
mod clock;
mod judge;
mod measured;
mod model;
mod sample;
#[cfg(all(test, not(loom)))]
mod tests;
mod trials;

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use tuneup_measure::quantile_in_place;

pub use self::{
    advice::Advice,
    measured::{Measured, Trial},
    model::Model,
};
use self::{
    judge::Wishes,
    sample::{Lap, Sample},
    trials::Serial,
};
use crate::{CoreBudget, Error, cost::Site};

const DEFAULT_SAMPLE_ITEMS: usize = 10_000;
const DEFAULT_SAMPLE_TIME: Duration = Duration::from_secs(1);
const DEFAULT_MAX_THREADS: usize = 64;
const MOST_SAMPLE_TIME: Duration = Duration::from_secs(86_400);

/// The part of the sample, of its time and of its items, that is worked on serially before anything is tried.
const SERIAL_PART: usize = 4;

/// Blocks that are shorter are doubled: what is timed must be long against reading two clocks.
const BLOCK: Duration = Duration::from_micros(100);

/// Who waits for less of the time gains nothing by more threads than processors.
const MORE_THREADS_FROM: f64 = 0.1;

/// Items that take less are not worth a task each, which costs a microsecond or two.
const WORTH_A_TASK: Duration = Duration::from_micros(10);

/// Works on a sample of the items in several ways, and says which is the right one for the others.
///
/// The function is called for the first items, each once, and their results come back in [`Advice::results`]. With `&mut items` the others are left
/// in the iterator:
///
/// ```
/// use tuneup_concurrency::{Model, advise};
///
/// let mut items = 0..100_000_u64;
/// let advice = advise(&mut items, |n| n * n);
/// let squares: Vec<u64> = match advice.model {
///     Model::Parallel { .. } => tuneup_concurrency::par::map(items.collect::<Vec<_>>(), |n| n * n),
///     _ => items.map(|n| n * n).collect(),
/// };
/// assert_eq!(advice.results.len() + squares.len(), 100_000);
/// println!("{advice}");
/// ```
///
/// First, items are worked on one after the other: what one takes, and how much of it is computing, by the processor clock of the thread.
/// Then the plain loop, [`par::map`](crate::par::map) and, for functions that wait, more threads take turns: the trial is the proof, for what shares a lock
/// or the bandwidth of the memory gains nothing by threads, however much it computes. How many threads is the rule *cores × (1 + wait / compute)* of
/// Goetz et al., *Java Concurrency in Practice* (2006). What cannot be tried with a function that blocks, futures and processes, is only
/// advised where the figures speak for it or [the caller asks](AdvisorBuilder::may_crash), and the reason says that it was not tried.
///
/// | what was measured | advice |
/// |---|---|
/// | all of the work takes less than waking a thread | [`Model::Serial`] |
/// | computes, and is faster on all processors | [`Model::Parallel`] |
/// | computes or waits, and is at most 1.1 × as fast on threads | [`Model::Serial`], with the likely cause |
/// | waits, and is faster on more threads than processors | [`Model::Threads`] |
/// | waits, and keeps four times as many threads busy as there may be, for a second or more | [`Model::Async`] |
/// | may crash, by the caller's word | [`Model::Processes`] |
///
/// **Defaults:** up to 10 000 items, for about a second, with at most 64 threads that wait; [`Advisor`] has options. No item is interrupted: the
/// time may be exceeded by a quarter, or by what six items take one after the other, if that is more. Where it does not suffice for as many threads as the
/// rule wants, those that were tried stand for them. **Cost:** the time, a vector of results, and the threads while it lasts. Items that
/// are endless need a bound by `take`, or `total_items` stays unknown.
///
/// What is measured is this machine, now, in this build: call it in release builds, on an idle machine, with items as they are. Processor
/// time is known on Unix; elsewhere the trials alone decide, with twice as many threads as processors for one of them.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic) that tells the index of the item, and if the iterator does.
#[doc(alias = "which_model")]
#[track_caller]
pub fn advise<I, R, F>(items: I, f: F) -> Advice<R>
where
    I: IntoIterator<Item: Send>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    Advisor {
        sample_items: DEFAULT_SAMPLE_ITEMS,
        sample_time: DEFAULT_SAMPLE_TIME,
        total_items: None,
        wishes: Wishes {
            max_threads: const { NonZeroUsize::new(DEFAULT_MAX_THREADS).unwrap() },
            may_crash: false,
            payload_bytes: None,
        },
    }
    .advise(items, f)
}

/// [`advise`] with options. Can be used again. `Send` and `Sync`.
///
/// ```
/// use std::{thread, time::Duration};
/// use tuneup_concurrency::Advisor;
///
/// let advice = Advisor::builder()
///     .sample_time(Duration::from_millis(100))
///     .total_items(100_000)
///     .build()?
///     .advise(0..50, |_| thread::sleep(Duration::from_millis(1)));
/// // Mostly many threads: what waits needs no processor.
/// println!("{advice}");
/// assert_eq!(advice.results.len(), advice.measured.items);
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Advisor {
    sample_items: usize,
    sample_time: Duration,
    total_items: Option<usize>,
    wishes: Wishes,
}

/// Options of an [`Advisor`].
///
/// See [`Advisor`] for an example.
#[derive(Debug, Clone)]
#[must_use = "nothing is measured before `build`"]
pub struct AdvisorBuilder {
    sample_items: usize,
    sample_time: Duration,
    total_items: Option<usize>,
    max_threads: usize,
    may_crash: bool,
    payload_bytes: Option<usize>,
}

impl AdvisorBuilder {
    /// How many items may be used, 1 or more; 10 000 by default. Fewer than about 20 leave little to try.
    pub fn sample_items(mut self, items: usize) -> Self {
        self.sample_items = items;
        self
    }

    /// For how long new items are begun, more than zero and up to a day; one second by default.
    pub fn sample_time(mut self, time: Duration) -> Self {
        self.sample_time = time;
        self
    }

    /// How many items there are in all, if the iterator has fewer or does not know. By default what its `size_hint` says, if that is exact.
    pub fn total_items(mut self, items: usize) -> Self {
        self.total_items = Some(items);
        self
    }

    /// The most threads that are tried and advised for functions that wait, 1 to 10 000; 64 by default. [`par::map`](crate::par::map) has those of
    /// its pool.
    pub fn max_threads(mut self, threads: usize) -> Self {
        self.max_threads = threads;
        self
    }

    /// Says that the function may crash the process or leak: then processes are advised, which nothing measured could tell.
    ///
    /// The sample is worked on in this process nevertheless: give it items that are known to do no harm.
    pub fn may_crash(mut self) -> Self {
        self.may_crash = true;
        self
    }

    /// What an item and its result are, serialised and together, in bytes. Only with [`may_crash`](Self::may_crash) it says something: whether
    /// handing them to another process costs more than the work.
    pub fn payload_bytes(mut self, bytes: usize) -> Self {
        self.payload_bytes = Some(bytes);
        self
    }

    /// Checks the options.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a number that is not allowed.
    ///
    /// ```
    /// use tuneup_concurrency::{Advisor, Error};
    ///
    /// let none = Advisor::builder().sample_items(0).build();
    /// assert!(matches!(none, Err(Error::OutOfRange { option: "sample_items", .. })));
    /// ```
    pub fn build(self) -> Result<Advisor, Error> {
        let refuse = |option, value: String, allowed| {
            Err(Error::OutOfRange {
                option,
                value,
                allowed,
            })
        };
        if self.sample_items == 0 {
            return refuse("sample_items", "0".to_owned(), "1 or more");
        }
        if self.sample_time.is_zero() || self.sample_time > MOST_SAMPLE_TIME {
            let value = format!("{:?}", self.sample_time);
            return refuse("sample_time", value, "more than 0, and a day at most");
        }
        let max_threads = NonZeroUsize::new(self.max_threads).filter(|n| n.get() <= 10_000);
        let Some(max_threads) = max_threads else {
            return refuse("max_threads", self.max_threads.to_string(), "1 to 10000");
        };
        Ok(Advisor {
            sample_items: self.sample_items,
            sample_time: self.sample_time,
            total_items: self.total_items,
            wishes: Wishes {
                max_threads,
                may_crash: self.may_crash,
                payload_bytes: self.payload_bytes,
            },
        })
    }
}

impl Advisor {
    /// The options, with their defaults.
    pub fn builder() -> AdvisorBuilder {
        AdvisorBuilder {
            sample_items: DEFAULT_SAMPLE_ITEMS,
            sample_time: DEFAULT_SAMPLE_TIME,
            total_items: None,
            max_threads: DEFAULT_MAX_THREADS,
            may_crash: false,
            payload_bytes: None,
        }
    }

    /// See [`advise`].
    ///
    /// # Panics
    /// As [`advise`].
    #[track_caller]
    pub fn advise<I, R, F>(&self, items: I, f: F) -> Advice<R>
    where
        I: IntoIterator<Item: Send>,
        R: Send,
        F: Fn(I::Item) -> R + Sync,
    {
        let site = Site::of_caller();
        let until = Instant::now() + self.sample_time;
        let mut items = items.into_iter();
        let (least, most) = items.size_hint();
        let total_items = self
            .total_items
            .or_else(|| most.filter(|most| *most == least));
        let mut sample = Sample::new(&mut items, &f, self.sample_items);

        let first = sample.serially(1);
        let queued_before = clock::queued_time();
        let begin = Instant::now();
        let alone = alone(&mut sample, begin, self.sample_time / SERIAL_PART as u32);
        let elapsed = begin.elapsed();
        let queued = clock::queued_time().saturating_sub(queued_before);

        let mut measured = figures(first, &alone, queued, elapsed);
        measured.total_items = total_items;
        measured.item_bytes = size_of::<I::Item>();
        measured.result_bytes = size_of::<R>();
        let models = candidates(&measured, self.wishes.max_threads);
        let serial = Serial {
            item: measured.item,
            item_ns: &alone.item_ns,
        };
        if alone.sum.is_some() && !models.is_empty() {
            // As at a call that is not the first from its place.
            site.learn(measured.item.as_nanos() as f64);
            measured.trials = trials::run(&mut sample, &models, &serial, until);
        }
        let results = sample.into_results();
        measured.items = results.len();
        let (model, reason) = judge::judge(&measured, &self.wishes);
        Advice {
            model,
            reason,
            measured,
            results,
        }
    }
}

/// What items take one after the other.
struct Alone {
    sum: Option<Lap>,
    /// The averages of the longest blocks, in nanoseconds.
    item_ns: Vec<f64>,
}

fn alone<I, R, F>(sample: &mut Sample<'_, I, R, F>, begin: Instant, time: Duration) -> Alone
where
    I: Iterator<Item: Send>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    let mut left = (sample.left() / SERIAL_PART).max(1);
    let mut block = 1;
    let mut laps: Vec<Lap> = Vec::new();
    // One that would take longer than the time is not begun: where items are long, what is left is for the trials.
    let has_time = |last: &Lap| begin.elapsed() + last.wall < time;
    while left > 0 && laps.last().is_none_or(has_time) {
        let Some(lap) = sample.serially(block.min(left)) else {
            break;
        };
        left -= lap.items;
        if lap.wall < BLOCK {
            block *= 2;
        }
        laps.push(lap);
    }
    let longest = laps.iter().map(|lap| lap.items).max().unwrap_or(0);
    let item_ns = laps
        .iter()
        .filter(|lap| lap.items > longest / 2)
        .map(Lap::item_ns)
        .collect();
    let sum = laps.into_iter().reduce(Lap::and);
    Alone { sum, item_ns }
}

/// All but the trials, and what the caller knows.
fn figures(first: Option<Lap>, alone: &Alone, queued: Duration, elapsed: Duration) -> Measured {
    let whole = |ns: f64| Duration::from_nanos(ns.round() as u64);
    let first_ns = first.map_or(0.0, |lap| lap.item_ns());
    // One item alone has to stand for all.
    let lap = alone.sum.or(first);
    let mut item_ns = match &alone.item_ns[..] {
        [] => vec![first_ns],
        item_ns => item_ns.to_vec(),
    };
    let items = lap.map_or(1.0, |lap| lap.items as f64);
    let wall = lap.map_or(Duration::ZERO, |lap| lap.wall);
    // Of short blocks the reading of the clock is a part.
    let computes = lap.and_then(|lap| Some(lap.processor?.min(wall)));
    // Some of the time without a processor may have been between the blocks.
    let spent = wall
        .saturating_sub(queued)
        .max(computes.unwrap_or_default());
    let per_item = |all: Duration| whole(all.as_nanos() as f64 / items);
    Measured {
        items: 0,
        total_items: None,
        first_item: whole(first_ns),
        item: per_item(spent),
        item_low: whole(quantile_in_place(&mut item_ns, 0.1)),
        item_high: whole(quantile_in_place(&mut item_ns, 0.9)),
        processor: computes.map(per_item),
        waiting: computes.map(|computes| ratio(spent - computes, spent)),
        queued: ratio(queued, elapsed),
        cores: CoreBudget::global().cores(),
        item_bytes: 0,
        result_bytes: 0,
        trials: Vec::new(),
    }
}

/// 0 to 1.
fn ratio(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() {
        0.0
    } else {
        (part.as_secs_f64() / whole.as_secs_f64()).min(1.0)
    }
}

/// What is worth a trial beside the plain loop, and with how many threads each.
fn candidates(measured: &Measured, max_threads: NonZeroUsize) -> Vec<(Model, usize)> {
    let mut models = Vec::new();
    let pool = rayon::current_num_threads();
    if pool > 1 {
        models.push((Model::Parallel { workers: pool }, pool));
    }
    let cores = measured.cores;
    let wanted = match measured.waiting {
        Some(waiting) if waiting < MORE_THREADS_FROM => 0,
        Some(waiting) => judge::threads_for(cores, waiting),
        None => cores.get().saturating_mul(2),
    };
    let workers = wanted.min(max_threads.get());
    if workers > cores.get() && measured.item >= WORTH_A_TASK {
        models.push((Model::Threads { workers }, workers));
    }
    models
}
