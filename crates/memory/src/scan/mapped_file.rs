//! A file mapped into memory.

use std::{fs::File, io, ops::Range, path::Path, sync::Arc};

use memmap2::Mmap;

use super::{
    chunks::Chunks,
    file_scanner::CHUNK_BYTES,
    lines::Lines,
    matches::{self, Matches},
    ranges,
    window::{MappedWindow, Window},
};
use crate::Error;

/// A file mapped into memory for reading. **If somebody truncates the file meanwhile, the next access to a
/// page behind its new end kills the process** (`SIGBUS`); it is no error that can be handled.
///
/// So [`FileScanner`](crate::FileScanner), which copies each byte once and is little slower, is the default.
/// A mapping is for files that nobody else writes to, where bytes are wanted as one slice, in any order, or
/// shared with other processes. Its pages count as resident memory of the process as long as they are not
/// evicted. All verbs are those of `FileScanner`, without a buffer, and with no limit for a line.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("words");
/// std::fs::write(&path, "one\ntwo\n")?;
/// // SAFETY: the file is in a folder of this test; nobody writes to it while it is mapped.
/// let file = unsafe { tuneup_memory::MappedFile::open(&path)? };
/// assert_eq!(file.bytes(), b"one\ntwo\n");
/// assert_eq!(file.find_all("two")?.next().transpose()?, Some(4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "mmap")]
#[derive(Debug, Clone)]
pub struct MappedFile {
    map: Arc<Mmap>,
    range: Range<usize>,
}

impl MappedFile {
    /// Maps a file, of the length that it has now.
    ///
    /// # Safety
    ///
    /// While this value or a clone or part of it lives, nobody, in this process or in another, may truncate
    /// the file or write to it. A truncated file kills the process at the next access. Bytes that change
    /// behind a `&[u8]` are undefined behaviour, as [`memmap2`](https://docs.rs/memmap2) says of its own
    /// constructors. No lock that all programs heed exists; take a file that only you can write to.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] with the system's reason; [`Error::NotRegular`] for a folder, a pipe or a device.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source: io::Error| Error::Open {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(Error::NotRegular {
                path: path.to_owned(),
            });
        }
        // SAFETY: the caller promises that nobody changes the file while it is mapped.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        // Reading ahead more is all that it does; without it the answers are the same.
        #[cfg(unix)]
        let _ = map.advise(memmap2::Advice::Sequential);
        let range = 0..map.len();
        Ok(Self {
            map: Arc::new(map),
            range,
        })
    }

    /// All bytes of the file, or of the part.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.map[self.range.clone()]
    }

    /// The bytes of the file that this is: all, or a part made by [`par_ranges`](Self::par_ranges).
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.start as u64..self.range.end as u64
    }

    /// The bytes, 64 KiB at a time.
    pub fn chunks(&self) -> Chunks<'_> {
        Chunks::new(self.window(self.range()))
    }

    /// The lines, without their line feeds.
    pub fn lines(&self) -> Lines<'_> {
        Lines::new(self.window(self.range()))
    }

    /// The places in the file where `pattern` begins; see
    /// [`FileScanner::find_all`](crate::FileScanner::find_all).
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if the pattern is empty or longer than 1 MiB.
    pub fn find_all<'a>(
        &'a self,
        pattern: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Result<Matches<'a>, Error> {
        let pattern = pattern.as_ref();
        matches::check(pattern)?;
        Ok(Matches::new(self.window(self.range()), pattern))
    }

    /// How often `pattern` occurs; see [`FileScanner::count`](crate::FileScanner::count).
    ///
    /// # Errors
    ///
    /// As of [`find_all`](Self::find_all).
    pub fn count(&self, pattern: impl AsRef<[u8]>) -> Result<u64, Error> {
        self.find_all(&pattern)?
            .try_fold(0, |count, place| place.map(|_| count + 1))
    }

    /// Parts that end where lines end; see [`FileScanner::par_ranges`](crate::FileScanner::par_ranges).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("words");
    /// std::fs::write(&path, "one\ntwo\nthree\n")?;
    /// // SAFETY: the file is in a folder of this test; nobody writes to it while it is mapped.
    /// let file = unsafe { tuneup_memory::MappedFile::open(&path)? };
    /// let parts = file.par_ranges(2)?;
    /// assert_eq!((parts[0].bytes(), parts[1].bytes()), (&b"one\ntwo\n"[..], &b"three\n"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None today: the type is that of the same verb of `FileScanner`.
    pub fn par_ranges(&self, parts: usize) -> Result<Vec<Self>, Error> {
        let ranges = ranges::at_line_ends(self.range(), parts.max(1), |range| self.window(range))?;
        let parts = ranges.into_iter().map(|range| Self {
            map: Arc::clone(&self.map),
            range: in_memory(range),
        });
        Ok(parts.collect())
    }

    fn window(&self, range: Range<u64>) -> Window<'_> {
        let start = range.start;
        Window::Mapped(MappedWindow::new(
            &self.map[in_memory(range)],
            start,
            CHUNK_BYTES,
        ))
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

/// Places in a mapping, which fits into the address space.
fn in_memory(range: Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}
