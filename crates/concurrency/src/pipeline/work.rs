//! What the threads of a pipeline do: one pulls from the source, those of the stages work, the caller's hands out.

use std::{
    any::Any,
    collections::VecDeque,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    error::StagePanic,
    handle::Signal,
    queue::{Gate, Linger, Queue, Seen},
    report::StageReport,
};
use crate::contain::contain;

/// Items that take less altogether are taken out of a queue at once: long against a lock and a switch of threads.
const BATCH_NS: u128 = 200_000;

/// By how much a batch may be longer than the one before it, since its items may cost more.
const GROWTH: usize = 4;

/// An item on its way.
pub(super) struct Entry<T> {
    /// Where it was in the source.
    pub(super) index: usize,
    /// `None` if it has failed: its place goes on to the end, so that the order there has no gap and the place is given back.
    pub(super) item: Option<T>,
}

/// The first failure.
pub(super) struct Failure {
    /// The source is 0.
    pub(super) stage: usize,
    pub(super) index: Option<usize>,
    pub(super) source: Box<dyn Error + Send + Sync>,
}

/// What all threads of one run share.
pub(super) struct Shared {
    pub(super) signal: Arc<Signal>,
    pub(super) failure: Mutex<Option<Failure>>,
    pub(super) has_source_ended: AtomicBool,
    /// The source, the stages, the output.
    pub(super) reports: Vec<Mutex<Tally>>,
}

/// What workers have done, and how long they did what.
#[derive(Default)]
pub(super) struct Worked {
    pub(super) busy: Duration,
    pub(super) polling: Duration,
    pub(super) seen: Seen,
}

/// What the workers of a stage have counted until now.
#[derive(Default)]
pub(super) struct Tally {
    items: u64,
    worked: Worked,
}

impl Tally {
    pub(super) fn items(&self) -> u64 {
        self.items
    }

    pub(super) fn report(&self, name: &str, workers: usize, before: Option<&Gate>) -> StageReport {
        let Worked {
            busy,
            polling,
            seen,
        } = &self.worked;
        StageReport {
            name: name.to_owned(),
            is_async: false,
            workers,
            items: self.items,
            busy: *busy,
            starved: seen.starved,
            blocked: seen.blocked,
            polling: *polling,
            mean_queue_depth: seen.depths as f64 / seen.visits.max(1) as f64,
            most_queue_depth: before.map_or(0, Gate::most_len),
        }
    }
}

impl Shared {
    pub(super) fn new(signal: Arc<Signal>, stages: usize) -> Self {
        Self {
            signal,
            failure: Mutex::new(None),
            has_source_ended: AtomicBool::new(false),
            reports: (0..stages + 2).map(|_| Mutex::default()).collect(),
        }
    }

    /// Keeps the first failure, and stops the source: what was pulled is done to the end.
    pub(super) fn fail(
        &self,
        stage: usize,
        index: Option<usize>,
        source: Box<dyn Error + Send + Sync>,
    ) {
        let failure = Failure {
            stage,
            index,
            source,
        };
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        // The source of a later one may be dropped by foreign code, which is not to run under the lock.
        let later = match &*first {
            Some(_) => Some(failure),
            None => first.replace(failure),
        };
        drop(first);
        contain(|| drop(later));
        self.signal.drain();
    }

    pub(super) fn panicked(&self, stage: usize, index: usize, payload: Box<dyn Any + Send>) {
        self.fail(stage, Some(index), Box::new(StagePanic::new(payload)));
    }

    /// Counts what one thread has done from its start until now.
    pub(super) fn count(&self, stage: usize, items: u64, since: Instant, seen: Seen) {
        let busy = since.elapsed().saturating_sub(seen.starved + seen.blocked);
        let worked = Worked {
            busy,
            polling: Duration::ZERO,
            seen,
        };
        self.add(stage, items, &worked);
    }

    pub(super) fn add(&self, stage: usize, items: u64, worked: &Worked) {
        let mut tally = self.reports[stage]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        tally.items += items;
        let sum = &mut tally.worked;
        sum.busy += worked.busy;
        sum.polling += worked.polling;
        sum.seen.starved += worked.seen.starved;
        sum.seen.blocked += worked.seen.blocked;
        sum.seen.depths += worked.seen.depths;
        sum.seen.visits += worked.seen.visits;
    }
}

/// One who puts items in a queue. That it ends is told however it ends, even if its thread never began.
pub(super) struct Producer {
    gate: Arc<Gate>,
    signal: Arc<Signal>,
}

impl Producer {
    pub(super) fn new(gate: &Arc<Gate>, signal: &Arc<Signal>) -> Self {
        Self {
            gate: Arc::clone(gate),
            signal: Arc::clone(signal),
        }
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        // Only the drop of an item can have panicked. Nobody may wait for this worker from now on.
        if thread::panicking() {
            self.signal.cancel();
        }
        self.gate.end_producer();
    }
}

/// Pulls items as there are places for them, and puts them in the first queue.
///
/// One by one, and not in batches: the source may wait for what becomes of the items before.
pub(super) fn feed<T>(
    shared: &Shared,
    mut items: impl Iterator<Item = T>,
    output: &Queue<Entry<T>>,
) {
    let since = Instant::now();
    let mut seen = Seen::default();
    let mut places = 0;
    let mut index = 0;
    while !shared.signal.is_draining() {
        if places == 0 {
            match shared.signal.window.reserve(&mut seen.blocked) {
                Some(reserved) => places = reserved,
                None => break,
            }
        }
        match catch_unwind(AssertUnwindSafe(|| items.next())) {
            Ok(Some(item)) => {
                places -= 1;
                let entry = Entry {
                    index,
                    item: Some(item),
                };
                index += 1;
                if !output.put(entry, &mut seen) {
                    break;
                }
            }
            Ok(None) => {
                shared.has_source_ended.store(true, Ordering::Relaxed);
                break;
            }
            Err(payload) => {
                shared.panicked(0, index, payload);
                break;
            }
        }
    }
    shared.count(0, index as u64, since, seen);
}

/// What stands between two queues.
pub(super) struct Link<T, R> {
    pub(super) number: usize,
    pub(super) input: Arc<Queue<Entry<T>>>,
    pub(super) output: Arc<Queue<Entry<R>>>,
    pub(super) shared: Arc<Shared>,
}

impl<T, R> Link<T, R> {
    /// What goes on to the next stage, after a function has returned or panicked.
    pub(super) fn entry(
        &self,
        index: usize,
        outcome: Result<Result<R, Box<dyn Error + Send + Sync>>, Box<dyn Any + Send>>,
    ) -> Entry<R> {
        let item = match outcome {
            Ok(Ok(result)) => Some(result),
            Ok(Err(source)) => {
                self.shared.fail(self.number, Some(index), source);
                None
            }
            Err(payload) => {
                self.shared.panicked(self.number, index, payload);
                None
            }
        };
        Entry { index, item }
    }
}

/// One stage as its workers see it.
pub(super) struct Stage<T, R, F> {
    pub(super) link: Link<T, R>,
    pub(super) workers: usize,
    pub(super) f: F,
}

impl<T, R, E, F> Stage<T, R, F>
where
    E: Into<Box<dyn Error + Send + Sync>>,
    F: Fn(T) -> Result<R, E>,
{
    /// Works until there is no more to do.
    pub(super) fn work(&self) {
        let Link {
            number,
            input,
            output,
            shared,
        } = &self.link;
        let since = Instant::now();
        let mut seen = Seen::default();
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let mut linger = Linger::default();
        let mut most = 1;
        let mut items = 0;
        while input.take(&mut inputs, most, self.workers, &mut seen) {
            let taken = inputs.len();
            let begun = Instant::now();
            for entry in inputs.drain(..) {
                if shared.signal.is_cancelled() {
                    break;
                }
                outputs.push(self.convert(entry));
                items += 1;
            }
            let each_ns = (begun.elapsed().as_nanos() / taken as u128).max(1);
            let fitting = usize::try_from(BATCH_NS / each_ns).unwrap_or(usize::MAX);
            most = fitting.clamp(1, taken.saturating_mul(GROWTH).max(most));
            if !output.put_all(&mut outputs, &mut seen) {
                break;
            }
            input.linger(most.saturating_mul(self.workers), &mut linger, &mut seen);
        }
        shared.count(*number, items, since, seen);
    }

    fn convert(&self, entry: Entry<T>) -> Entry<R> {
        let Entry { index, item } = entry;
        let Some(item) = item else {
            return Entry { index, item: None };
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.f)(item).map_err(Into::into)));
        self.link.entry(index, outcome)
    }
}

/// Hands out what comes out of the last stage, in the order of the source if so wished.
pub(super) struct Sink<'r, T> {
    pub(super) shared: &'r Shared,
    pub(super) input: &'r Queue<Entry<T>>,
    pub(super) is_ordered: bool,
    /// How many places there are for items on their way.
    pub(super) places: usize,
}

impl<T> Sink<'_, T> {
    pub(super) fn consume(&self, mut out: impl FnMut(T)) {
        let since = Instant::now();
        let mut seen = Seen::default();
        let mut batch = Vec::new();
        let mut early = Early::default();
        let mut linger = Linger::default();
        let mut done = Places {
            shared: self.shared,
            used: 0,
            items: 0,
            many: (self.places / 4).max(1),
        };
        while self.input.take(&mut batch, usize::MAX, 1, &mut seen) {
            for entry in batch.drain(..) {
                if self.is_ordered {
                    early.insert(entry);
                    while let Some(item) = early.next() {
                        done.hand_out(item, &mut out);
                    }
                } else {
                    done.hand_out(entry.item, &mut out);
                }
            }
            done.give_back();
            self.input.linger(usize::MAX, &mut linger, &mut seen);
        }
        let items = done.items;
        self.shared
            .count(self.shared.reports.len() - 1, items, since, seen);
    }
}

/// Gives places back, several at once.
struct Places<'r> {
    shared: &'r Shared,
    used: usize,
    items: u64,
    many: usize,
}

impl Places<'_> {
    fn hand_out<T>(&mut self, item: Option<T>, out: &mut impl FnMut(T)) {
        if self.shared.signal.is_cancelled() {
            return;
        }
        if let Some(item) = item {
            out(item);
        }
        // Not before: what the function has is still on its way.
        self.used += 1;
        self.items += 1;
        if self.used >= self.many {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        if self.used > 0 {
            self.shared
                .signal
                .window
                .release(std::mem::take(&mut self.used));
        }
    }
}

/// What came before its turn: no more than there are places.
struct Early<T> {
    /// The first is the one whose turn it is.
    items: VecDeque<Option<Entry<T>>>,
    next: usize,
}

impl<T> Default for Early<T> {
    fn default() -> Self {
        Self {
            items: VecDeque::new(),
            next: 0,
        }
    }
}

impl<T> Early<T> {
    fn insert(&mut self, entry: Entry<T>) {
        let place = entry.index - self.next;
        while self.items.len() <= place {
            self.items.push_back(None);
        }
        self.items[place] = Some(entry);
    }

    /// The item whose turn it is, if it is there; inside is `None` if it has failed.
    fn next(&mut self) -> Option<Option<T>> {
        let entry = self.items.front_mut()?.take()?;
        self.items.pop_front();
        self.next += 1;
        Some(entry.item)
    }
}
