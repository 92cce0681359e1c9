//! Reads the memory that the kernel and the reader share.

use std::{io, ops::Range, os::fd::OwnedFd};

use super::system::RingMemory;

/// The ring of one processor.
pub(super) struct Ring {
    memory: RingMemory,
}

impl Ring {
    /// Maps the ring of an event. `data_bytes` is a power of two, at least a page.
    pub(super) fn new(event: &OwnedFd, data_bytes: usize) -> io::Result<Self> {
        let memory = RingMemory::new(event, data_bytes)?;
        Ok(Self { memory })
    }

    /// Moves everything that the kernel has written into `into`, whole records one after the other,
    /// and makes room for more. What `into` had is gone.
    pub(super) fn drain(&mut self, into: &mut Vec<u8>) {
        into.clear();
        let (tail, head) = (self.memory.tail(), self.memory.head());
        let (first, second) = filled(tail, head, self.memory.data_bytes());
        self.memory.copy(first, into);
        self.memory.copy(second, into);
        self.memory.set_tail(head);
    }
}

/// Where the bytes between two positions lie in a ring, whose size is a power of two: up to its end, and
/// on from its beginning. The kernel never writes more than the ring holds; should the positions say so,
/// the ring is taken as full.
fn filled(tail: u64, head: u64, ring_bytes: usize) -> (Range<usize>, Range<usize>) {
    let mask = ring_bytes as u64 - 1;
    let bytes = head.wrapping_sub(tail).min(ring_bytes as u64) as usize;
    let begin = (tail & mask) as usize;
    let in_first = bytes.min(ring_bytes - begin);
    (begin..begin + in_first, 0..bytes - in_first)
}

#[cfg(test)]
mod tests;
