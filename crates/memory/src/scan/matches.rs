//! The places of a pattern.

use std::iter::FusedIterator;

use memchr::memmem::Finder;

use super::window::Window;
use crate::Error;

/// A pattern has at most this many bytes.
pub(super) const LONGEST_PATTERN: usize = 1024 * 1024;

/// The places where a pattern begins, in order: [`FileScanner::find_all`](crate::FileScanner::find_all).
///
/// The matches do not overlap: the search goes on after the end of each. An error is the last item.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data");
/// std::fs::write(&path, "abcabcab")?;
/// let scanner = tuneup_memory::FileScanner::open(&path)?;
/// let places = scanner.find_all("abc")?.collect::<Result<Vec<u64>, _>>()?;
/// assert_eq!(places, [0, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is read until `next`"]
pub struct Matches<'a> {
    window: Window<'a>,
    finder: Finder<'a>,
    ended: bool,
}

impl<'a> Matches<'a> {
    pub(super) fn new(window: Window<'a>, pattern: &'a [u8]) -> Self {
        Self {
            window,
            finder: Finder::new(pattern),
            ended: false,
        }
    }

    fn search(&mut self) -> Result<Option<u64>, Error> {
        let length = self.finder.needle().len();
        loop {
            let bytes = self.window.bytes();
            if let Some(found) = self.finder.find(bytes) {
                let offset = self.window.offset_bytes() + found as u64;
                self.window.consume(found + length);
                return Ok(Some(offset));
            }
            // The last bytes may begin a match that goes on in the next chunk.
            self.window
                .consume((bytes.len() + 1).saturating_sub(length));
            if !self.window.extend()? {
                return Ok(None);
            }
        }
    }
}

impl Iterator for Matches<'_> {
    type Item = Result<u64, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let place = self.search().transpose();
        self.ended = !matches!(place, Some(Ok(_)));
        place
    }
}

impl FusedIterator for Matches<'_> {}

/// Refuses what no search can find.
pub(super) fn check(pattern: &[u8]) -> Result<(), Error> {
    if (1..=LONGEST_PATTERN).contains(&pattern.len()) {
        return Ok(());
    }
    Err(Error::OutOfRange {
        option: "pattern bytes",
        value: pattern.len().to_string(),
        allowed: "1 to 1048576",
    })
}
