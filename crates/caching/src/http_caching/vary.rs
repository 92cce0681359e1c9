//! The field `Vary`.

use http::{HeaderMap, HeaderName, header::VARY};

/// Which fields of the request a response depends on (RFC 9110, section 12.5.5).
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
/// use tuneup_caching::Vary;
///
/// let mut response = HeaderMap::new();
/// response.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
/// let mut request = HeaderMap::new();
/// request.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
///
/// let vary = Vary::of(&response);
/// assert_eq!(vary.key(&request).as_deref(), Some("accept-encoding:gzip\n"));
/// assert!(!vary.matches(&request, &HeaderMap::new()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vary {
    /// None for `*`.
    fields: Option<Vec<HeaderName>>,
}

impl Vary {
    /// Of a response. A name that is none counts as `*`: in doubt nothing matches.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut fields = Vec::new();
        for value in headers.get_all(VARY) {
            for name in value.as_bytes().split(|byte| *byte == b',') {
                let name = name.trim_ascii();
                if name.is_empty() {
                    continue;
                }
                match HeaderName::from_bytes(name) {
                    Ok(name) if name.as_str() != "*" => fields.push(name),
                    _ => return Self { fields: None },
                }
            }
        }
        fields.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        fields.dedup();
        Self {
            fields: Some(fields),
        }
    }

    /// Whether it depends on more than the request: no stored response matches.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.fields.is_none()
    }

    /// Whether a response to the first request may answer the second one. A field that is absent is the same as an absent one only
    /// (RFC 9111, section 4.1).
    #[must_use]
    pub fn matches(&self, stored: &HeaderMap, request: &HeaderMap) -> bool {
        self.fields.as_ref().is_some_and(|fields| {
            fields.iter().all(|name| {
                let values = |headers: &HeaderMap| normalised(headers, name);
                values(stored) == values(request)
            })
        })
    }

    /// The part of a cache's key that depends on the request: equal for requests that the same response answers. None for
    /// `Vary: *`: such a response is not to be stored.
    #[must_use]
    pub fn key(&self, request: &HeaderMap) -> Option<String> {
        let mut key = String::new();
        for name in self.fields.as_ref()? {
            key.push_str(name.as_str());
            if let Some(value) = normalised(request, name) {
                key.push(':');
                key.push_str(&value);
            }
            key.push('\n');
        }
        Some(key)
    }
}

/// All values of a field, as one list without blanks around its members. Bytes that are no UTF-8 are written as numbers. None, if it
/// is absent: who sends no `Accept-Encoding` takes any, who sends an empty one takes none.
fn normalised(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    if !headers.contains_key(name) {
        return None;
    }
    let values = headers.get_all(name).into_iter();
    let members = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let members: Vec<String> = members
        .map(|member| member.trim_ascii().escape_ascii().to_string())
        .collect();
    Some(members.join(","))
}
