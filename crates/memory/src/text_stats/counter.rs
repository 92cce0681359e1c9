//! Counting with options: threads, buffer, progress.

use std::{
    fmt,
    io::{self, Read},
    num::NonZero,
    path::{Path, PathBuf},
    thread,
};

use super::{TextStats, blocks, parallel, sequences, tally::Tally};
use crate::{Error, positioned::PositionedFile};

/// Bytes that a thread reads at once, unless told otherwise: they stay in its second-level cache.
const CHUNK_BYTES: usize = 64 * 1024;
const CHUNK_BYTES_ALLOWED: std::ops::RangeInclusive<usize> = 64..=64 * 1024 * 1024;
const MOST_THREADS: usize = 256;

/// How far a count has come.
///
/// ```
/// let mut seen = Vec::new();
/// let mut counter = tuneup_memory::TextStats::builder()
///     .progress(|progress| seen.push((progress.done_bytes, progress.total_bytes)))
///     .build()?;
/// counter.count_reader(&b"one two\n"[..])?;
/// drop(counter);
/// assert_eq!(seen.last(), Some(&(8, None)));
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes counted so far, by all threads. Never less than in the call before.
    pub done_bytes: u64,
    /// Bytes to count: the length of the file when it was opened. `None` for what has no known length, such
    /// as a pipe.
    pub total_bytes: Option<u64>,
}

type ProgressCallback<'p> = Box<dyn FnMut(Progress) + 'p>;

/// Sets the options of a [`TextCounter`]; begun by [`TextStats::builder`].
///
/// ```
/// use tuneup_memory::{Error, TextStats};
///
/// let refused = TextStats::builder().threads(0).build();
/// assert!(matches!(refused, Err(Error::OutOfRange { option: "threads", .. })));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a builder counts nothing until `build`"]
#[derive(Default)]
pub struct TextCounterBuilder<'p> {
    threads: Option<usize>,
    chunk_bytes: Option<usize>,
    progress: Option<ProgressCallback<'p>>,
}

impl<'p> TextCounterBuilder<'p> {
    /// Threads that count a file, the calling one included: 1 to 256. By default as many as
    /// [`std::thread::available_parallelism`] says. A file of less than a MiB per thread gets fewer.
    #[doc(alias = "jobs")]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Bytes that each thread reads at once, and the size of its buffer: 64 bytes to 64 MiB, by default
    /// 64 KiB.
    #[doc(alias = "buffer_size")]
    pub fn chunk_bytes(mut self, chunk_bytes: usize) -> Self {
        self.chunk_bytes = Some(chunk_bytes);
        self
    }

    /// Called now and then while a count runs, and once at its end; after each chunk that the calling thread
    /// has counted, so every few tens of microseconds at most.
    ///
    /// It is called on the thread that called `count_…`, and no lock is held: the other threads go on
    /// counting meanwhile. If it panics, they stop early and the panic goes on.
    pub fn progress(mut self, callback: impl FnMut(Progress) + 'p) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] names the option that is outside of its range.
    pub fn build(self) -> Result<TextCounter<'p>, Error> {
        let chunk_bytes = self.chunk_bytes.unwrap_or(CHUNK_BYTES);
        if !CHUNK_BYTES_ALLOWED.contains(&chunk_bytes) {
            return Err(Error::OutOfRange {
                option: "chunk_bytes",
                value: chunk_bytes.to_string(),
                allowed: "64 to 67108864",
            });
        }
        let threads = self.threads.unwrap_or_else(|| {
            thread::available_parallelism()
                .map_or(1, NonZero::get)
                .min(MOST_THREADS)
        });
        if !(1..=MOST_THREADS).contains(&threads) {
            return Err(Error::OutOfRange {
                option: "threads",
                value: threads.to_string(),
                allowed: "1 to 256",
            });
        }
        Ok(TextCounter {
            threads,
            chunk_bytes,
            progress: self.progress,
        })
    }
}

impl fmt::Debug for TextCounterBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextCounterBuilder")
            .field("threads", &self.threads)
            .field("chunk_bytes", &self.chunk_bytes)
            .finish_non_exhaustive()
    }
}

/// Counts texts with the options of a [`TextCounterBuilder`]. May be used any number of times.
///
/// ```no_run
/// use tuneup_memory::TextStats;
///
/// let mut counter = TextStats::builder()
///     .threads(2)
///     .progress(|progress| eprint!("\r{} bytes", progress.done_bytes))
///     .build()?;
/// let stats = counter.count_file("access.log")?;
/// println!("{} lines", stats.lines);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
pub struct TextCounter<'p> {
    threads: usize,
    chunk_bytes: usize,
    progress: Option<ProgressCallback<'p>>,
}

impl TextCounter<'_> {
    /// Counts a file, by ranges on several threads; see [`text_stats`](crate::text_stats).
    ///
    /// What has no length, such as a pipe or a file of `/proc`, is read to its end on the calling thread.
    ///
    /// # Errors
    ///
    /// [`Error::Open`], [`Error::Read`] or [`Error::Shrunk`].
    pub fn count_file(&mut self, path: impl AsRef<Path>) -> Result<TextStats, Error> {
        let path = path.as_ref();
        let file = PositionedFile::open(path)?;
        if file.is_regular() && file.len() > 0 {
            let plan = parallel::Plan::new(file.len(), self.threads, self.chunk_bytes);
            let tally = parallel::count(&file, &plan, |done_bytes| {
                report(&mut self.progress, done_bytes, Some(file.len()));
            })?;
            return Ok(tally.stats());
        }
        self.stream(file.into_file(), Some(path))
    }

    /// Counts all that `reader` gives, on the calling thread. It needs no buffer of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] with the failure of the reader; [`io::ErrorKind::Interrupted`] is tried again.
    pub fn count_reader(&mut self, reader: impl Read) -> Result<TextStats, Error> {
        self.stream(reader, None)
    }

    fn stream(&mut self, mut reader: impl Read, path: Option<&Path>) -> Result<TextStats, Error> {
        let mut tally = Tally::default();
        let mut window = ChunkBuffer::new(self.chunk_bytes);
        loop {
            let read = match reader.read(window.space()) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(failure(path, tally.bytes, source)),
            };
            if read == 0 {
                window.finish(&mut tally);
                report(&mut self.progress, tally.bytes, None);
                return Ok(tally.stats());
            }
            window.filled(read, &mut tally);
            report(&mut self.progress, tally.bytes, None);
        }
    }
}

impl fmt::Debug for TextCounter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextCounter")
            .field("threads", &self.threads)
            .field("chunk_bytes", &self.chunk_bytes)
            .finish_non_exhaustive()
    }
}

fn report(callback: &mut Option<ProgressCallback<'_>>, done_bytes: u64, total_bytes: Option<u64>) {
    if let Some(callback) = callback {
        callback(Progress {
            done_bytes,
            total_bytes,
        });
    }
}

fn failure(path: Option<&Path>, offset_bytes: u64, source: io::Error) -> Error {
    match path.map(PathBuf::from) {
        Some(path) => Error::Read {
            path,
            offset_bytes,
            source,
        },
        None => Error::Input {
            offset_bytes,
            source,
        },
    }
}

/// A buffer that keeps an unfinished character for the next chunk.
pub(super) struct ChunkBuffer {
    bytes: Box<[u8]>,
    /// How many bytes at the beginning are left of the chunk before.
    kept: usize,
    /// The widest row of all that went through this buffer: narrower ones need no measuring.
    widest: u64,
}

impl ChunkBuffer {
    pub(super) fn new(chunk_bytes: usize) -> Self {
        Self {
            bytes: vec![0; chunk_bytes].into_boxed_slice(),
            kept: 0,
            widest: 0,
        }
    }

    /// Where to read to. Never empty: what is kept is shorter than the least chunk.
    pub(super) fn space(&mut self) -> &mut [u8] {
        &mut self.bytes[self.kept..]
    }

    /// Counts, after `read` bytes have been read, all characters that are complete.
    pub(super) fn filled(&mut self, read: usize, tally: &mut Tally) {
        let filled = self.kept + read;
        let end = sequences::cut(&self.bytes[..filled]);
        self.count(end, tally);
        self.bytes.copy_within(end..filled, 0);
        self.kept = filled - end;
    }

    /// Counts what is left: nothing follows it.
    pub(super) fn finish(&mut self, tally: &mut Tally) {
        self.count(self.kept, tally);
        self.kept = 0;
    }

    fn count(&mut self, end: usize, tally: &mut Tally) {
        *tally = tally.then(blocks::tally(&self.bytes[..end], self.widest));
        self.widest = self.widest.max(tally.rows.longest());
    }
}

/// Counts bytes in memory, in chunks that stay in the cache between the passes over them.
pub(super) fn count_bytes(bytes: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let most = rest.len().min(CHUNK_BYTES);
        let end = if most == rest.len() {
            most
        } else {
            sequences::cut(&rest[..most])
        };
        let (part, after) = rest.split_at(end);
        tally = tally.then(blocks::tally(part, tally.rows.longest()));
        rest = after;
    }
    tally
}
