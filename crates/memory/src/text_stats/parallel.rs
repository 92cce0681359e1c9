//! A file counted by several threads, stripe by stripe.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    thread,
};

use super::{
    counter::ChunkBuffer,
    sequences::{self, LONGEST},
    tally::Tally,
};
use crate::{Error, positioned::PositionedFile};

/// Stripes per thread, at most: enough that threads of unequal speed end at about the same time.
const STRIPES_PER_THREAD: u64 = 64;
/// Below this, starting a thread costs more than it saves.
const LEAST_STRIPE_BYTES: u64 = 1024 * 1024;

/// Who counts what.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) length: u64,
    pub(super) stripe_bytes: u64,
    pub(super) threads: usize,
    pub(super) chunk_bytes: usize,
}

impl Plan {
    pub(super) fn new(length: u64, threads: usize, chunk_bytes: usize) -> Self {
        let stripe_bytes = length
            .div_ceil(threads as u64 * STRIPES_PER_THREAD)
            .max(LEAST_STRIPE_BYTES)
            .next_multiple_of(chunk_bytes as u64);
        Self {
            length,
            stripe_bytes,
            threads,
            chunk_bytes,
        }
    }

    pub(super) fn stripes(&self) -> usize {
        // At most STRIPES_PER_THREAD for each of few threads.
        self.length.div_ceil(self.stripe_bytes) as usize
    }

    pub(super) fn stripe(&self, index: usize) -> Range<u64> {
        let start = index as u64 * self.stripe_bytes;
        start..(start + self.stripe_bytes).min(self.length)
    }
}

/// Counts `file`; `progress` is told of the bytes that are done, on this thread.
pub(super) fn count(
    file: &PositionedFile,
    plan: &Plan,
    mut progress: impl FnMut(u64),
) -> Result<Tally, Error> {
    let work = Work {
        file,
        plan,
        next: AtomicUsize::new(0),
        done_bytes: AtomicU64::new(0),
        stopped: AtomicBool::new(false),
    };
    let mut stripes = thread::scope(|scope| {
        let helpers = plan.threads.min(plan.stripes()).saturating_sub(1);
        let helpers: Vec<_> = (0..helpers)
            .map_while(|_| {
                // Without a further thread the others do its work.
                thread::Builder::new()
                    .spawn_scoped(scope, || work.run(|_| ()))
                    .ok()
            })
            .collect();
        // A callback that panics must not leave the others at work: the scope waits for them.
        let _stop = StopOnPanic(&work.stopped);
        let mut stripes = work.run(&mut progress);
        for helper in helpers {
            match helper.join() {
                Ok(more) => stripes.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        stripes
    });
    stripes.sort_unstable_by_key(|(index, _)| *index);
    let mut whole = Tally::default();
    for (_, tally) in stripes {
        whole = whole.then(tally?);
    }
    progress(plan.length);
    Ok(whole)
}

struct Work<'a> {
    file: &'a PositionedFile,
    plan: &'a Plan,
    next: AtomicUsize,
    done_bytes: AtomicU64,
    stopped: AtomicBool,
}

impl Work<'_> {
    /// Takes stripes until there are none.
    fn run(&self, mut progress: impl FnMut(u64)) -> Vec<(usize, Result<Tally, Error>)> {
        let mut buffer = ChunkBuffer::new(self.plan.chunk_bytes);
        let mut stripes = Vec::new();
        while !self.stopped.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.plan.stripes() {
                break;
            }
            let tally = self.stripe(self.plan.stripe(index), &mut buffer, &mut progress);
            if tally.is_err() {
                self.stopped.store(true, Ordering::Relaxed);
            }
            stripes.push((index, tally));
        }
        stripes
    }

    fn stripe(
        &self,
        stripe: Range<u64>,
        buffer: &mut ChunkBuffer,
        progress: &mut impl FnMut(u64),
    ) -> Result<Tally, Error> {
        let mut at = self.boundary(stripe.start)?;
        let end = self.boundary(stripe.end)?;
        let mut tally = Tally::default();
        while at < end {
            let space = buffer.space();
            let most = space
                .len()
                .min(usize::try_from(end - at).unwrap_or(usize::MAX));
            let read = self.file.read_at(&mut space[..most], at)?;
            buffer.filled(read, &mut tally);
            at += read as u64;
            let done = self.done_bytes.fetch_add(read as u64, Ordering::Relaxed) + read as u64;
            progress(done);
            if self.stopped.load(Ordering::Relaxed) {
                break;
            }
        }
        buffer.finish(&mut tally);
        Ok(tally)
    }

    /// The first place from `at` on where no character goes on that began before.
    fn boundary(&self, at: u64) -> Result<u64, Error> {
        if at == 0 || at == self.plan.length {
            return Ok(at);
        }
        let mut bytes = [0; LONGEST - 1];
        let most = bytes
            .len()
            .min(usize::try_from(self.plan.length - at).unwrap_or(usize::MAX));
        let mut read = 0;
        while read < most {
            read += self
                .file
                .read_at(&mut bytes[read..most], at + read as u64)?;
        }
        Ok(at + sequences::leading_continuations(&bytes[..most]) as u64)
    }
}

/// Tells the others to end when this thread panics.
struct StopOnPanic<'a>(&'a AtomicBool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
