//! Invalidations as messages.

use super::super::Invalidation;

const KEY: u8 = b'k';
const TAG: u8 = b't';
const ALL: u8 = b'a';

/// The sender's identity, the kind, and the key or tag.
pub(super) fn encode(identity: &[u8; 16], news: &Invalidation) -> Vec<u8> {
    let (kind, content): (u8, &[u8]) = match news {
        Invalidation::Key(key) => (KEY, key),
        Invalidation::Tag(tag) => (TAG, tag.as_bytes()),
        Invalidation::All => (ALL, b""),
    };
    [identity.as_slice(), &[kind], content].concat()
}

/// None for the own messages.
///
/// What is not understood, from a later version or from somebody else, may concern anything: it invalidates everything.
pub(super) fn decode(identity: &[u8; 16], message: &[u8]) -> Option<Invalidation> {
    let Some((sender, rest)) = message.split_at_checked(identity.len()) else {
        return Some(Invalidation::All);
    };
    if sender == identity {
        return None;
    }
    Some(match rest.split_first() {
        Some((&KEY, key)) => Invalidation::Key(key.to_vec()),
        Some((&TAG, tag)) => match std::str::from_utf8(tag) {
            Ok(tag) => Invalidation::Tag(tag.to_owned()),
            Err(_) => Invalidation::All,
        },
        _ => Invalidation::All,
    })
}
