//! Where two outputs differ.

use std::{
    fs::File,
    io::{self, Read, Seek as _},
};

/// The first place at which two outputs differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// From 0 on.
    pub(super) offset: u64,
    /// From 1 on.
    pub(super) line: u64,
}

/// Reads two files from their beginnings; none if they are the same. In 128 KiB of memory.
pub(super) fn of_files(left: &mut File, right: &mut File) -> io::Result<Option<Difference>> {
    left.rewind()?;
    right.rewind()?;
    first_difference(left, right)
}

fn first_difference(mut left: impl Read, mut right: impl Read) -> io::Result<Option<Difference>> {
    const CHUNK: usize = 64 * 1024;
    let (mut left_bytes, mut right_bytes) = (Vec::new(), Vec::new());
    let (mut offset, mut line) = (0, 1);
    loop {
        for (source, bytes) in [
            (&mut left as &mut dyn Read, &mut left_bytes),
            (&mut right, &mut right_bytes),
        ] {
            bytes.clear();
            source.take(CHUNK as u64).read_to_end(bytes)?;
        }
        let same = left_bytes.iter().zip(&right_bytes);
        let same = same.take_while(|(left, right)| left == right).count();
        line += left_bytes[..same]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        offset += same as u64;
        if same < left_bytes.len().max(right_bytes.len()) {
            return Ok(Some(Difference { offset, line }));
        }
        if left_bytes.is_empty() {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests;
