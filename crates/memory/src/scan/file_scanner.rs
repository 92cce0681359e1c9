//! A file by positioned reads.

use std::{ops::Range, path::Path, sync::Arc};

use super::{
    chunks::Chunks,
    lines::Lines,
    matches::{self, Matches},
    ranges,
    window::{ReadWindow, Window},
};
use crate::{Error, positioned::PositionedFile};

pub(super) const CHUNK_BYTES: usize = 64 * 1024;
const CHUNK_BYTES_ALLOWED: Range<usize> = 1..64 * 1024 * 1024 + 1;
const LONGEST_LINE_BYTES: usize = 8 * 1024 * 1024;

/// Reads a file of any size in a small fixed memory: chunks, lines, patterns, and ranges for threads.
///
/// It reads by position (`pread`), so any number of threads can use it, or its clones, at once; each walk
/// over the file has a buffer of its own and begins at the beginning. It is the default, and
/// `MappedFile` the special case: a file that shrinks under a mapping kills the process, while here it is
/// [`Error::Shrunk`]. A file that grows is read up to the length that it had when it was opened; what is
/// overwritten meanwhile is seen or not. Files without a length, such as those of `/proc`, look empty.
///
/// | memory | bytes |
/// |---|---|
/// | per walk | [`with_chunk_bytes`](Self::with_chunk_bytes), by default 64 KiB |
/// | where a line is longer | twice its length at most, up to [`with_longest_line_bytes`](Self::with_longest_line_bytes) |
/// | where a pattern is longer than half a chunk | twice its length |
///
/// # Sources
///
/// Positioned reads are those of [pread(2)](https://man7.org/linux/man-pages/man2/pread.2.html); that lines are lent, not
/// allocated, is `read_until` of the standard library with a buffer that is kept.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("access.log");
/// std::fs::write(&path, "GET /\nPUT /a\nGET /b\n")?;
/// let scanner = tuneup_memory::FileScanner::open(&path)?;
/// assert_eq!(scanner.count("GET ")?, 2);
/// let mut lines = scanner.lines();
/// assert_eq!(lines.next_line()?, Some(&b"GET /"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "BufReader")]
#[derive(Debug, Clone)]
pub struct FileScanner {
    file: Arc<PositionedFile>,
    range: Range<u64>,
    chunk_bytes: usize,
    longest_line_bytes: usize,
}

impl FileScanner {
    /// Opens a file; reads nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] with the system's reason; [`Error::NotRegular`] for a folder, a pipe or a device,
    /// which has no positions.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = PositionedFile::open(path)?;
        if !file.is_regular() {
            return Err(Error::NotRegular {
                path: path.to_owned(),
            });
        }
        let range = 0..file.len();
        Ok(Self {
            file: Arc::new(file),
            range,
            chunk_bytes: CHUNK_BYTES,
            longest_line_bytes: LONGEST_LINE_BYTES,
        })
    }

    /// Reads this many bytes at once: 1 byte to 64 MiB, by default 64 KiB, which stays in the second-level
    /// cache of a processor.
    ///
    /// # Panics
    ///
    /// If it is outside of that.
    #[must_use]
    pub fn with_chunk_bytes(mut self, chunk_bytes: usize) -> Self {
        assert!(
            CHUNK_BYTES_ALLOWED.contains(&chunk_bytes),
            "chunk_bytes is {chunk_bytes}; allowed is 1 to 67108864"
        );
        self.chunk_bytes = chunk_bytes;
        self
    }

    /// Lines longer than this, by default 8 MiB, are [`Error::LineTooLong`]: so that a file without line
    /// feeds does not fill the memory. What fits into a chunk is never too long.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("data");
    /// use tuneup_memory::{Error, FileScanner};
    ///
    /// std::fs::write(&path, "x".repeat(1_000))?;
    /// let scanner = FileScanner::open(&path)?.with_chunk_bytes(64).with_longest_line_bytes(500);
    /// let refused = scanner.lines().next_line().unwrap_err();
    /// assert!(matches!(refused, Error::LineTooLong { limit_bytes: 500, .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_longest_line_bytes(mut self, longest_line_bytes: usize) -> Self {
        self.longest_line_bytes = longest_line_bytes;
        self
    }

    /// The bytes of the file that this scanner walks over: all that there were when it was opened, or a part
    /// made by [`par_ranges`](Self::par_ranges).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("data");
    /// std::fs::write(&path, "12345")?;
    /// assert_eq!(tuneup_memory::FileScanner::open(&path)?.range(), 0..5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The bytes, some at a time. Allocates one buffer.
    pub fn chunks(&self) -> Chunks<'_> {
        Chunks::new(self.window(self.range(), self.chunk_bytes))
    }

    /// The lines, without their line feeds. Allocates one buffer, and nothing per line.
    pub fn lines(&self) -> Lines<'_> {
        Lines::new(self.window(self.range(), self.chunk_bytes))
    }

    /// The places in the file where `pattern` begins, also across the edges of chunks; matches do not
    /// overlap. Allocates one buffer. O(bytes), by the vectorised search of
    /// [`memchr::memmem`](https://docs.rs/memchr).
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if the pattern is empty or longer than 1 MiB. The iterator gives
    /// [`Error::Read`] and [`Error::Shrunk`].
    #[doc(alias = "grep")]
    pub fn find_all<'a>(
        &'a self,
        pattern: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Result<Matches<'a>, Error> {
        let pattern = pattern.as_ref();
        matches::check(pattern)?;
        let chunk_bytes = self.chunk_bytes.max(2 * pattern.len());
        Ok(Matches::new(
            self.window(self.range(), chunk_bytes),
            pattern,
        ))
    }

    /// How often `pattern` occurs, not counting matches that overlap an earlier one; as
    /// [`find_all`](Self::find_all), on the calling thread.
    ///
    /// A pattern without a line feed occurs in the parts of [`par_ranges`](Self::par_ranges) as often as in
    /// the whole: so threads can count it.
    ///
    /// # Errors
    ///
    /// As of [`find_all`](Self::find_all) and of its iterator.
    pub fn count(&self, pattern: impl AsRef<[u8]>) -> Result<u64, Error> {
        self.find_all(&pattern)?
            .try_fold(0, |count, place| place.map(|_| count + 1))
    }

    /// Parts of the file, each a scanner of its own, to hand to threads or to rayon: at most `parts`, of
    /// about equal length, and each ends where a line ends. Together they are the whole, in order; none is
    /// empty, so an empty file has none.
    ///
    /// Reads `parts` - 1 times up to the next line feed, and allocates a buffer each time.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("data");
    /// std::fs::write(&path, "a line\n".repeat(10_000))?;
    /// let parts = tuneup_memory::FileScanner::open(&path)?.par_ranges(2)?;
    /// let counts = std::thread::scope(|scope| {
    ///     let threads: Vec<_> = parts.iter().map(|part| scope.spawn(|| part.count("line"))).collect();
    ///     threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Result<Vec<u64>, _>>()
    /// })?;
    /// assert_eq!(counts, [5_000, 5_000]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Read`] or [`Error::Shrunk`].
    #[doc(alias = "split")]
    pub fn par_ranges(&self, parts: usize) -> Result<Vec<Self>, Error> {
        let window = |range| self.window(range, self.chunk_bytes);
        let ranges = ranges::at_line_ends(self.range(), parts.max(1), window)?;
        let parts = ranges.into_iter().map(|range| Self {
            range,
            ..self.clone()
        });
        Ok(parts.collect())
    }

    fn window(&self, range: Range<u64>, chunk_bytes: usize) -> Window<'_> {
        Window::Read(ReadWindow::new(
            &self.file,
            range,
            chunk_bytes,
            self.longest_line_bytes,
        ))
    }
}
