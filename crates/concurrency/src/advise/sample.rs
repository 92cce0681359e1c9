//! Working on a sample: serially, and in the ways that are tried.

use std::{
    any::Any,
    iter::Enumerate,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
    vec,
};

use super::clock::{Stopwatch, processor_time};
use crate::{ItemError, ItemPanic, Model, executor::inside, par};

/// Items that cost less are not given a reading of the processor clock each: a call of the system takes some 0.3 µs.
const TIMED_EACH: Duration = Duration::from_micros(20);

/// The items that may be used, and the results of those that were.
pub(super) struct Sample<'a, I: Iterator, R, F> {
    items: &'a mut I,
    f: &'a F,
    left: usize,
    results: Vec<R>,
}

/// What some items took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lap {
    pub(super) items: usize,
    pub(super) wall: Duration,
    pub(super) processor: Option<Duration>,
}

impl Lap {
    pub(super) fn item_ns(&self) -> f64 {
        // Never 0, so that it can be divided by.
        (self.wall.as_nanos().max(1) as f64) / self.items as f64
    }

    /// What an item had of a processor.
    pub(super) fn item_processor(&self) -> Option<Duration> {
        let processor_ns = self.processor?.as_nanos() as f64;
        Some(Duration::from_nanos(
            (processor_ns / self.items as f64) as u64,
        ))
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        let processor = self.processor.zip(other.processor);
        Self {
            items: self.items + other.items,
            wall: self.wall + other.wall,
            processor: processor.map(|(one, two)| one + two),
        }
    }
}

impl<'a, I, R, F> Sample<'a, I, R, F>
where
    I: Iterator<Item: Send>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    pub(super) fn new(items: &'a mut I, f: &'a F, most: usize) -> Self {
        let left = items.size_hint().1.unwrap_or(usize::MAX).min(most);
        Self {
            items,
            f,
            left,
            results: Vec::new(),
        }
    }

    /// How many items may still be used, as far as is known.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    pub(super) fn into_results(self) -> Vec<R> {
        self.results
    }

    fn take(&mut self, items: usize) -> Vec<I::Item> {
        let items = items.min(self.left);
        let mut taken = Vec::new();
        // Not `collect`: it would ask for room for what the iterator promises.
        taken.extend(self.items.by_ref().take(items));
        self.left -= taken.len();
        if taken.len() < items {
            self.left = 0;
        }
        taken
    }

    /// Items one after the other. `None` if there are none.
    pub(super) fn serially(&mut self, items: usize) -> Option<Lap> {
        let taken = self.take(items);
        if taken.is_empty() {
            return None;
        }
        let items = taken.len();
        self.results.reserve(items);
        let watch = Stopwatch::start();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            for item in taken {
                self.results.push((self.f)(item));
            }
        }));
        let (wall, processor) = watch.stop();
        if let Err(payload) = outcome {
            ItemPanic::new(self.results.len(), payload).resume();
        }
        Some(Lap {
            items,
            wall,
            processor,
        })
    }

    /// Items as the model says; `item` is what one costs.
    #[track_caller]
    pub(super) fn on_threads(&mut self, items: usize, model: Model, item: Duration) -> Option<Lap> {
        let taken = self.take(items);
        if taken.is_empty() {
            return None;
        }
        let items = taken.len();
        let first = self.results.len();
        let meter = Meter::new(item >= TIMED_EACH);
        let f = self.f;
        let call = |item| meter.time(|| f(item));
        let outcome = match model {
            Model::Threads { workers } => threads(taken, workers, &call),
            _ => parallel(taken, &call),
        };
        let (wall, results) = match outcome {
            Ok(done) => done,
            Err(panic) => ItemPanic::new(first + panic.index, panic.error).resume(),
        };
        self.results.extend(results);
        Some(Lap {
            items,
            wall,
            processor: meter.processor(),
        })
    }
}

/// The processor time of calls on several threads.
struct Meter {
    is_on: bool,
    total_ns: AtomicU64,
}

impl Meter {
    fn new(is_on: bool) -> Self {
        Self {
            is_on: is_on && processor_time().is_some(),
            total_ns: AtomicU64::new(0),
        }
    }

    fn time<R>(&self, call: impl FnOnce() -> R) -> R {
        if !self.is_on {
            return call();
        }
        let watch = Stopwatch::start();
        let result = call();
        let spent = watch.stop().1.unwrap_or_default();
        // A cast of 500 years.
        self.total_ns.fetch_add(spent.as_nanos() as u64, Relaxed);
        result
    }

    fn processor(&self) -> Option<Duration> {
        self.is_on
            .then(|| Duration::from_nanos(self.total_ns.load(Relaxed)))
    }
}

type Payload = Box<dyn Any + Send>;
type Done<R> = Result<(Duration, Vec<R>), ItemError<Payload>>;

/// By the engine of [`par::map`], as if called from the place that asks for advice.
#[track_caller]
fn parallel<T: Send, R: Send>(items: Vec<T>, f: &(impl Fn(T) -> R + Sync)) -> Done<R> {
    let start = Instant::now();
    let results = par::try_map(items, |item| catch_unwind(AssertUnwindSafe(|| f(item))))?;
    Ok((start.elapsed(), results))
}

/// By so many threads, which are there before the time begins, as those of an executor are.
fn threads<T: Send, R: Send>(
    items: Vec<T>,
    workers: usize,
    f: &(impl Fn(T) -> R + Sync),
) -> Done<R> {
    let len = items.len();
    let queue = Queue(Mutex::new(items.into_iter().enumerate()));
    let done = Mutex::new(Vec::with_capacity(len));
    let failed = Mutex::new(None);
    let work = || queue.work(f, &done, &failed);
    let help = || {
        inside::become_helper();
        work();
    };
    let start = thread::scope(|scope| {
        // Until all are there, none gets an item.
        let closed = queue.lock();
        // What the system refuses is done by fewer.
        let started = (0..workers.min(len))
            .filter(|_| thread::Builder::new().spawn_scoped(scope, help).is_ok())
            .count();
        let start = Instant::now();
        drop(closed);
        if started == 0 {
            work();
        }
        start
    });
    let wall = start.elapsed();
    if let Some(failure) = into_inner(failed) {
        return Err(failure);
    }
    let mut done: Vec<(usize, R)> = into_inner(done);
    done.sort_unstable_by_key(|(index, _)| *index);
    Ok((wall, done.into_iter().map(|(_, result)| result).collect()))
}

struct Queue<T>(Mutex<Enumerate<vec::IntoIter<T>>>);

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, Enumerate<vec::IntoIter<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on items until none is left or one has panicked.
    fn work<R>(
        &self,
        f: &impl Fn(T) -> R,
        done: &Mutex<Vec<(usize, R)>>,
        failed: &Mutex<Option<ItemError<Payload>>>,
    ) {
        loop {
            // Not in the condition of a `while let`: the lock would be held during the call.
            let next = self.lock().next();
            let Some((index, item)) = next else { return };
            if lock(failed).is_some() {
                return;
            }
            match catch_unwind(AssertUnwindSafe(|| f(item))) {
                Ok(result) => lock(done).push((index, result)),
                Err(payload) => {
                    let failure = ItemError::new(index, payload);
                    let later = match &mut *lock(failed) {
                        Some(first) if first.index < index => Some(failure),
                        first => first.replace(failure),
                    };
                    drop(later);
                    return;
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}
