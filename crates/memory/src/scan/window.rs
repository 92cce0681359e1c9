//! Consecutive bytes of a file, of which more come on demand.

use std::ops::Range;

use crate::{Error, positioned::PositionedFile};

/// What is in memory of a range of a file, and how to get more of it.
#[derive(Debug)]
pub(super) enum Window<'a> {
    /// Copied into a buffer.
    Read(ReadWindow<'a>),
    /// Mapped: all is there, and shown part by part.
    #[cfg(feature = "mapped")]
    Mapped(MappedWindow<'a>),
}

impl Window<'_> {
    /// The bytes that are not consumed yet and need no reading.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Read(window) => &window.buffer[window.begin..window.filled],
            #[cfg(feature = "mapped")]
            Self::Mapped(window) => &window.bytes[window.begin..window.shown],
        }
    }

    /// Where in the file the first of [`bytes`](Self::bytes) is.
    pub(super) fn offset_bytes(&self) -> u64 {
        match self {
            Self::Read(window) => window.next - (window.filled - window.begin) as u64,
            #[cfg(feature = "mapped")]
            Self::Mapped(window) => window.offset_bytes + window.begin as u64,
        }
    }

    /// Forgets the first `count` of [`bytes`](Self::bytes).
    pub(super) fn consume(&mut self, count: usize) {
        match self {
            Self::Read(window) => window.begin += count,
            #[cfg(feature = "mapped")]
            Self::Mapped(window) => window.begin += count,
        }
    }

    /// Appends to [`bytes`](Self::bytes), unless the range ends here: then it gives `false`.
    ///
    /// An error leaves all as it was.
    pub(super) fn extend(&mut self) -> Result<bool, Error> {
        match self {
            Self::Read(window) => window.extend(),
            #[cfg(feature = "mapped")]
            Self::Mapped(window) => {
                let before = window.shown;
                let end = window.shown.saturating_add(window.chunk_bytes);
                window.shown = end.min(window.bytes.len());
                Ok(window.shown > before)
            }
        }
    }
}

/// A buffer that moves over a range of a file.
#[derive(Debug)]
pub(super) struct ReadWindow<'a> {
    file: &'a PositionedFile,
    buffer: Vec<u8>,
    /// The buffer does not grow beyond this.
    limit_bytes: usize,
    /// What is before this in the buffer has been consumed.
    begin: usize,
    /// What is from here on in the buffer has not been read.
    filled: usize,
    /// Where in the file the next read begins.
    next: u64,
    /// Where in the file the range ends.
    end: u64,
}

impl<'a> ReadWindow<'a> {
    pub(super) fn new(
        file: &'a PositionedFile,
        range: Range<u64>,
        chunk_bytes: usize,
        limit_bytes: usize,
    ) -> Self {
        Self {
            file,
            buffer: vec![0; chunk_bytes],
            limit_bytes: limit_bytes.max(chunk_bytes),
            begin: 0,
            filled: 0,
            next: range.start,
            end: range.end,
        }
    }

    fn extend(&mut self) -> Result<bool, Error> {
        if self.next >= self.end {
            return Ok(false);
        }
        // What is left is moved once per chunk, and is short: a part of a line or of a pattern.
        self.buffer.copy_within(self.begin..self.filled, 0);
        self.filled -= self.begin;
        self.begin = 0;
        if self.filled == self.buffer.len() {
            let longer = (2 * self.buffer.len()).min(self.limit_bytes);
            if longer == self.buffer.len() {
                return Err(Error::LineTooLong {
                    path: self.file.path().to_owned(),
                    offset_bytes: self.next - self.filled as u64,
                    limit_bytes: self.limit_bytes,
                });
            }
            self.buffer.resize(longer, 0);
        }
        let space = &mut self.buffer[self.filled..];
        let most =
            usize::try_from(self.end - self.next).map_or(space.len(), |rest| rest.min(space.len()));
        let read = self.file.read_at(&mut space[..most], self.next)?;
        self.filled += read;
        self.next += read as u64;
        Ok(true)
    }
}

/// A part of a mapping.
#[cfg(feature = "mapped")]
#[derive(Debug)]
pub(super) struct MappedWindow<'a> {
    bytes: &'a [u8],
    /// Where in the file `bytes` begin.
    offset_bytes: u64,
    chunk_bytes: usize,
    begin: usize,
    shown: usize,
}

#[cfg(feature = "mapped")]
impl<'a> MappedWindow<'a> {
    pub(super) fn new(bytes: &'a [u8], offset_bytes: u64, chunk_bytes: usize) -> Self {
        Self {
            bytes,
            offset_bytes,
            chunk_bytes,
            begin: 0,
            shown: 0,
        }
    }
}
