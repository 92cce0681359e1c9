//! Entity tags: names of versions.

use std::{fmt, str::FromStr};

use http::HeaderValue;

/// The name of one version of a resource, as in the field `ETag` (RFC 9110, section 8.8.3).
///
/// ```
/// use tuneup_caching::EntityTag;
///
/// let tag: EntityTag = "W/\"v1\"".parse()?;
/// assert!(tag.is_weak() && tag.opaque() == "v1");
/// assert!(tag.weakly_equals(&EntityTag::strong("v1")?) && !tag.strongly_equals(&tag));
/// # Ok::<(), tuneup_caching::InvalidEntityTag>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntityTag {
    is_weak: bool,
    opaque: String,
}

/// A text that is no entity tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no entity tag; it is a text without quotes, blanks or control characters, between quotes, and may have W/ before it"
)]
#[non_exhaustive]
pub struct InvalidEntityTag {
    /// What was there.
    pub text: String,
}

impl EntityTag {
    /// Of versions that are the same byte for byte.
    ///
    /// # Errors
    /// [`InvalidEntityTag`] if there are characters in it that a tag may not have.
    ///
    /// ```
    /// assert_eq!(tuneup_caching::EntityTag::strong("v1")?.to_string(), "\"v1\"");
    /// # Ok::<(), tuneup_caching::InvalidEntityTag>(())
    /// ```
    pub fn strong(opaque: &str) -> Result<Self, InvalidEntityTag> {
        Self::new(false, opaque)
    }

    /// Of versions that mean the same.
    ///
    /// # Errors
    /// As [`strong`](Self::strong).
    ///
    /// ```
    /// assert_eq!(tuneup_caching::EntityTag::weak("v1")?.to_string(), "W/\"v1\"");
    /// # Ok::<(), tuneup_caching::InvalidEntityTag>(())
    /// ```
    pub fn weak(opaque: &str) -> Result<Self, InvalidEntityTag> {
        Self::new(true, opaque)
    }

    fn new(is_weak: bool, opaque: &str) -> Result<Self, InvalidEntityTag> {
        // etagc of RFC 9110: visible characters but the quote, and what is not ASCII.
        let is_valid = |byte: u8| byte > 0x20 && byte != b'"' && byte != 0x7F;
        if opaque.bytes().all(is_valid) {
            Ok(Self {
                is_weak,
                opaque: opaque.to_owned(),
            })
        } else {
            Err(InvalidEntityTag {
                text: opaque.to_owned(),
            })
        }
    }

    /// A strong tag of some content: equal for equal bytes, and hardly ever for others. One hash of 64 bits that is the same
    /// in all processes and versions (FNV-1a); not for content that an enemy chooses.
    ///
    /// ```
    /// use tuneup_caching::EntityTag;
    ///
    /// assert_eq!(EntityTag::of_bytes(b"hello").to_string(), "\"5-a430d84680aabd0b\"");
    /// ```
    #[must_use]
    pub fn of_bytes(content: &[u8]) -> Self {
        let hash = content
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self {
            is_weak: false,
            opaque: format!("{:x}-{hash:016x}", content.len()),
        }
    }

    /// Whether it only says that versions mean the same.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// The text between the quotes.
    #[must_use]
    pub fn opaque(&self) -> &str {
        &self.opaque
    }

    /// Whether both are strong and the same: the bytes are equal. For `If-Match` and ranges.
    #[must_use]
    pub fn strongly_equals(&self, other: &Self) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    /// Whether both are the same but for their strength. For `If-None-Match`.
    #[must_use]
    pub fn weakly_equals(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// The field value.
    ///
    /// ```
    /// assert_eq!(tuneup_caching::EntityTag::weak("a")?.to_header(), "W/\"a\"");
    /// # Ok::<(), tuneup_caching::InvalidEntityTag>(())
    /// ```
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        // All characters of a tag are right in a field value.
        HeaderValue::try_from(self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }

    /// The tags of a list as in `If-None-Match`; what is none ends the list.
    pub(super) fn list(mut text: &str) -> Vec<Self> {
        let mut tags = Vec::new();
        loop {
            text = text.trim_start_matches([' ', '\t', ',']);
            let quoted = text.strip_prefix("W/").unwrap_or(text);
            let Some((opaque, rest)) = quoted
                .strip_prefix('"')
                .and_then(|quoted| quoted.split_once('"'))
            else {
                return tags;
            };
            let Ok(tag) = Self::new(quoted.len() < text.len(), opaque) else {
                return tags;
            };
            tags.push(tag);
            text = rest;
        }
    }
}

/// The text of a field value: in tags, characters need not be ASCII.
pub(super) fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

impl FromStr for EntityTag {
    type Err = InvalidEntityTag;

    fn from_str(text: &str) -> Result<Self, InvalidEntityTag> {
        let invalid = || InvalidEntityTag {
            text: text.to_owned(),
        };
        let quoted = text.strip_prefix("W/").unwrap_or(text);
        let opaque = quoted
            .strip_prefix('"')
            .and_then(|quoted| quoted.strip_suffix('"'))
            .ok_or_else(invalid)?;
        Self::new(quoted.len() < text.len(), opaque).map_err(|_| invalid())
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weak = if self.is_weak { "W/" } else { "" };
        write!(f, "{weak}\"{}\"", self.opaque)
    }
}
