//! The lines of a large file, by several threads.

mod blocks;
mod map;
mod reduce;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    fs::File,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use self::blocks::Blocks;
pub use self::map::MapLines;
use crate::{CoreBudget, Error};

/// How much of a file has been worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinesProgress {
    /// Bytes of the lines that are done.
    pub done_bytes: u64,
    /// Bytes of the file when it was opened; 0 for what has no length, such as a pipe.
    pub total_bytes: u64,
}

type Report = Box<dyn Fn(LinesProgress) + Send + Sync>;

/// Counts what is done, and tells.
struct Done {
    bytes: AtomicU64,
    total_bytes: u64,
    report: Option<Report>,
}

impl Done {
    fn add(&self, bytes: usize) {
        let done_bytes = self.bytes.fetch_add(bytes as u64, Relaxed) + bytes as u64;
        if let Some(report) = &self.report {
            report(LinesProgress {
                done_bytes,
                total_bytes: self.total_bytes,
            });
        }
    }
}

/// A file whose lines are worked on by several threads.
///
/// The file is read once, in order, a block at a time; each block is cut at its last line end, and what follows begins the next one. So a line is
/// always whole, however long, and no byte is read twice. One thread reads at a time: where reading is what takes long, on a slow disk, more threads
/// do not help.
///
/// A line is its bytes without the line end, `\n` or `\r\n`. The last one needs none; a `\r` that no `\n` follows is part of the line. In memory are as many
/// blocks as threads ([`reduce`](Self::reduce)), or four for each ([`map`](Self::map)).
///
/// Where a line is too long, or reading fails, the lines before are worked on all the same. Then comes the error, and nothing behind it is looked at.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("words.txt");
/// std::fs::write(&path, "one two\nthree\n")?;
/// let words = tuneup_concurrency::ParallelLines::builder(&path)
///     .build()?
///     .reduce(
///         |words: &mut usize, line| *words += line.split(|byte| *byte == b' ').count(),
///         |words, others| *words += others,
///     )?;
/// assert_eq!(words, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is read before `map` or `reduce`"]
pub struct ParallelLines {
    blocks: Blocks<File>,
    workers: NonZeroUsize,
    done: Done,
}

/// The options of [`ParallelLines`].
#[must_use = "a builder does nothing before `build`"]
pub struct ParallelLinesBuilder {
    path: PathBuf,
    workers: NonZeroUsize,
    block_bytes: usize,
    max_line_bytes: usize,
    report: Option<Report>,
}

impl ParallelLines {
    /// Options for the lines of a file.
    pub fn builder(path: impl AsRef<Path>) -> ParallelLinesBuilder {
        ParallelLinesBuilder {
            path: path.as_ref().to_owned(),
            workers: CoreBudget::global().cores(),
            block_bytes: 1 << 20,
            max_line_bytes: 64 << 20,
            report: None,
        }
    }
}

impl ParallelLinesBuilder {
    /// How many threads work, the caller's among them, 1 to 65536. Default: the [budget of cores](CoreBudget::cores).
    pub fn workers(mut self, workers: NonZeroUsize) -> Self {
        self.workers = workers;
        self
    }

    /// How much is read at a time and worked on by one thread, 1 to 2³⁰. Default: 1 MiB. Smaller blocks share out the end of the file
    /// more evenly, and cost more for each byte.
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes;
        self
    }

    /// The longest line, line end included, 1 to 2³⁰; a longer one is an error. Default: 64 MiB. What bounds the memory where a file
    /// turns out to have no lines.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = bytes;
        self
    }

    /// Is called when a block is done, by the thread that has done it.
    pub fn progress(mut self, report: impl Fn(LinesProgress) + Send + Sync + 'static) -> Self {
        self.report = Some(Box::new(report));
        self
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for sizes and numbers of threads that are not allowed, and [`Error::File`] if the file cannot be opened.
    ///
    /// ```
    /// use tuneup_concurrency::{Error, ParallelLines};
    ///
    /// let missing = ParallelLines::builder("no/such/file").build();
    /// assert!(matches!(missing, Err(Error::File { .. })));
    /// ```
    pub fn build(self) -> Result<ParallelLines, Error> {
        Error::check_workers("workers", self.workers.get())?;
        for (option, bytes) in [
            ("block_bytes", self.block_bytes),
            ("max_line_bytes", self.max_line_bytes),
        ] {
            if !(1..=1 << 30).contains(&bytes) {
                return Err(Error::OutOfRange {
                    option,
                    value: bytes.to_string(),
                    allowed: "1 to 2^30",
                });
            }
        }
        let opened = File::open(&self.path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (total_bytes, file) = opened.map_err(|source| Error::File {
            path: self.path.clone(),
            source,
        })?;
        Ok(ParallelLines {
            blocks: Blocks::new(file, self.path, self.block_bytes, self.max_line_bytes),
            workers: self.workers,
            done: Done {
                bytes: AtomicU64::new(0),
                total_bytes,
                report: self.report,
            },
        })
    }
}

/// What becomes of all lines of a file, by as many threads as there are cores.
///
/// Each thread has an accumulator, which begins as the default and is given all lines that the thread meets; at the end they are merged. Which lines
/// are whose is chance, so the result should not depend on their order. For the options, and for more, see [`ParallelLines::reduce`].
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("log.txt");
/// std::fs::write(&path, "GET 200\nGET 404\nPUT 200\n")?;
/// let failures = tuneup_concurrency::reduce_lines(
///     &path,
///     |failures: &mut u64, line| *failures += u64::from(!line.ends_with(b"200")),
///     |failures, others| *failures += others,
/// )?;
/// assert_eq!(failures, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`ParallelLines::reduce`], and [`Error::File`] if the file cannot be opened.
#[doc(alias = "map_reduce")]
pub fn reduce_lines<A: Default + Send>(
    path: impl AsRef<Path>,
    map: impl Fn(&mut A, &[u8]) + Sync,
    merge: impl FnMut(&mut A, A),
) -> Result<A, Error> {
    ParallelLines::builder(path).build()?.reduce(map, merge)
}

/// What a function makes of the lines of a file, in their order, by as many threads as there are cores.
///
/// Lazy, and in bounded memory: see [`ParallelLines::map`], which has options.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("numbers.txt");
/// std::fs::write(&path, "1\n20\n300\n")?;
/// let lengths = tuneup_concurrency::lines_parallel(&path, |line| line.len())?;
/// assert_eq!(lengths.collect::<Result<Vec<_>, _>>()?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::File`] if the file cannot be opened; a later one is the last item.
pub fn lines_parallel<R: Send + 'static>(
    path: impl AsRef<Path>,
    f: impl Fn(&[u8]) -> R + Send + Sync + 'static,
) -> Result<MapLines<R>, Error> {
    Ok(ParallelLines::builder(path).build()?.map(f))
}

/// Calls `f` with each line of a block, without its line end.
fn each_line(block: &[u8], mut f: impl FnMut(&[u8])) {
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', block) {
        f(without_return(&block[from..end]));
        from = end + 1;
    }
    // The last line of a file. A carriage return is part of a line end only before a line feed.
    if from < block.len() {
        f(&block[from..]);
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl fmt::Debug for ParallelLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelLines")
            .field("path", &self.blocks.path())
            .field("workers", &self.workers)
            .field("total_bytes", &self.done.total_bytes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ParallelLinesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelLinesBuilder")
            .field("path", &self.path)
            .field("workers", &self.workers)
            .field("block_bytes", &self.block_bytes)
            .field("max_line_bytes", &self.max_line_bytes)
            .finish_non_exhaustive()
    }
}
