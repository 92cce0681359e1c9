//! Parts of a file that end where lines end.

use std::ops::Range;

use super::window::Window;
use crate::Error;

/// At most `parts` parts of `range` of about equal length, none empty. `window` shows the rest of a file
/// from a place on.
pub(super) fn at_line_ends<'a>(
    range: Range<u64>,
    parts: usize,
    window: impl Fn(Range<u64>) -> Window<'a>,
) -> Result<Vec<Range<u64>>, Error> {
    let length = range.end - range.start;
    let mut ranges = Vec::new();
    let mut start = range.start;
    for part in 1..=parts as u128 {
        // The quotient is at most `length`.
        let target = range.start + (u128::from(length) * part / parts as u128) as u64;
        if target <= start {
            continue;
        }
        let end = if target == range.end {
            target
        } else {
            // From the byte before: it may be a line feed.
            after_line_feed(window(target - 1..range.end))?
        };
        ranges.push(start..end);
        start = end;
    }
    Ok(ranges)
}

/// The place after the first line feed, or the end. Keeps no bytes: a line of any length does.
fn after_line_feed(mut window: Window<'_>) -> Result<u64, Error> {
    while window.extend()? {
        let bytes = window.bytes();
        if let Some(found) = memchr::memchr(b'\n', bytes) {
            return Ok(window.offset_bytes() + found as u64 + 1);
        }
        window.consume(bytes.len());
    }
    Ok(window.offset_bytes())
}
