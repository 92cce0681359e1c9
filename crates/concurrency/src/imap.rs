//! A parallel map over any iterator: lazy, in order, in bounded memory.

use std::{
    any::Any,
    fmt,
    iter::FusedIterator,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread::Scope,
    time::Instant,
};

use crate::{CoreBudget, Error, ItemPanic, cost::Site, size_hint};

mod batch;
#[cfg(all(loom, test))]
mod model;
mod pace;
mod ring;
#[cfg(all(test, not(loom)))]
mod tests;
mod threads;
mod waits;

use self::{
    batch::{Batch, Made},
    pace::Pace,
    ring::{Next, Order, Ring},
    threads::{Running, Shared, Start},
    waits::Waits,
};

/// Batches under way for each worker: one in work, one that waits, and as many as the consumer may be late by.
const BATCHES_PER_WORKER: usize = 4;

/// Items under way for each worker, if nothing else is said.
const LOOK_AHEAD_PER_WORKER: usize = 8192;

/// Parallel maps of iterators: `Pool.imap` and `Pool.imap_unordered` of Python.
///
/// | | order | lazy | memory | what may be borrowed |
/// |---|---|---|---|---|
/// | [`par_imap`](Self::par_imap) | of the items | yes | bounded | nothing |
/// | [`par_imap_unordered`](Self::par_imap_unordered) | of completion, by batches | yes | bounded | nothing |
/// | [`par_imap_scoped`](Self::par_imap_scoped) | of the items | yes | bounded | what outlives the scope |
/// | [`par::map`](crate::par::map) | of the items | no | all results | anything |
///
/// Implemented for all iterators.
///
/// # Examples
/// ```
/// use tuneup_concurrency::ParImap;
///
/// let squares: Vec<u64> = (1..=4_u64).par_imap(|n| n * n).collect();
/// assert_eq!(squares, [1, 4, 9, 16]);
/// ```
pub trait ParImap: Iterator + Sized {
    /// The function's results, in the order of the items, made by several threads while they are asked for.
    ///
    /// Nothing happens before the first `next`. See [`Imap`] for what the threads do, and for the options.
    ///
    /// **An input that waits**, such as a channel or a socket, waits on the thread that calls `next`, which hands nothing out meanwhile. If the
    /// input has taken its time once, results that are there are handed out before it is asked for more; the first time it does, and whenever no
    /// result is there, they come after its next item, or where an item took less than 0.3 µs until then, after its next sixteen at most. A
    /// [`Pipeline`](crate::Pipeline) has a thread of its own for the input.
    ///
    /// # Examples
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::ParImap;
    ///
    /// let ten = NonZeroUsize::new(10).unwrap();
    /// let mut lengths = (0..).par_imap(|n: u32| n.to_string().len()).look_ahead(ten);
    /// assert_eq!(lengths.nth(100), Some(3)); // an input without an end, and no more than 111 of its items used
    /// ```
    #[doc(alias = "par_bridge")]
    #[doc(alias = "parallel_map")]
    #[track_caller]
    fn par_imap<R, F>(self, f: F) -> Imap<'static, Self, R, F>
    where
        Self::Item: Send + 'static,
        R: Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
    {
        Imap::new(self, f, threads::detached(), Site::of_caller())
    }

    /// As [`par_imap`](Self::par_imap), but results come as soon as they are there. Those of a batch stay together, in order.
    ///
    /// A slow item holds up only its own batch, unless it is the consumer that has taken it up; items that cost some 40 µs or more are batches
    /// of one.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::ParImap;
    ///
    /// let mut squares: Vec<u64> = (1..=4_u64).par_imap_unordered(|n| n * n).collect();
    /// squares.sort_unstable();
    /// assert_eq!(squares, [1, 4, 9, 16]);
    /// ```
    #[track_caller]
    fn par_imap_unordered<R, F>(self, f: F) -> Imap<'static, Self, R, F>
    where
        Self::Item: Send + 'static,
        R: Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
    {
        Imap::new(self, f, threads::detached(), Site::of_caller()).unordered()
    }

    /// As [`par_imap`](Self::par_imap), for items and functions that borrow from outside of a scope of [`std::thread::scope`].
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::ParImap;
    ///
    /// let words = vec!["borrowed".to_owned(), "words".to_owned()];
    /// let longest = std::thread::scope(|scope| {
    ///     words.iter().par_imap_scoped(scope, |word| word.len()).max()
    /// });
    /// assert_eq!(longest, Some(8));
    /// ```
    #[track_caller]
    fn par_imap_scoped<'scope, R, F>(
        self,
        scope: &'scope Scope<'scope, '_>,
        f: F,
    ) -> Imap<'scope, Self, R, F>
    where
        Self::Item: Send + 'scope,
        R: Send + 'scope,
        F: Fn(Self::Item) -> R + Send + Sync + 'scope,
    {
        Imap::in_scope(self, scope, f, Site::of_caller())
    }
}

impl<I: Iterator> ParImap for I {}

/// The results of a [parallel map](ParImap) over an iterator, lazily.
///
/// # Who does what
/// The thread that calls `next`, the consumer, is the only one that advances the input, so that the input need not be `Send`. Before it hands a result out it
/// fills up what the workers have to do, in batches that are adapted to some 75 µs of work each. If the next result is not there, the
/// consumer works on a batch itself and sleeps only when every batch is in work. So everything goes on even if no other thread could be had, and nested
/// iterators cannot deadlock.
///
/// How long a batch is follows from what the items before have cost, and a batch is never divided once it is made up: behind an item that costs far more than
/// those before it, the rest of its batch waits, while other workers may have nothing to do. Where items differ so much that this matters, a
/// [`look_ahead`](Self::look_ahead) of four items a worker makes each of them a batch of its own: four locks an item.
///
/// Threads are started one by one when batches wait, never before they are worth it: items that are measured at less than 20 ns
/// each are made by the consumer alone. Below a microsecond an item it is also measured whether the consumer gets on faster than alone; where it does
/// not, because other programs want the processors, say, it works alone for 8 ms before it tries again, and longer each time. While the consumer is busy with something else, the workers do what is in store and sleep; nobody spins.
///
/// # Bounds
/// Never are more than [`look_ahead`](Self::look_ahead) items taken from the input beyond the results that were handed out, and never more than
/// four batches a worker, which for slow items is four items.
///
/// # Cost
/// Some nanoseconds an item for the way through a batch. Nothing is allocated an item; buffers are used again. A batch takes a lock
/// four times. To start a thread takes some 50 µs.
///
/// # Panics
/// If the function panics, the results of the items before are handed out, then the workers are stopped, and `next` panics with an
/// [`ItemPanic`] that tells the item's index. (Without order: when the item's batch is next.) If the input panics, `next` panics in the
/// same way after the results of all items before, with what the input panicked with. After that there are no more results.
///
/// # Drop
/// Stops the workers, each after the item it is working on, and waits for them. If the iterator is leaked instead, they sleep for ever, and a
/// scope they are in never ends.
///
/// # Examples
/// ```
/// use tuneup_concurrency::ParImap;
///
/// let text = "7 8 nine 10";
/// let numbers: Result<Vec<u32>, _> = text.split(' ').par_imap(|word| word.parse()).collect();
/// assert!(numbers.is_err()); // the first error stops the workers: `collect` drops the iterator
/// ```
#[must_use = "iterators do nothing unless they are advanced"]
pub struct Imap<'scope, I: Iterator, R, F> {
    /// None when it has ended or panicked.
    input: Option<I>,
    input_panic: Option<Box<dyn Any + Send>>,
    /// Results that are next, the very next at the end: to take one off a vector is cheaper than off a deque.
    current: Vec<R>,
    /// The batch of these, without them.
    current_len: usize,
    /// What `next` is to panic with after them.
    item_panic: Option<ItemPanic>,
    /// Items taken from the input.
    pulled: usize,
    /// Of these, those whose batches were not used up.
    under_way: usize,
    /// Batches in the ring.
    batches: usize,
    spare: Vec<Batch<I::Item, R>>,
    pace: Pace,
    workers: NonZeroUsize,
    /// Where the threads are leased from; none if the caller has said how many.
    budget: Option<CoreBudget>,
    look_ahead: Option<NonZeroUsize>,
    order: Order,
    state: State<'scope, I::Item, R, F>,
}

enum State<'scope, T, R, F> {
    Set { f: F, start: Start<'scope, T, R, F> },
    Running(Running<'scope, T, R, F>),
    Over,
}

impl<'scope, I: Iterator, R, F: Fn(I::Item) -> R> Imap<'scope, I, R, F> {
    pub(crate) fn in_scope(input: I, scope: &'scope Scope<'scope, '_>, f: F, site: Site) -> Self
    where
        I::Item: Send + 'scope,
        R: Send + 'scope,
        F: Send + Sync + 'scope,
    {
        Self::new(input, f, threads::scoped(scope), site)
    }

    fn new(input: I, f: F, start: Start<'scope, I::Item, R, F>, site: Site) -> Self {
        Self {
            input: Some(input),
            input_panic: None,
            current: Vec::new(),
            current_len: 0,
            item_panic: None,
            pulled: 0,
            under_way: 0,
            batches: 0,
            spare: Vec::new(),
            pace: Pace::new(site),
            workers: CoreBudget::global().cores(),
            budget: Some(CoreBudget::global().clone()),
            look_ahead: None,
            order: Order::Pushed,
            state: State::Set { f, start },
        }
    }

    /// How many threads work, the consumer's among them: with 1, no thread is started. By default as many as the [`CoreBudget`] of the process
    /// has cores; but those beside the consumer are [leased](CoreBudget::lease) from it when the first is started, so that there are no more of them than
    /// are free, and at least one.
    ///
    /// For functions that wait (files, requests) more than there are cores. So many are started then, and nothing is leased. To be set before the first `next`; later it has no effect.
    ///
    /// # Panics
    /// If there are more than 65536.
    ///
    /// # Examples
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::ParImap;
    ///
    /// let eight = NonZeroUsize::new(8).unwrap();
    /// assert_eq!((0..100).par_imap(|n| n % 7).workers(eight).max(), Some(6));
    /// ```
    #[track_caller]
    pub fn workers(mut self, workers: NonZeroUsize) -> Self {
        Error::assert_workers("workers", workers.get());
        self.workers = workers;
        self.budget = None;
        self
    }

    /// How many items may be taken from the input beyond the results that were handed out. The default is 8192 for each worker.
    ///
    /// An upper bound of what is in memory, and of what is done in vain if the rest is not asked for. Fewer than four for each worker make workers wait;
    /// with 1, nothing is done in parallel. To be set before the first `next`; later it has no effect.
    ///
    /// # Examples
    /// See [`ParImap::par_imap`].
    #[doc(alias = "buffered")]
    #[doc(alias = "prefetch")]
    pub fn look_ahead(mut self, items: NonZeroUsize) -> Self {
        self.look_ahead = Some(items);
        self
    }

    /// Hands results out as they are completed, as [`ParImap::par_imap_unordered`] does. To be set before the first `next`; later it has
    /// no effect.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::ParImap;
    ///
    /// let numbers = [3, 1, 2];
    /// let sum: i32 = std::thread::scope(|scope| {
    ///     numbers.iter().par_imap_scoped(scope, |n| n * n).unordered().sum()
    /// });
    /// assert_eq!(sum, 14);
    /// ```
    pub fn unordered(mut self) -> Self {
        self.order = Order::Completed;
        self
    }

    #[cold]
    fn run(&mut self) {
        let State::Set { f, start } = std::mem::replace(&mut self.state, State::Over) else {
            return;
        };
        let workers = self.workers.get();
        let look_ahead = self.look_ahead.map_or_else(
            || workers.saturating_mul(LOOK_AHEAD_PER_WORKER),
            NonZeroUsize::get,
        );
        let most_batches = workers.saturating_mul(BATCHES_PER_WORKER).min(look_ahead);
        self.pace.limit(look_ahead.div_ceil(most_batches));
        self.state = State::Running(Running {
            shared: Arc::new(Shared {
                ring: Ring::new(most_batches, self.order),
                f,
            }),
            start,
            threads: Vec::new(),
            lease: None,
            most_threads: workers - 1,
            most_batches,
            look_ahead,
        });
    }

    /// Gets the next results, or finds that there are none.
    #[cold]
    fn advance(&mut self) -> Option<R> {
        if matches!(self.state, State::Set { .. }) {
            self.run();
        }
        let begin = Instant::now();
        loop {
            self.under_way -= std::mem::take(&mut self.current_len);
            if let Some(panic) = self.item_panic.take() {
                self.stop();
                panic.resume();
            }
            let State::Running(running) = &self.state else {
                return None;
            };
            let has_workers = !running.threads.is_empty();
            if self.pace.is_worth_sharing(has_workers) && running.most_threads > 0 {
                self.fill();
            }
            let is_shared = self.batches > 0;
            if is_shared {
                self.take_or_help();
            } else if !self.make_here() {
                self.stop();
                if let Some(payload) = self.input_panic.take() {
                    resume_unwind(payload);
                }
                return None;
            }
            if let Some(result) = self.current.pop() {
                if is_shared {
                    self.pace.shared(self.current_len, begin.elapsed());
                }
                return Some(result);
            }
        }
    }

    /// How many items may be pulled, and are to be a batch.
    fn batch_len(&self) -> usize {
        let State::Running(running) = &self.state else {
            return 0;
        };
        let room = running.look_ahead - self.under_way;
        self.pace.batch_len().min(room)
    }

    /// Takes a batch of items from the input, within the bounds. `None` if there is no room or no item. One that was waited for ends its batch: those
    /// before it should not wait for the next.
    fn pull(&mut self) -> Option<Batch<I::Item, R>> {
        let len = self.batch_len();
        let input = self.input.as_mut()?;
        if len == 0 {
            return None;
        }
        let mut batch = self.spare.pop().unwrap_or_else(Batch::new);
        let start = Instant::now();
        let mut waits = Waits::new(start, len);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            while batch.items.len() < len {
                // Not `extend`: it would ask for room for what the input promises, before it is needed.
                for _ in 0..waits.items_per_look().min(len - batch.items.len()) {
                    match input.next() {
                        Some(item) => batch.items.push(item),
                        None => return true,
                    }
                }
                if waits.has_waited() {
                    break;
                }
            }
            false
        }));
        let spent = start.elapsed();
        let has_ended = outcome.unwrap_or_else(|payload| {
            self.input_panic = Some(payload);
            true
        });
        if has_ended {
            self.input = None;
        }
        let len = batch.items.len();
        if len == 0 {
            return None;
        }
        self.pace.pulled(len, spent);
        batch.len = len;
        self.count(&mut batch);
        Some(batch)
    }

    fn count(&mut self, batch: &mut Batch<I::Item, R>) {
        batch.start = self.pulled;
        self.pulled += batch.len;
        self.under_way += batch.len;
    }

    /// Gives the workers as much to do as there is room for. A result that is there is not held up by an input that takes its time.
    fn fill(&mut self) {
        loop {
            let State::Running(running) = &self.state else {
                return;
            };
            if self.batches == running.most_batches {
                return;
            }
            if self.pace.may_input_wait() && running.shared.ring.has_next() {
                return;
            }
            let Some(batch) = self.pull() else { return };
            let State::Running(running) = &mut self.state else {
                return;
            };
            self.batches += 1;
            let is_short_of_workers = running.shared.ring.push(batch);
            if is_short_of_workers {
                running.start_thread(self.budget.as_ref());
            }
            if self.pace.is_input_slow() {
                return;
            }
        }
    }

    /// Takes the next batch back from the ring, or works on one.
    fn take_or_help(&mut self) {
        let State::Running(running) = &self.state else {
            return;
        };
        match running.shared.ring.next() {
            Next::Take(batch) => {
                self.batches -= 1;
                self.pace.worked(batch.len, batch.spent);
                self.use_up(batch);
            }
            Next::Help(mut claim) => {
                running.shared.run(&mut claim.batch);
                running.shared.ring.complete(claim);
            }
        }
    }

    /// Makes a batch in this thread; whether there was one.
    fn make_here(&mut self) -> bool {
        if self.pace.is_made_straight() {
            return self.make_straight();
        }
        let Some(mut batch) = self.pull() else {
            return false;
        };
        let State::Running(running) = &self.state else {
            return false;
        };
        running.shared.run(&mut batch);
        self.pace.worked_alone(batch.len, batch.spent);
        self.use_up(batch);
        true
    }

    /// As [`make_here`](Self::make_here), item by item.
    fn make_straight(&mut self) -> bool {
        let len = self.batch_len();
        let (Some(input), State::Running(running)) = (&mut self.input, &self.state) else {
            return false;
        };
        let mut batch = self.spare.pop().unwrap_or_else(Batch::new);
        match batch.make(len, input, &running.shared.f) {
            Made::More => {}
            Made::InputEnded => self.input = None,
            Made::InputPanicked(payload) => {
                self.input = None;
                self.input_panic = Some(payload);
            }
        }
        if batch.len == 0 {
            return false;
        }
        self.pace.made(batch.len, batch.spent);
        self.count(&mut batch);
        self.use_up(batch);
        true
    }

    /// Makes the results of a batch the next ones.
    fn use_up(&mut self, mut batch: Batch<I::Item, R>) {
        if let Some(payload) = batch.panic.take() {
            let index = batch.start + batch.results.len();
            self.item_panic = Some(ItemPanic::new(index, payload));
        }
        self.current_len = batch.len;
        batch.results.reverse();
        // The vector that comes back is empty.
        std::mem::swap(&mut self.current, &mut batch.results);
        self.spare.push(batch);
    }
}

impl<I: Iterator, R, F> Imap<'_, I, R, F> {
    /// Stops the workers, each after its item, and waits for them.
    fn stop(&mut self) {
        self.input = None;
        self.batches = 0;
        self.under_way = self.current_len;
        self.pace.learn();
        if let State::Running(running) = std::mem::replace(&mut self.state, State::Over) {
            drop(running.shared.ring.stop());
            for join in running.threads {
                join();
            }
        }
    }
}

impl<I: Iterator, R, F: Fn(I::Item) -> R> Iterator for Imap<'_, I, R, F> {
    type Item = R;

    #[inline]
    fn next(&mut self) -> Option<R> {
        match self.current.pop() {
            Some(result) => Some(result),
            None => self.advance(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // The items of the current batch that have no result will have none.
        let here = self.under_way - self.current_len + self.current.len();
        let rest = match &self.input {
            Some(input) => input.size_hint(),
            None => (0, Some(0)),
        };
        size_hint::with_in_flight(rest, here)
    }
}

impl<I: Iterator, R, F: Fn(I::Item) -> R> FusedIterator for Imap<'_, I, R, F> {}

impl<I: Iterator, R, F> Drop for Imap<'_, I, R, F> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl<I: Iterator, R, F> fmt::Debug for Imap<'_, I, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imap")
            .field("workers", &self.workers)
            .field("look_ahead", &self.look_ahead)
            .field("pulled", &self.pulled)
            .finish_non_exhaustive()
    }
}
