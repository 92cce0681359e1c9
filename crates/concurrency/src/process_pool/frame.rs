//! Messages between a pool and its workers: eight bytes of header, then the body.
//!
//! The header is the length of the body and what it is, four bytes each, the lowest first.

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use serde::{Serialize, de::DeserializeOwned};

const HEADER_BYTES: usize = 8;

/// A body whose length the header can hold.
pub(super) const MOST_BYTES: usize = u32::MAX as usize;

/// A buffer of this size is kept for the next message, a larger one is not.
const KEPT_BYTES: usize = 1 << 20;

/// From the worker, once: it is ready, and these are its jobs. The lowest byte is the version of the protocol.
pub(super) const READY: u32 = 0x7475_6e01;
/// From the worker: the result.
pub(super) const DONE: u32 = 0;
/// From the worker: the job has panicked, and this was said.
pub(super) const PANICKED: u32 = 1;
/// From the worker: the input cannot be decoded.
pub(super) const BAD_INPUT: u32 = 2;
/// From the worker: the result cannot be encoded.
pub(super) const BAD_OUTPUT: u32 = 3;
/// From the worker: the result has too many bytes; how many.
pub(super) const LARGE_OUTPUT: u32 = 4;

/// To the worker: end in good order. Lower numbers are those of jobs.
pub(super) const END: u32 = u32::MAX;
/// To the worker, once: the bytes that a message may have.
pub(super) const BEGIN: u32 = u32::MAX - 1;

/// A message with its header, ready to be sent but for its kind.
pub(super) struct Frame(Vec<u8>);

impl Frame {
    /// Encodes a value. The error says which bytes were wrong to nobody: postcard's has no values in it.
    pub(super) fn of(value: &impl Serialize) -> Result<Self, postcard::Error> {
        postcard::to_extend(value, vec![0; HEADER_BYTES]).map(Self)
    }

    pub(super) fn body_bytes(&self) -> usize {
        self.0.len() - HEADER_BYTES
    }

    /// The bytes to send. The body has no more than [`MOST_BYTES`]: who made it has looked.
    pub(super) fn seal(&mut self, kind: u32) -> &[u8] {
        let length = u32::try_from(self.body_bytes()).unwrap_or(u32::MAX);
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        self.0[4..HEADER_BYTES].copy_from_slice(&kind.to_le_bytes());
        &self.0
    }
}

/// Decodes a body, of which nothing may be left over.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, postcard::Error> {
    match postcard::take_from_bytes(body)? {
        (value, []) => Ok(value),
        _ => Err(postcard::Error::DeserializeBadEncoding),
    }
}

/// Reads a message, and says of what kind it is.
///
/// No more memory is taken than bytes have come, whatever the header claims.
///
/// # Errors
///
/// `UnexpectedEof` at the end, `InvalidData` for a body of more than `max_bytes`.
pub(super) fn read(from: &mut impl Read, max_bytes: usize, body: &mut Vec<u8>) -> io::Result<u32> {
    let mut length = [0; 4];
    let mut kind = [0; 4];
    from.read_exact(&mut length)?;
    from.read_exact(&mut kind)?;
    let length = u32::from_le_bytes(length);
    if length as usize > max_bytes {
        return Err(io::ErrorKind::InvalidData.into());
    }
    body.clear();
    body.shrink_to(KEPT_BYTES);
    from.take(u64::from(length)).read_to_end(body)?;
    if body.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(u32::from_le_bytes(kind))
}
