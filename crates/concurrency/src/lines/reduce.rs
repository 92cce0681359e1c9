//! All lines into one value.

use std::{
    fs::File,
    panic::resume_unwind,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use super::{Done, ParallelLines, blocks::Blocks, each_line};
use crate::{Error, executor::inside};

/// What the threads share.
struct Shared {
    input: Mutex<Input>,
    /// After a panic: nobody begins another block.
    stops: AtomicBool,
    done: Done,
}

struct Input {
    /// Of what has been read, what nobody works on yet.
    ahead: Vec<Vec<u8>>,
    blocks: Blocks<File>,
}

impl ParallelLines {
    /// What becomes of all lines: each thread gives `map` the lines that it meets, with an accumulator of its own, and `merge` puts these together at the
    /// end, on the caller's thread. Blocks until then.
    ///
    /// Which lines are whose is chance: if the result depends on the order of lines, it will differ from run to run. A thread has one block in memory at a
    /// time. A file of one block costs no thread. Where the system gives fewer threads than are wanted, those that there are do all.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read, and [`Error::LineTooLong`]: the first of them, when all lines before it were given to `map`.
    ///
    /// # Panics
    /// If `map` or `merge` does; the other threads end with the blocks that they are at.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("words.txt");
    /// use std::{collections::HashMap, num::NonZeroUsize};
    ///
    /// std::fs::write(&path, "to be\nor not\nto be\n")?;
    /// let counts = tuneup_concurrency::ParallelLines::builder(&path)
    ///     .workers(NonZeroUsize::MIN)
    ///     .build()?
    ///     .reduce(
    ///         |counts: &mut HashMap<Vec<u8>, u32>, line| *counts.entry(line.to_vec()).or_default() += 1,
    ///         |counts, others| others.into_iter().for_each(|(line, count)| *counts.entry(line).or_default() += count),
    ///     )?;
    /// assert_eq!(counts[&b"to be"[..]], 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reduce<A: Default + Send>(
        self,
        map: impl Fn(&mut A, &[u8]) + Sync,
        mut merge: impl FnMut(&mut A, A),
    ) -> Result<A, Error> {
        let workers = self.workers.get();
        let shared = Shared {
            input: Mutex::new(Input {
                ahead: Vec::new(),
                blocks: self.blocks,
            }),
            stops: AtomicBool::new(false),
            done: self.done,
        };
        let mut first = Vec::new();
        if !shared.next_block(&mut first) {
            return shared.end().map(|()| A::default());
        }
        let (mut all, theirs) = thread::scope(|scope| {
            // Begun one by one, each for a block that there is: a small file needs no thread.
            let mut threads = Vec::new();
            while threads.len() + 1 < workers && shared.read_ahead() {
                let work = || {
                    inside::become_helper();
                    shared.work(Vec::new(), &map)
                };
                let Ok(thread) = thread::Builder::new().spawn_scoped(scope, work) else {
                    break;
                };
                threads.push(thread);
            }
            let mine = shared.work(first, &map);
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            let theirs: Vec<_> = joined
                .map(|one| one.unwrap_or_else(|panic| resume_unwind(panic)))
                .collect();
            (mine, theirs)
        });
        shared.end()?;
        for one in theirs {
            merge(&mut all, one);
        }
        Ok(all)
    }
}

impl Shared {
    /// The lines of this block, if there are any in it, and of all that this thread gets to.
    fn work<A: Default>(&self, mut block: Vec<u8>, map: &impl Fn(&mut A, &[u8])) -> A {
        let mut stops_others = StopsOthers {
            stops: &self.stops,
            went_well: false,
        };
        let mut accumulator = A::default();
        while !block.is_empty() || self.next_block(&mut block) {
            each_line(&block, |line| map(&mut accumulator, line));
            self.done.add(block.len());
            block.clear();
        }
        stops_others.went_well = true;
        accumulator
    }

    fn input(&self) -> MutexGuard<'_, Input> {
        // Nothing panics while the lock is held but the allocator.
        self.input.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_block(&self, block: &mut Vec<u8>) -> bool {
        if self.stops.load(Relaxed) {
            return false;
        }
        let mut input = self.input();
        if let Some(read) = input.ahead.pop() {
            *block = read;
            return true;
        }
        input.blocks.read_into(block)
    }

    /// Reads a block for whoever asks for one first; whether there was one.
    fn read_ahead(&self) -> bool {
        let mut block = Vec::new();
        let mut input = self.input();
        let is_there = !self.stops.load(Relaxed) && input.blocks.read_into(&mut block);
        if is_there {
            input.ahead.push(block);
        }
        is_there
    }

    /// How reading has ended, when nobody reads any more.
    fn end(self) -> Result<(), Error> {
        let input = self.input.into_inner();
        let mut input = input.unwrap_or_else(PoisonError::into_inner);
        input.blocks.take_fault().map_or(Ok(()), Err)
    }
}

/// Tells the other threads to stop, unless all went well.
struct StopsOthers<'a> {
    stops: &'a AtomicBool,
    went_well: bool,
}

impl Drop for StopsOthers<'_> {
    fn drop(&mut self) {
        if !self.went_well {
            self.stops.store(true, Relaxed);
        }
    }
}
