//! A result for each line.

use std::{
    fmt,
    fs::File,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    vec,
};

use super::{ParallelLines, blocks::Blocks, each_line};
use crate::{Error, ParImap as _};

/// Blocks in memory for each thread.
const BLOCKS_PER_WORKER: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// Results of lines, from [`ParallelLines::map`] or [`lines_parallel`](crate::lines_parallel).
///
/// An error is the last of them, after the results of all lines before it: [`Error::File`] if the file cannot be read to its end, or
/// [`Error::LineTooLong`].
#[must_use = "iterators do nothing unless they are advanced"]
pub struct MapLines<R> {
    blocks: Box<dyn Iterator<Item = Result<Vec<R>, Error>>>,
    current: vec::IntoIter<R>,
    /// What is to come after all results, which without order may be late.
    error: Option<Error>,
}

impl ParallelLines {
    /// What `f` makes of each line, in the order of the lines.
    ///
    /// Lazy: nothing is read before the first `next`, and in memory are at most four blocks for each thread and what `f` made of them. To
    /// drop the iterator stops the threads.
    ///
    /// # Panics
    /// `next` does, where `f` did, after the results of the blocks before: with an [`ItemPanic`](crate::ItemPanic) whose index is the number of the block.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("numbers.txt");
    /// std::fs::write(&path, "1\n2\nthree\n")?;
    /// let lines = tuneup_concurrency::ParallelLines::builder(&path).build()?;
    /// let numbers = lines.map(|line| str::from_utf8(line).ok()?.parse::<u32>().ok());
    /// assert_eq!(numbers.collect::<Result<Vec<_>, _>>()?, [Some(1), Some(2), None]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map<R, F>(self, f: F) -> MapLines<R>
    where
        R: Send + 'static,
        F: Fn(&[u8]) -> R + Send + Sync + 'static,
    {
        self.map_blocks(f, false)
    }

    /// As [`map`](Self::map), but in the order in which blocks are done: a slow line holds up only its block.
    pub fn map_unordered<R, F>(self, f: F) -> MapLines<R>
    where
        R: Send + 'static,
        F: Fn(&[u8]) -> R + Send + Sync + 'static,
    {
        self.map_blocks(f, true)
    }

    fn map_blocks<R, F>(self, f: F, unordered: bool) -> MapLines<R>
    where
        R: Send + 'static,
        F: Fn(&[u8]) -> R + Send + Sync + 'static,
    {
        let spare = Spare::default();
        let input = Input {
            blocks: self.blocks,
            spare: spare.clone(),
        };
        let done = self.done;
        let results = move |block: Result<Vec<u8>, Error>| {
            let block = block?;
            let mut results = Vec::new();
            each_line(&block, |line| results.push(f(line)));
            done.add(block.len());
            spare.give(block);
            Ok(results)
        };
        let look_ahead = self.workers.saturating_mul(BLOCKS_PER_WORKER);
        let imap = input
            .par_imap(results)
            .workers(self.workers)
            .look_ahead(look_ahead);
        MapLines {
            blocks: if unordered {
                Box::new(imap.unordered())
            } else {
                Box::new(imap)
            },
            current: Vec::new().into_iter(),
            error: None,
        }
    }
}

impl<R> Iterator for MapLines<R> {
    type Item = Result<R, Error>;

    fn next(&mut self) -> Option<Result<R, Error>> {
        loop {
            if let Some(result) = self.current.next() {
                return Some(Ok(result));
            }
            match self.blocks.next() {
                Some(Ok(results)) => self.current = results.into_iter(),
                Some(Err(error)) => self.error = Some(error),
                None => return self.error.take().map(Err),
            }
        }
    }
}

/// Blocks as an iterator, which the consumer's thread advances.
struct Input {
    blocks: Blocks<File>,
    spare: Spare,
}

impl Iterator for Input {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut block = self.spare.take();
        if self.blocks.read_into(&mut block) {
            Some(Ok(block))
        } else {
            self.blocks.take_fault().map(Err)
        }
    }
}

/// Buffers that were used, as many as there are blocks in memory.
#[derive(Clone, Default)]
struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_default()
    }

    fn give(&self, block: Vec<u8>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(block);
    }
}

impl<R> fmt::Debug for MapLines<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapLines").finish_non_exhaustive()
    }
}
