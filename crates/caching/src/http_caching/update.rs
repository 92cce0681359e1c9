//! What a 304 does to the fields of a stored response (RFC 9111, sections 3.2 and 4.3.4).

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, ETAG, LAST_MODIFIED},
};

use super::{
    conditional::date,
    entity_tag::{EntityTag, text},
};

/// Whether the 304 is about the response with these fields: its tag names the same version; or without a tag, its date of the last
/// change does; or it has neither, since it is the answer to a condition that was made from them. That of a weak tag may be stored
/// under a strong one, but not the other way round.
pub(super) fn is_about(not_modified: &HeaderMap, stored: &HeaderMap) -> bool {
    let Some(new) = not_modified.get(ETAG) else {
        let changed = |headers: &HeaderMap| date(headers.get(LAST_MODIFIED));
        // An origin that went back to an older version has not modified it since, and means that one.
        return changed(not_modified)
            .zip(changed(stored))
            .is_none_or(|(new, old)| new == old);
    };
    let tag = |value: &HeaderValue| text(value)?.parse::<EntityTag>().ok();
    stored.get(ETAG).is_some_and(|old| {
        let tags = tag(new).zip(tag(old));
        new == old || tags.is_some_and(|(new, old)| new.is_weak() && new.weakly_equals(&old))
    })
}

/// Replaces the fields that came with the 304, but those that are not about the stored response.
pub(super) fn update(stored: &mut HeaderMap, not_modified: &HeaderMap) {
    let of_connection = named_by_connection(not_modified);
    for name in not_modified.keys() {
        if stays(name) || of_connection.contains(name) {
            continue;
        }
        stored.remove(name);
        for value in not_modified.get_all(name) {
            stored.append(name.clone(), value.clone());
        }
    }
}

/// Fields of one connection, of a proxy, or of the body, which is the stored one.
fn stays(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "content-encoding"
            | "content-length"
            | "content-range"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authentication-info"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// The fields that `Connection` says are its own. What is no name names none.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).into_iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect()
}
