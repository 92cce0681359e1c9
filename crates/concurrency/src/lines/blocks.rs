//! A file in blocks of whole lines.

use std::{
    io::Read,
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
    /// Why it has ended, if not with the file.
    fault: Option<Error>,
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
            fault: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the next lines into the buffer, at least one; false when there are no more, because the file ends or for a [fault](Self::take_fault).
    pub(super) fn read_into(&mut self, buffer: &mut Vec<u8>) -> bool {
        buffer.clear();
        if !self.has_ended {
            self.read_lines(buffer);
        }
        !buffer.is_empty()
    }

    /// Why there are no more lines, if not for the end of the file; told once.
    pub(super) fn take_fault(&mut self) -> Option<Error> {
        self.fault.take()
    }

    fn read_lines(&mut self, buffer: &mut Vec<u8>) {
        buffer.append(&mut self.rest);
        loop {
            let unsearched = buffer.len();
            self.fill(buffer);
            self.end_before_long_line(buffer);
            if self.has_ended {
                break;
            }
            if let Some(line_end) = memchr::memrchr(b'\n', &buffer[unsearched..]) {
                let end = unsearched + line_end + 1;
                self.rest.extend_from_slice(&buffer[end..]);
                buffer.truncate(end);
                break;
            }
        }
        if self.fault.is_some() {
            // The end of the file makes a line of what follows the last line end; a fault does not.
            let end = memchr::memrchr(b'\n', buffer).map_or(0, |line_end| line_end + 1);
            buffer.truncate(end);
        }
        self.offset += buffer.len() as u64;
    }

    /// Reads as much as a block has; less only at the end.
    fn fill(&mut self, buffer: &mut Vec<u8>) {
        let wanted = self.block_bytes as u64;
        let read = self.source.by_ref().take(wanted).read_to_end(buffer);
        match read {
            Ok(len) => self.has_ended = (len as u64) < wanted,
            // What was read before is in the buffer.
            Err(source) => self.end_with(Error::File {
                path: self.path.clone(),
                source,
            }),
        }
    }

    /// Takes the first line that is too long, even if its end was not read yet, and all behind it out of the buffer. Costs something only where
    /// lines may be shorter than a block and too long all the same.
    fn end_before_long_line(&mut self, buffer: &mut Vec<u8>) {
        if buffer.len() <= self.max_line_bytes {
            return;
        }
        let mut from = 0;
        while from < buffer.len() {
            let rest = &buffer[from..];
            let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            if len > self.max_line_bytes {
                buffer.truncate(from);
                self.end_with(Error::LineTooLong {
                    path: self.path.clone(),
                    offset: self.offset + from as u64,
                    max_bytes: self.max_line_bytes,
                });
                return;
            }
            from += len;
        }
    }

    /// A line that is too long is found after reading has failed, but lies before that place: the last call counts.
    fn end_with(&mut self, fault: Error) {
        self.has_ended = true;
        self.fault = Some(fault);
    }
}
