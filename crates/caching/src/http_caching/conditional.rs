//! Conditional requests: asking only for what has changed (RFC 9110, section 13).

use std::time::SystemTime;

use http::{
    HeaderMap, HeaderValue, Method,
    header::{
        ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED,
    },
};

use super::entity_tag::{EntityTag, text};

/// What a server does about the conditions of a request; from [`evaluate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conditional {
    /// As if there were none.
    Proceed,
    /// 304: what the client has still holds.
    NotModified,
    /// 412: not the version that the client expects.
    PreconditionFailed,
}

/// The fields that ask whether a stored response still holds: `If-None-Match` from its `ETag`, `If-Modified-Since` from its
/// `Last-Modified`. Empty if it has neither: then it can only be asked for anew.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
///
/// let mut stored = HeaderMap::new();
/// stored.insert(header::ETAG, HeaderValue::from_static("\"v1\""));
/// assert_eq!(tuneup_caching::condition(&stored)[header::IF_NONE_MATCH], "\"v1\"");
/// ```
#[must_use]
pub fn condition(stored: &HeaderMap) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for (from, to) in [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)] {
        if let Some(value) = stored.get(from) {
            fields.insert(to, value.clone());
        }
    }
    fields
}

/// What a server is to answer to a request with conditions, given what it has: its tag, when it was last changed, each if known.
/// None of both for a resource that is not there. In the order of RFC 9110, section 13.2.2; dates that are none are left out.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, header};
/// use tuneup_caching::{Conditional, EntityTag, evaluate};
///
/// let mut request = HeaderMap::new();
/// request.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"v1\", \"v2\""));
/// let tag = EntityTag::strong("v2")?;
/// assert_eq!(evaluate(&Method::GET, &request, Some(&tag), None), Conditional::NotModified);
/// # Ok::<(), tuneup_caching::InvalidEntityTag>(())
/// ```
#[must_use]
pub fn evaluate(
    method: &Method,
    request: &HeaderMap,
    tag: Option<&EntityTag>,
    modified: Option<SystemTime>,
) -> Conditional {
    let exists = tag.is_some() || modified.is_some();
    if request.contains_key(IF_MATCH) {
        let matches = |tags: &[EntityTag]| {
            tag.is_some_and(|tag| tags.iter().any(|other| other.strongly_equals(tag)))
        };
        if !names(request, &IF_MATCH, exists, matches) {
            return Conditional::PreconditionFailed;
        }
    } else if let (Some(since), Some(modified)) = (date(request.get(IF_UNMODIFIED_SINCE)), modified)
        && whole_seconds(modified) > since
    {
        return Conditional::PreconditionFailed;
    }
    let is_read = method == Method::GET || method == Method::HEAD;
    if request.contains_key(IF_NONE_MATCH) {
        let matches = |tags: &[EntityTag]| {
            tag.is_some_and(|tag| tags.iter().any(|other| other.weakly_equals(tag)))
        };
        if names(request, &IF_NONE_MATCH, exists, matches) {
            return if is_read {
                Conditional::NotModified
            } else {
                Conditional::PreconditionFailed
            };
        }
    } else if let (true, Some(since), Some(modified)) =
        (is_read, date(request.get(IF_MODIFIED_SINCE)), modified)
        && whole_seconds(modified) <= since
    {
        return Conditional::NotModified;
    }
    Conditional::Proceed
}

/// Whether a field names the version: `*` does if there is any.
fn names(
    request: &HeaderMap,
    field: &http::HeaderName,
    exists: bool,
    matches: impl Fn(&[EntityTag]) -> bool,
) -> bool {
    request.get_all(field).into_iter().any(|value| {
        text(value)
            .is_some_and(|text| (text.trim() == "*" && exists) || matches(&EntityTag::list(text)))
    })
}

/// A date of HTTP; none if it is not one.
pub(super) fn date(value: Option<&HeaderValue>) -> Option<SystemTime> {
    httpdate::parse_http_date(value?.to_str().ok()?).ok()
}

/// Dates of HTTP have no parts of seconds.
fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(since.as_secs())
}
