//! A file piece by piece.

use super::window::Window;
use crate::Error;

/// The bytes of a file in order, some at a time: [`FileScanner::chunks`](crate::FileScanner::chunks).
///
/// Each chunk lives until the next is asked for; so this is no [`Iterator`].
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data");
/// std::fs::write(&path, vec![7; 300_000])?;
/// let scanner = tuneup_memory::FileScanner::open(&path)?;
/// let mut chunks = scanner.chunks();
/// let mut sum = 0_u64;
/// while let Some(chunk) = chunks.next_chunk()? {
///     sum += chunk.iter().map(|&byte| u64::from(byte)).sum::<u64>();
/// }
/// assert_eq!(sum, 2_100_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is read until `next_chunk`"]
pub struct Chunks<'a> {
    window: Window<'a>,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(window: Window<'a>) -> Self {
        Self { window }
    }

    /// The next chunk, never empty; `None` at the end. One read of the file at most.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] or [`Error::Shrunk`]; the next call tries the same place again.
    pub fn next_chunk(&mut self) -> Result<Option<&[u8]>, Error> {
        self.window.consume(self.window.bytes().len());
        let more = self.window.extend()?;
        Ok(more.then(|| self.window.bytes()))
    }

    /// Where in the file the chunk is that [`next_chunk`](Self::next_chunk) gave last.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        self.window.offset_bytes()
    }
}
