//! What surrounds the bytes of a value in a store, so that only whole values of the right version are ever decoded.

use super::wall_clock::WallClock;

/// No text, and none of the first bytes of common formats.
const MAGIC: [u8; 3] = [0xC3, b't', b'u'];
/// Of this layout. Another layout gets another number, and is then a miss for this version.
const FORMAT: u8 = 1;

const KIND_VALUE: u8 = 0;
const KIND_LEASE: u8 = 1;

/// magic 3, format 1, kind 1, schema 4, expiry 8, checksum 4.
const HEADER_LEN: usize = 21;
const CHECKSUM_AT: usize = 17;

/// The bytes around a value: magic, format, kind, the user's schema version, expiry, and a checksum of all of it and the key.
///
/// The key is part of the checksum and not of the bytes: a value that lies under another key than its own, because a
/// store mixed them up or two caches share a namespace, is not decoded. CRC-32 guards against accidents, not against
/// an enemy who can write into the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) schema: u32,
}

/// What lies in a store under a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    /// The bytes of a value, and when it expires.
    Value { payload: &'a [u8], expiry_ms: u64 },
    /// Somebody computes the value.
    Lease,
    /// A value whose time is over.
    Expired,
    /// Neither.
    Undecodable(Undecodable),
}

/// Why bytes are no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// No envelope of this crate in this layout.
    Foreign,
    /// An envelope with another schema version.
    Schema,
    /// An envelope that is not whole, or lies under another key.
    Damaged,
}

impl Envelope {
    pub(crate) fn wrap_value(self, key: &[u8], payload: &[u8], expiry_ms: u64) -> Vec<u8> {
        self.wrap(KIND_VALUE, key, payload, expiry_ms)
    }

    pub(crate) fn wrap_lease(self, key: &[u8], token: &[u8], expiry_ms: u64) -> Vec<u8> {
        self.wrap(KIND_LEASE, key, token, expiry_ms)
    }

    fn wrap(self, kind: u8, key: &[u8], payload: &[u8], expiry_ms: u64) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LEN + payload.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.push(FORMAT);
        bytes.push(kind);
        bytes.extend_from_slice(&self.schema.to_le_bytes());
        bytes.extend_from_slice(&expiry_ms.to_le_bytes());
        let checksum = checksum(&bytes, key, payload);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes.extend_from_slice(payload);
        bytes
    }

    pub(crate) fn open<'a>(self, key: &[u8], bytes: &'a [u8], clock: &WallClock) -> Content<'a> {
        if bytes.len() < MAGIC.len() + 1 || bytes[..MAGIC.len()] != MAGIC || bytes[3] != FORMAT {
            return Content::Undecodable(Undecodable::Foreign);
        }
        let Some((header, payload)) = bytes.split_at_checked(HEADER_LEN) else {
            return Content::Undecodable(Undecodable::Damaged);
        };
        let checked = &header[..CHECKSUM_AT];
        if read_u32(&header[CHECKSUM_AT..]) != checksum(checked, key, payload) {
            return Content::Undecodable(Undecodable::Damaged);
        }
        // From here on the bytes are as somebody of this format wrote them.
        if read_u32(&header[5..9]) != self.schema {
            return Content::Undecodable(Undecodable::Schema);
        }
        let expiry_ms = u64::from(read_u32(&header[9..13]))
            | u64::from(read_u32(&header[13..CHECKSUM_AT])) << 32;
        if clock.is_over(expiry_ms) {
            return Content::Expired;
        }
        match header[4] {
            KIND_VALUE => Content::Value { payload, expiry_ms },
            KIND_LEASE => Content::Lease,
            _ => Content::Undecodable(Undecodable::Foreign),
        }
    }
}

fn checksum(header: &[u8], key: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    // Its length keeps the end of the key from being taken for the begin of the value.
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(payload);
    hasher.finalize()
}

/// The first four bytes; the callers have at least as many.
fn read_u32(bytes: &[u8]) -> u32 {
    let mut array = [0; 4];
    array.copy_from_slice(&bytes[..4]);
    u32::from_le_bytes(array)
}
