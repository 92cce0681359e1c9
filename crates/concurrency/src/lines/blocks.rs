//! A file in blocks of whole lines.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::Error;

/// Reads in order; what follows the last line end of a block begins the next one.
pub(super) struct Blocks<R> {
    source: R,
    path: PathBuf,
    block_bytes: usize,
    max_line_bytes: usize,
    /// The beginning of a line, which was read with the block before.
    rest: Vec<u8>,
    /// Where `rest` begins.
    offset: u64,
    has_ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(source: R, path: PathBuf, block_bytes: usize, max_line_bytes: usize) -> Self {
        Self {
            source,
            path,
            block_bytes,
            max_line_bytes,
            rest: Vec::new(),
            offset: 0,
            has_ended: false,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the next lines into the buffer, at least one; false when there are no more, or after an error.
    pub(super) fn read_into(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        buffer.clear();
        if self.has_ended {
            return Ok(false);
        }
        let read = self.read_lines(buffer);
        self.has_ended |= read.is_err();
        read.map(|()| !buffer.is_empty())
    }

    fn read_lines(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        buffer.append(&mut self.rest);
        loop {
            let unsearched = buffer.len();
            self.fill(buffer)?;
            if !self.has_ended {
                let Some(line_end) = memchr::memrchr(b'\n', &buffer[unsearched..]) else {
                    self.check_length(buffer.len())?;
                    continue;
                };
                let end = unsearched + line_end + 1;
                self.rest.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
            }
            self.check_lines(buffer)?;
            self.offset += buffer.len() as u64;
            return Ok(());
        }
    }

    /// Reads as much as a block has; less only at the end.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let wanted = self.block_bytes as u64;
        let read = self.source.by_ref().take(wanted).read_to_end(buffer);
        match read {
            Ok(len) => {
                self.has_ended = (len as u64) < wanted;
                Ok(())
            }
            Err(source) => Err(self.failed(source)),
        }
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::File {
            path: self.path.clone(),
            source,
        }
    }

    /// That a line which begins the buffer and goes on is not too long yet.
    fn check_length(&self, len: usize) -> Result<(), Error> {
        if len < self.max_line_bytes {
            return Ok(());
        }
        Err(Error::LineTooLong {
            path: self.path.clone(),
            offset: self.offset,
            max_bytes: self.max_line_bytes,
        })
    }

    /// That no line of the block is too long. Only where lines may be shorter than a block and too long all the same.
    fn check_lines(&self, block: &[u8]) -> Result<(), Error> {
        if block.len() <= self.max_line_bytes {
            return Ok(());
        }
        let mut from = 0;
        while from < block.len() {
            let rest = &block[from..];
            let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            if len > self.max_line_bytes {
                return Err(Error::LineTooLong {
                    path: self.path.clone(),
                    offset: self.offset + from as u64,
                    max_bytes: self.max_line_bytes,
                });
            }
            from += len;
        }
        Ok(())
    }
}
