//! A file line by line.

use super::window::Window;
use crate::Error;

/// The lines of a file in order: [`FileScanner::lines`](crate::FileScanner::lines).
///
/// Each line lives until the next is asked for; so this is no [`Iterator`], and no line is allocated. A line
/// ends at a line feed, which is not given; a carriage return before it is. What follows the last line feed
/// is a line if it is not empty. Lines are bytes, of any encoding.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data");
/// std::fs::write(&path, "name\nada\ngrace\n")?;
/// let scanner = tuneup_memory::FileScanner::open(&path)?;
/// let mut lines = scanner.lines();
/// let mut longest = 0;
/// while let Some(line) = lines.next_line()? {
///     longest = longest.max(line.len());
/// }
/// assert_eq!(longest, 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is read until `next_line`"]
pub struct Lines<'a> {
    window: Window<'a>,
    /// The bytes of the line that was given last, with its line feed.
    given: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(window: Window<'a>) -> Self {
        Self { window, given: 0 }
    }

    /// The next line, without its line feed; `None` at the end.
    ///
    /// O(length of the line). Reads when no whole line is in the buffer.
    ///
    /// # Errors
    ///
    /// [`Error::LineTooLong`], [`Error::Read`] or [`Error::Shrunk`]; the next call tries the same line again.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        self.window.consume(std::mem::take(&mut self.given));
        let mut searched = 0;
        let length = loop {
            let bytes = self.window.bytes();
            if let Some(found) = memchr::memchr(b'\n', &bytes[searched..]) {
                self.given = searched + found + 1;
                break searched + found;
            }
            searched = bytes.len();
            if !self.window.extend()? {
                if searched == 0 {
                    return Ok(None);
                }
                self.given = searched;
                break searched;
            }
        };
        Ok(Some(&self.window.bytes()[..length]))
    }

    /// Where in the file the line begins that [`next_line`](Self::next_line) gave last.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        self.window.offset_bytes()
    }
}
