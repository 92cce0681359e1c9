//! Texts of any length, searched in a bounded part of memory.

use std::io::{self, Read};

use super::rules::{self, Match};

#[cfg(test)]
mod tests;

/// So many bytes are new in each window.
const STEP: usize = 1 << 20;

/// A secret that begins in a window is seen whole up to this length, with what stands before it.
const MOST_SECRET: usize = 16 << 10;

/// What stands before a window, so that a pattern sees whether a word begins there.
const BEFORE: usize = 64;

/// A secret in a text that was read in windows.
pub(super) struct Sighting<'a> {
    /// Where in the window, and by which rule.
    pub(super) found: Match,
    /// At most 16 KiB of it.
    pub(super) secret: &'a [u8],
    /// Of the whole text, from 1 on.
    pub(super) line: u64,
}

/// Reads a text to its end and tells of each secret. Holds a megabyte, however long the text is.
pub(super) fn search(
    mut text: impl Read,
    buffer: &mut Vec<u8>,
    mut tell: impl FnMut(Sighting<'_>),
) -> io::Result<u64> {
    buffer.clear();
    let mut read = 0;
    let mut line = 1;
    // What begins before this was told of with the window before.
    let mut from = 0;
    loop {
        let wanted = from + STEP + MOST_SECRET - buffer.len();
        let count = text.by_ref().take(wanted as u64).read_to_end(buffer)?;
        read += count as u64;
        let is_last = count < wanted;
        let to = if is_last { buffer.len() } else { from + STEP };
        let mut lines = Lines {
            text: buffer,
            at: 0,
            line,
        };
        let mut matches = rules::find(buffer);
        matches.retain(|found| (from..to).contains(&found.begin));
        matches.sort_by_key(|found| found.secret.start);
        for found in matches {
            let end = found.secret.end.min(found.secret.start + MOST_SECRET / 2);
            let secret = &buffer[found.secret.start..end];
            let line = lines.of(found.secret.start);
            tell(Sighting {
                found,
                secret,
                line,
            });
        }
        if is_last {
            return Ok(read);
        }
        let passed = to - BEFORE;
        line += count_lines(&buffer[..passed]);
        buffer.drain(..passed);
        from = BEFORE;
    }
}

/// Counts lines forward.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a place that is not before the last one.
    fn of(&mut self, at: usize) -> u64 {
        self.line += count_lines(&self.text[self.at..at]);
        self.at = at;
        self.line
    }
}

fn count_lines(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}
