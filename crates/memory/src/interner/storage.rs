//! Bytes behind one another in chunks that never move.

use super::Symbol;
use crate::Error;

const FIRST_CHUNK_BYTES: usize = 4 << 10;
const LARGEST_CHUNK_BYTES: usize = 1 << 20;
/// Positions and lengths have 32 bits.
const LIMIT_BYTES: usize = u32::MAX as usize;

#[derive(Clone, Copy)]
struct Place {
    chunk: u32,
    start: u32,
    len: u32,
}

pub(super) struct Storage {
    /// Filled up to their capacity and never beyond, so that the bytes stay where they are.
    chunks: Vec<Vec<u8>>,
    /// The chunk that is being filled.
    current: usize,
    places: Vec<Place>,
    stored_bytes: usize,
    limit_bytes: usize,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            current: 0,
            places: Vec::new(),
            stored_bytes: 0,
            limit_bytes: LIMIT_BYTES,
        }
    }
}

impl Storage {
    pub(super) fn set_limit(&mut self, limit_bytes: usize) {
        self.limit_bytes = limit_bytes.min(LIMIT_BYTES);
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn size_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Vec::capacity).sum();
        chunks
            + self.chunks.capacity() * size_of::<Vec<u8>>()
            + self.places.capacity() * size_of::<Place>()
    }

    #[inline]
    pub(super) fn bytes(&self, symbol: Symbol) -> &[u8] {
        let place = self.places.get(symbol.index());
        let Place { chunk, start, len } = *place.unwrap_or_else(|| {
            panic!("{symbol:?} is of another interner: this one has none of its number")
        });
        let start = start as usize;
        &self.chunks[chunk as usize][start..start + len as usize]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Symbol, Error> {
        if bytes.len() > self.limit_bytes.saturating_sub(self.stored_bytes) {
            return Err(Error::LimitReached {
                what: "bytes of interned strings",
                limit: self.limit_bytes,
            });
        }
        let Some(symbol) = Symbol::new(self.places.len()) else {
            return Err(Error::LimitReached {
                what: "interned strings",
                limit: u32::MAX as usize,
            });
        };
        let chunk = self.chunk_for(bytes.len());
        let start = self.chunks[chunk].len() as u32;
        self.chunks[chunk].extend_from_slice(bytes);
        self.stored_bytes += bytes.len();
        self.places.push(Place {
            chunk: chunk as u32,
            start,
            len: bytes.len() as u32,
        });
        Ok(symbol)
    }

    /// A chunk with room for so many bytes.
    fn chunk_for(&mut self, bytes: usize) -> usize {
        let room = |chunk: &Vec<u8>| chunk.capacity() - chunk.len();
        let current = self.chunks.get(self.current);
        if current.is_some_and(|chunk| room(chunk) >= bytes) {
            return self.current;
        }
        let next_bytes = current.map_or(FIRST_CHUNK_BYTES, |chunk| {
            (2 * chunk.capacity()).min(LARGEST_CHUNK_BYTES)
        });
        // A long string has a chunk of its own, and the room in the current one is left to short ones.
        if bytes > next_bytes / 4 && !self.chunks.is_empty() {
            self.chunks.push(Vec::with_capacity(bytes));
        } else {
            self.chunks.push(Vec::with_capacity(next_bytes.max(bytes)));
            self.current = self.chunks.len() - 1;
        }
        self.chunks.len() - 1
    }
}
