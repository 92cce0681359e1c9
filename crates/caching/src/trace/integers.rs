//! Traces of integers of a fixed width.

use std::io::Read;

use super::{Requests, TraceFormat};
use crate::Error;

pub(super) fn read(
    source: &mut impl Read,
    format: TraceFormat,
    requests: &mut Requests<'_>,
) -> Result<(), Error> {
    let key_bytes = format.key_bytes().unwrap_or(1);
    // A whole number of keys of either width.
    let mut block = [0; 1 << 13];
    loop {
        let filled = fill(source, &mut block).map_err(|error| requests.unreadable(error))?;
        let keys = block[..filled].chunks_exact(key_bytes);
        let extra_bytes = keys.remainder().len();
        for key in keys {
            requests.push_number(format.integer(key))?;
        }
        if extra_bytes > 0 {
            return Err(Error::TraceTail {
                trace: requests.name.to_owned(),
                extra_bytes,
                key_bytes,
            });
        }
        if filled < block.len() {
            return Ok(());
        }
    }
}

/// Reads until the buffer is full or the source has ended.
pub(super) fn fill(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
