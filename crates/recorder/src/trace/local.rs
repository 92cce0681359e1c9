//! What a thread does for the trace that is running.

use std::{cell::Cell, mem::MaybeUninit, ops::Range, ptr, sync::atomic::Ordering};

use super::{
    DEPTH, FILTER, GENERATION, INTERVAL_BYTES, LATEST_NS, LIVE, REGISTRY, SEED, StackWalker,
    WALKER, YOUNGEST,
    live_blocks::Block,
    now_ns,
    stack_walk::{self, MOST_FRAMES, Start},
    stacks,
    stacks::{Key, KeyBuilder, Stacks},
    thread_trace::ThreadTrace,
    threads,
};

/// What a thread has for the trace that is running.
pub(crate) struct Local {
    generation: Cell<u64>,
    thread: Cell<Option<&'static ThreadTrace>>,
    /// What the stacks are marked with.
    pub(crate) tag: Cell<u32>,
    /// Whether the thread is reading the trace: what it takes for that is no business of the program.
    is_paused: Cell<bool>,
}

impl Local {
    pub(crate) const fn new() -> Self {
        Self {
            generation: Cell::new(0),
            thread: Cell::new(None),
            tag: Cell::new(0),
            is_paused: Cell::new(false),
        }
    }

    /// Runs `work` without tracing what this thread allocates for it.
    pub(crate) fn pause<R>(&self, work: impl FnOnce() -> R) -> R {
        let was_paused = self.is_paused.replace(true);
        let result = work();
        self.is_paused.set(was_paused);
        result
    }

    /// Whether the thread reads the trace.
    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused.get()
    }

    /// Gives back what the next thread can go on with.
    pub(crate) fn leave(&self) {
        self.generation.set(0);
        if let Some(thread) = self.thread.take() {
            thread.adopted.store(false, Ordering::Release);
        }
    }

    /// In a fork, where no other thread is: what belonged to one can go to the next.
    pub(crate) fn go_on_alone(&self) {
        let own = self.thread.get();
        threads()
            .filter(|thread| own.is_none_or(|own| !ptr::eq(own, *thread)))
            .for_each(|thread| thread.adopted.store(false, Ordering::Relaxed));
    }

    /// When the thread's allocated bytes reach it, a block is to be traced; `before` is what they were before the
    /// current block.
    pub(crate) fn next_sample(&self, before: u64) -> u64 {
        self.current(before)
            .map_or(u64::MAX, |thread| thread.next_sample.get())
    }

    /// Traces a block if it is due: `allocated` and `blocks` are the thread's bytes and blocks with it.
    #[inline]
    pub(crate) fn allocated(&self, address: usize, bytes: u64, allocated: u64, blocks: u64) {
        if self.is_paused.get() {
            return;
        }
        let Some(thread) = self.current(allocated.wrapping_sub(bytes)) else {
            return;
        };
        let interval = INTERVAL_BYTES.load(Ordering::Relaxed);
        if interval <= 1 {
            self.record(
                thread,
                Block {
                    address,
                    bytes,
                    weight: 1.0,
                    ..Block::default()
                },
                false,
                blocks,
            );
        } else if allocated >= thread.next_sample.get() {
            self.sample(thread, address, bytes, interval as f64, blocks);
            let distance = thread.bytes_to_next_sample(interval as f64);
            thread.next_sample.set(allocated.wrapping_add(distance));
        }
    }

    #[cold]
    #[inline(never)]
    fn sample(&self, thread: &ThreadTrace, address: usize, bytes: u64, interval: f64, blocks: u64) {
        let probability = -(-(bytes as f64) / interval).exp_m1();
        let block = Block {
            address,
            bytes,
            weight: (1.0 / probability) as f32,
            ..Block::default()
        };
        FILTER.add(address);
        if !self.record(thread, block, true, blocks) {
            FILTER.remove(address);
        }
    }

    /// `blocks` is how many the thread has allocated.
    #[inline]
    fn record(&self, thread: &ThreadTrace, block: Block, is_sampled: bool, blocks: u64) -> bool {
        let Some(stacks) = stacks() else { return false };
        let stack = number_of_stack(stacks, self.tag.get(), thread.stack());
        let is_kept = LIVE.insert(Block {
            stack,
            born_ns: time_of(thread, is_sampled),
            ..block
        });
        let sums = thread.sums_of(stack);
        let (true, Some(sums)) = (is_kept, sums) else {
            thread.missed.add(1);
            return is_kept;
        };
        sums.keep_peak();
        sums.allocated
            .add(f64::from(block.weight), block.bytes, 1.0);
        thread.samples.add(1);
        thread.latest.set((block.address, blocks));
        true
    }

    /// Forgets a block that is about to be freed: `allocated` and `blocks` are the thread's bytes and blocks so far.
    #[inline]
    pub(crate) fn freed(&self, address: usize, allocated: u64, blocks: u64) -> Option<Traced> {
        let block = take(address)?;
        if let Some(thread) = self.current(allocated) {
            count_freed(thread, &block, blocks);
        }
        Some(Traced(block))
    }

    /// As [`freed`](Self::freed), of a thread that is torn down and has no part of the trace any more: it borrows one for a moment.
    #[cold]
    pub(crate) fn freed_late(address: usize) -> Option<Traced> {
        let block = take(address)?;
        let generation = GENERATION.load(Ordering::Acquire);
        if generation != 0
            && let Some(thread) = free_or_made()
        {
            thread.prepare(generation, 1);
            thread.latest.set((0, 0));
            count_freed(thread, &block, 0);
            thread.adopted.store(false, Ordering::Release);
        }
        Some(Traced(block))
    }

    fn is_current(&self) -> bool {
        self.generation.get() == GENERATION.load(Ordering::Relaxed) && self.generation.get() != 0
    }

    /// The thread's own part of the trace that is running.
    #[inline]
    fn current(&self, before: u64) -> Option<&'static ThreadTrace> {
        if self.is_current() {
            return self.thread.get();
        }
        self.adopt(before)
    }

    #[cold]
    #[inline(never)]
    fn adopt(&self, before: u64) -> Option<&'static ThreadTrace> {
        let generation = GENERATION.load(Ordering::Acquire);
        if generation == 0 {
            return None;
        }
        let thread = match self.thread.get() {
            Some(thread) => thread,
            None => free_or_made()?,
        };
        let stack = stack_walk::thread_stack();
        thread.stack.set((stack.start, stack.end));
        // Two threads that start together, or one that starts again, draw other samples.
        let seed = match SEED.load(Ordering::Relaxed) {
            0 => now_ns() ^ (ptr::from_ref(self).addr() as u64).rotate_left(32),
            seed => seed,
        };
        thread.prepare(generation, seed);
        let interval = INTERVAL_BYTES.load(Ordering::Relaxed) as f64;
        thread
            .next_sample
            .set(before.wrapping_add(thread.bytes_to_next_sample(interval)));
        thread.latest.set((0, 0));
        self.thread.set(Some(thread));
        self.generation.set(generation);
        Some(thread)
    }
}

/// A block that was traced, taken out because it may be freed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traced(Block);

impl Traced {
    /// The block was not freed after all.
    pub(crate) fn put_back(self, local: &Local) {
        let Self(block) = self;
        if INTERVAL_BYTES.load(Ordering::Relaxed) > 1 {
            FILTER.add(block.address);
        }
        LIVE.insert(block);
        if let Some(thread) = local.thread.get().filter(|_| local.is_current())
            && let Some(sums) = thread.sums_of(block.stack)
        {
            sums.keep_peak();
            sums.freed.add(f64::from(block.weight), block.bytes, -1.0);
        }
    }
}

/// Takes a block out of the table, if it is traced.
#[inline]
fn take(address: usize) -> Option<Block> {
    let is_sampled = INTERVAL_BYTES.load(Ordering::Relaxed) > 1;
    if is_sampled && !FILTER.may_have(address) {
        return None;
    }
    let block = LIVE.remove(address)?;
    if is_sampled {
        FILTER.remove(address);
    }
    Some(block)
}

#[inline]
fn count_freed(thread: &ThreadTrace, block: &Block, blocks: u64) {
    let Some(sums) = thread.sums_of(block.stack) else {
        return;
    };
    let weight = f64::from(block.weight);
    sums.keep_peak();
    sums.freed.add(weight, block.bytes, 1.0);
    let is_sampled = INTERVAL_BYTES.load(Ordering::Relaxed) > 1;
    let lived = time_of(thread, is_sampled).saturating_sub(block.born_ns);
    if lived > 0 {
        sums.lifetime_ns.add(weight * lived as f64);
    }
    if thread.latest.get() == (block.address, blocks) {
        sums.temporary_blocks.add(weight);
    }
}

/// The number of the stack that the current thread is in.
#[inline(always)]
fn number_of_stack(stacks: &Stacks, tag: u32, stack: Range<usize>) -> u32 {
    let walker = WALKER.load(Ordering::Relaxed);
    if !walker.is_null() {
        // SAFETY: only functions of this type are stored.
        let walker = unsafe { std::mem::transmute::<*mut (), StackWalker>(walker) };
        return number_by_walker(stacks, tag, stack, walker);
    }
    let (start, depth) = (Start::here(), DEPTH.load(Ordering::Relaxed));
    let mut key = KeyBuilder::new(tag);
    start.along_frame_pointers(&stack, depth, |frame| key.push(frame));
    let key = key.key();
    let known = stacks.number(&key);
    known.unwrap_or_else(|| add_stack(stacks, &key, start, &stack))
}

/// Walks again, to keep what was met: stacks that are not known are rare.
#[cold]
#[inline(never)]
fn add_stack(stacks: &Stacks, key: &Key, start: Start, stack: &Range<usize>) -> u32 {
    let (mut frames, mut len) = ([0; MOST_FRAMES], 0);
    let depth = DEPTH.load(Ordering::Relaxed).min(MOST_FRAMES);
    start.along_frame_pointers(stack, depth, |frame| {
        frames[len] = frame;
        len += 1;
    });
    stacks.add(key, &frames[..len])
}

#[inline(never)]
fn number_by_walker(stacks: &Stacks, tag: u32, stack: Range<usize>, walker: StackWalker) -> u32 {
    let mut frames = [const { MaybeUninit::uninit() }; MOST_FRAMES];
    let depth = DEPTH.load(Ordering::Relaxed).min(MOST_FRAMES);
    let len = walker(stack, &mut frames[..depth]);
    // SAFETY: walkers write as many frames as they say, and no more than there is room for.
    let frames = unsafe { frames[..len].assume_init_ref() };
    let mut key = KeyBuilder::new(tag);
    frames.iter().for_each(|frame| key.push(*frame));
    let key = key.key();
    let known = stacks.number(&key);
    known.unwrap_or_else(|| stacks.add(&key, frames))
}

/// The clock is read for samples; where every block is traced, at every sixteenth event.
#[inline]
fn time_of(thread: &ThreadTrace, is_sampled: bool) -> u64 {
    let event = thread.events.get().wrapping_add(1);
    thread.events.set(event);
    if is_sampled || event.is_multiple_of(16) {
        now_ns()
    } else {
        LATEST_NS.load(Ordering::Relaxed)
    }
}

fn free_or_made() -> Option<&'static ThreadTrace> {
    let _registry = REGISTRY.lock();
    let take = |thread: &&ThreadTrace| !thread.adopted.load(Ordering::Acquire);
    let thread = match threads().find(take) {
        Some(thread) => thread,
        None => {
            let made = ThreadTrace::allocate()?;
            made.older.set(threads().next());
            YOUNGEST.store(ptr::from_ref(made).cast_mut(), Ordering::Release);
            made
        }
    };
    thread.adopted.store(true, Ordering::Relaxed);
    Some(thread)
}
