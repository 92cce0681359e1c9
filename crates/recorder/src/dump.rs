//! A recording as bytes, for programs that have no room for a profiler: another program reads it. A trace of the heap likewise.
//!
//! Numbers are written in seven bits a byte, the lowest first (LEB128), texts with their lengths before them. Sites are written once, and named by
//! their place in the list; distributions as pairs of a value and a count; the lines of a function as distances from the line before.

mod heap;
mod known_sites;
mod numbers;
mod reader;
#[cfg(all(test, not(loom)))]
mod tests;
mod writer;

use std::{error, fmt};

pub use self::{heap::HeapDump, reader::Dump};

/// What a dump begins with; the last letter counts the layouts.
const MAGIC: &[u8] = b"tuneup recording 3\n";

/// What a dump ends with, so that one that was cut off is known.
const END: u8 = b'.';

/// Why bytes are no recording.
///
/// ```
/// use tuneup_recorder::{Dump, DumpError};
///
/// assert_eq!(Dump::read(b"something else").unwrap_err(), DumpError::Foreign);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DumpError {
    /// It does not begin as a recording does, or it is of another version.
    Foreign,
    /// It ends too early: whoever wrote it did not come to the end.
    CutOff,
    /// Something in it cannot be, at this byte.
    Damaged(usize),
}

impl fmt::Display for DumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("this is no recording, or one of another version; record again with this version"),
            Self::CutOff => f.write_str("the recording is cut off: its program was killed while it wrote; let it end, and record again"),
            Self::Damaged(byte) => write!(f, "the recording is damaged at byte {byte}; record again"),
        }
    }
}

impl error::Error for DumpError {}
