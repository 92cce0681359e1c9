//! The field `Cache-Control`.

use std::{fmt, time::Duration};

use http::{HeaderMap, header::CACHE_CONTROL};

/// The directives of `Cache-Control` (RFC 9111, section 5.2; RFC 5861; RFC 8246), of a request or of a response.
///
/// Directives that are not known are left out, as the RFC asks. Of a directive that comes twice the stricter one holds, and what should
/// be a number of seconds and is none counts as 0: in doubt a response is stale. Numbers above 2³¹ count as 2³¹.
///
/// ```
/// use std::time::Duration;
/// use tuneup_caching::CacheControl;
///
/// let control = CacheControl::parse(["public, max-age=60", "stale-while-revalidate=30"]);
/// assert_eq!(control.max_age, Some(Duration::from_secs(60)));
/// assert_eq!(control.to_string(), "public, max-age=60, stale-while-revalidate=30");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheControl {
    /// Not to be stored at all.
    pub no_store: bool,
    /// Not to be used without asking the origin.
    pub no_cache: bool,
    /// Fields that are not to be used without asking the origin, in lower case: `no-cache="set-cookie"`.
    pub no_cache_fields: Vec<String>,
    /// For this user alone: not to be stored in a shared cache.
    pub private: bool,
    /// May be stored in a shared cache, even if it would not be otherwise.
    pub public: bool,
    /// Once stale, not to be used without asking the origin.
    pub must_revalidate: bool,
    /// The same, for shared caches.
    pub proxy_revalidate: bool,
    /// Not to be changed on the way.
    pub no_transform: bool,
    /// Only from a cache, or not at all.
    pub only_if_cached: bool,
    /// Does not change while it is fresh: asking is of no use.
    pub immutable: bool,
    /// For how long after it was made a response is fresh; in a request, how old it may be.
    pub max_age: Option<Duration>,
    /// The same, for shared caches, before the other.
    pub s_maxage: Option<Duration>,
    /// In a request: how stale a response may be; the largest time if it may be as stale as it likes.
    pub max_stale: Option<Duration>,
    /// In a request: for how long it must still be fresh.
    pub min_fresh: Option<Duration>,
    /// For how long it may be used stale while it is asked for anew.
    pub stale_while_revalidate: Option<Duration>,
    /// For how long it may be used stale if the origin fails.
    pub stale_if_error: Option<Duration>,
}

/// The largest number of seconds that a cache has to tell apart (RFC 9111, section 1.2.2).
const LARGEST: u64 = 1 << 31;

impl CacheControl {
    /// The directives of all fields `Cache-Control`. O(bytes).
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, header};
    /// use tuneup_caching::CacheControl;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    /// assert!(CacheControl::of(&headers).no_store);
    /// ```
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(CACHE_CONTROL).into_iter();
        // Bytes that are no text are part of no directive that is known, and take nothing from the others.
        let fields: Vec<_> = fields
            .map(|field| String::from_utf8_lossy(field.as_bytes()))
            .collect();
        Self::parse(fields.iter().map(|field| &**field))
    }

    /// The directives of some field values.
    ///
    /// ```
    /// use tuneup_caching::CacheControl;
    ///
    /// assert!(CacheControl::parse(["Max-Age=\"5\", no-cache"]).no_cache);
    /// ```
    #[must_use]
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut control = Self::default();
        for value in values {
            for directive in members(value) {
                let (name, argument) = match directive.split_once('=') {
                    Some((name, argument)) => (name, Some(argument.trim().trim_matches('"'))),
                    None => (directive, None),
                };
                control.add(&name.trim().to_ascii_lowercase(), argument);
            }
        }
        control
    }

    fn add(&mut self, name: &str, argument: Option<&str>) {
        match (name, argument) {
            ("no-store", _) => self.no_store = true,
            ("no-cache", None) => self.no_cache = true,
            ("no-cache", Some(fields)) => self.no_cache_fields.extend(
                fields
                    .split(',')
                    .map(|field| field.trim().to_ascii_lowercase()),
            ),
            // With fields it is about these; to treat it as being about all is allowed (RFC 9111, section 5.2.2.7).
            ("private", _) => self.private = true,
            ("public", _) => self.public = true,
            ("must-revalidate", _) => self.must_revalidate = true,
            ("proxy-revalidate", _) => self.proxy_revalidate = true,
            ("no-transform", _) => self.no_transform = true,
            ("only-if-cached", _) => self.only_if_cached = true,
            ("immutable", _) => self.immutable = true,
            ("max-age", age) => shorter(&mut self.max_age, seconds(age)),
            ("s-maxage", age) => shorter(&mut self.s_maxage, seconds(age)),
            ("max-stale", None) => shorter(&mut self.max_stale, Duration::MAX),
            ("max-stale", age) => shorter(&mut self.max_stale, seconds(age)),
            ("min-fresh", age) => {
                let age = seconds(age);
                self.min_fresh = Some(self.min_fresh.map_or(age, |other| other.max(age)));
            }
            ("stale-while-revalidate", age) => {
                shorter(&mut self.stale_while_revalidate, seconds(age));
            }
            ("stale-if-error", age) => shorter(&mut self.stale_if_error, seconds(age)),
            _ => {}
        }
    }
}

/// The members of a list of which some have commas in quotes.
fn members(value: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    value
        .split(move |character| {
            match character {
                _ if is_escaped => is_escaped = false,
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => return true,
                _ => {}
            }
            false
        })
        .map(str::trim)
        .filter(|member| !member.is_empty())
}

/// What is no number counts as 0, and what is too large as the largest.
pub(super) fn seconds(argument: Option<&str>) -> Duration {
    let digits =
        argument.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = digits.map_or(0, |digits| digits.parse().unwrap_or(LARGEST));
    Duration::from_secs(seconds.min(LARGEST))
}

fn shorter(time: &mut Option<Duration>, other: Duration) {
    *time = Some(time.map_or(other, |time| time.min(other)));
}

/// The field value; empty if there is no directive.
impl fmt::Display for CacheControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [
            ("no-store", self.no_store),
            ("no-cache", self.no_cache),
            ("private", self.private),
            ("public", self.public),
            ("must-revalidate", self.must_revalidate),
            ("proxy-revalidate", self.proxy_revalidate),
            ("no-transform", self.no_transform),
            ("only-if-cached", self.only_if_cached),
            ("immutable", self.immutable),
        ];
        let times = [
            ("max-age", self.max_age),
            ("s-maxage", self.s_maxage),
            ("max-stale", self.max_stale),
            ("min-fresh", self.min_fresh),
            ("stale-while-revalidate", self.stale_while_revalidate),
            ("stale-if-error", self.stale_if_error),
        ];
        let mut separator = "";
        for (name, _) in flags.iter().filter(|(_, is_set)| *is_set) {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        if !self.no_cache_fields.is_empty() {
            write!(
                f,
                "{separator}no-cache=\"{}\"",
                self.no_cache_fields.join(", ")
            )?;
            separator = ", ";
        }
        for (name, time) in times {
            match time {
                None => continue,
                Some(Duration::MAX) => write!(f, "{separator}{name}")?,
                Some(time) => write!(f, "{separator}{name}={}", time.as_secs())?,
            }
            separator = ", ";
        }
        Ok(())
    }
}
