//! Whether a stored response may answer a request (RFC 9111, section 4).

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{AGE, AUTHORIZATION, DATE, ETAG, EXPIRES, LAST_MODIFIED, PRAGMA},
};

use super::{
    cache_control::{CacheControl, seconds},
    conditional::date,
    update::{is_about, update},
    vary::Vary,
};

/// Who uses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheKind {
    /// One user, as in a browser or a client.
    Private,
    /// Several, as in a proxy.
    Shared,
}

/// Whether a stored response may answer a request; from [`StoredResponse::freshness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// Yes, and for so long from now on.
    Fresh(Duration),
    /// It is older than it should be by so much. It may be used while it is asked for anew, or if that fails, as far as
    /// the response and the request allow.
    Stale {
        /// For how long it has not been fresh.
        by: Duration,
        /// Whether it may be used while it is asked for anew.
        while_revalidating: bool,
        /// Whether it may be used if the origin fails.
        if_error: bool,
    },
    /// Only after the origin has said that it still holds.
    MustRevalidate(Reason),
}

/// Why the origin has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The response has `no-cache`.
    ResponseNoCache,
    /// The request has `no-cache`, or wants a younger response, one that is fresh for longer, or none that is stale.
    Request,
    /// It is stale and has `must-revalidate`, `proxy-revalidate` or `s-maxage`.
    MustRevalidate,
    /// It is the answer to a request with other fields: `Vary`.
    Vary,
}

/// A response, with what has to be remembered beside its fields: when it was asked for and came.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
/// use tuneup_caching::{CacheKind, Freshness, StoredResponse};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
/// let now = SystemTime::now();
/// let request = HeaderMap::new();
/// let stored = StoredResponse::new(StatusCode::OK, headers, request.clone(), now, now);
/// assert!(stored.may_store(&Method::GET, CacheKind::Private));
///
/// let later = now + Duration::from_secs(45);
/// let freshness = stored.freshness(&request, CacheKind::Private, later);
/// assert_eq!(freshness, Freshness::Fresh(Duration::from_secs(15)));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub struct StoredResponse {
    status: StatusCode,
    headers: HeaderMap,
    request_headers: HeaderMap,
    control: CacheControl,
    asked: SystemTime,
    came: SystemTime,
}

impl StoredResponse {
    /// A response, the fields of the request that it answers, when that was sent and when the response came.
    #[must_use]
    pub fn new(
        status: StatusCode,
        headers: HeaderMap,
        request_headers: HeaderMap,
        asked: SystemTime,
        came: SystemTime,
    ) -> Self {
        Self {
            control: CacheControl::of(&headers),
            status,
            headers,
            request_headers,
            asked,
            came,
        }
    }

    /// The fields of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Whether it may be stored at all (RFC 9111, section 3): the answer to a `GET` or `HEAD` that nobody forbids to store, that is
    /// whole, and says for how long it is good, may be used stale, or may be asked about.
    #[must_use]
    pub fn may_store(&self, method: &Method, kind: CacheKind) -> bool {
        let control = &self.control;
        let is_shared = kind == CacheKind::Shared;
        let allows_shared = control.public || control.must_revalidate || control.s_maxage.is_some();
        let is_read = method == Method::GET || method == Method::HEAD;
        let is_whole = !self.status.is_informational()
            && self.status != StatusCode::PARTIAL_CONTENT
            && self.status != StatusCode::NOT_MODIFIED;
        let says_how_long = control.max_age.is_some()
            || (is_shared && control.s_maxage.is_some())
            || control.public
            || self.headers.contains_key(EXPIRES)
            || is_cacheable_by_default(self.status);
        let stale_for = control.stale_while_revalidate.max(control.stale_if_error);
        let has_use = self.lifetime(kind) > Duration::ZERO
            || (stale_for > Some(Duration::ZERO) && self.may_be_stale(kind) && !self.is_no_cache())
            || self.headers.contains_key(ETAG)
            || self.headers.contains_key(LAST_MODIFIED);
        is_read
            && is_whole
            && says_how_long
            && has_use
            && !control.no_store
            && !CacheControl::of(&self.request_headers).no_store
            && !(is_shared && control.private)
            && !(is_shared && self.request_headers.contains_key(AUTHORIZATION) && !allows_shared)
            && !Vary::of(&self.headers).is_any()
    }

    /// For how long it is fresh after it was made: `s-maxage` in a shared cache, `max-age`, `Expires`, or a tenth of the time since
    /// it was last changed, at most a day (RFC 9111, section 4.2.2).
    #[must_use]
    pub fn lifetime(&self, kind: CacheKind) -> Duration {
        const DAY: Duration = Duration::from_secs(86_400);
        if kind == CacheKind::Shared
            && let Some(age) = self.control.s_maxage
        {
            return age;
        }
        if let Some(age) = self.control.max_age {
            return age;
        }
        let made = self.made();
        if let Some(expires) = self.headers.get(EXPIRES) {
            // A date that is none, as in `Expires: 0`, is over.
            let expires = date(Some(expires));
            return expires
                .and_then(|expires| expires.duration_since(made).ok())
                .unwrap_or_default();
        }
        if !is_cacheable_by_default(self.status) && !self.control.public {
            return Duration::ZERO;
        }
        let changed = date(self.headers.get(LAST_MODIFIED));
        let unchanged_for = changed.and_then(|changed| made.duration_since(changed).ok());
        unchanged_for.map_or(Duration::ZERO, |time| (time / 10).min(DAY))
    }

    /// How old it is (RFC 9111, section 4.2.3).
    #[must_use]
    pub fn age(&self, now: SystemTime) -> Duration {
        let between = |earlier: SystemTime, later: SystemTime| {
            later.duration_since(earlier).unwrap_or_default()
        };
        let apparent = between(self.made(), self.came);
        let told = self.headers.get(AGE).map_or(Duration::ZERO, first_seconds);
        let corrected = told.saturating_add(between(self.asked, self.came));
        apparent
            .max(corrected)
            .saturating_add(between(self.came, now))
    }

    /// When the origin made it; when it came, if that is not told.
    fn made(&self) -> SystemTime {
        date(self.headers.get(DATE)).unwrap_or(self.came)
    }

    /// Whether it may answer a request with these fields now.
    #[must_use]
    pub fn freshness(&self, request: &HeaderMap, kind: CacheKind, now: SystemTime) -> Freshness {
        if !Vary::of(&self.headers).matches(&self.request_headers, request) {
            return Freshness::MustRevalidate(Reason::Vary);
        }
        if self.is_no_cache() {
            return Freshness::MustRevalidate(Reason::ResponseNoCache);
        }
        let wishes = Wishes::of(request);
        let age = self.age(now);
        let lifetime = self.lifetime(kind);
        if wishes.no_cache || wishes.control.max_age.is_some_and(|most| age > most) {
            return Freshness::MustRevalidate(Reason::Request);
        }
        match lifetime.checked_sub(age) {
            Some(left) if left > Duration::ZERO => match wishes.control.min_fresh {
                Some(least) if left < least => Freshness::MustRevalidate(Reason::Request),
                _ => Freshness::Fresh(left),
            },
            _ => self.stale(&wishes.control, kind, age.saturating_sub(lifetime)),
        }
    }

    /// Whether it may be used at all once it is stale.
    fn may_be_stale(&self, kind: CacheKind) -> bool {
        let control = &self.control;
        let is_forbidden = match kind {
            CacheKind::Private => false,
            CacheKind::Shared => control.proxy_revalidate || control.s_maxage.is_some(),
        };
        !is_forbidden && !control.must_revalidate
    }

    /// Whether it may not be used without asking, or its fields may not.
    fn is_no_cache(&self) -> bool {
        self.control.no_cache || !self.control.no_cache_fields.is_empty()
    }

    fn stale(&self, wishes: &CacheControl, kind: CacheKind, by: Duration) -> Freshness {
        if !self.may_be_stale(kind) {
            return Freshness::MustRevalidate(Reason::MustRevalidate);
        }
        let allows = |time: Option<Duration>| time.is_some_and(|time| by <= time);
        let is_wished = allows(wishes.max_stale);
        // Who names a largest age and no staleness, or asks for freshness to come, does not wish for what is stale (RFC 9111,
        // sections 5.2.1.1 and 5.2.1.3), whatever the response allows to others.
        let wants_fresh =
            wishes.min_fresh.is_some() || (wishes.max_age.is_some() && wishes.max_stale.is_none());
        if wants_fresh {
            return if allows(wishes.stale_if_error) {
                Freshness::Stale {
                    by,
                    while_revalidating: false,
                    if_error: true,
                }
            } else {
                Freshness::MustRevalidate(Reason::Request)
            };
        }
        Freshness::Stale {
            by,
            while_revalidating: is_wished || allows(self.control.stale_while_revalidate),
            if_error: is_wished
                || allows(self.control.stale_if_error)
                || allows(wishes.stale_if_error),
        }
    }

    /// The response after the origin has said 304: with the fields that came with that, as new as that (RFC 9111, section 4.3.4).
    ///
    /// Fields that are about the connection, or about how the stored body is encoded, stay as they are (section 3.2). If the 304
    /// has an `ETag` that is not this response's, or none and another `Last-Modified`, it is about another one: then this response stays
    /// as it was, as old as it was, and has to be asked for without conditions.
    #[must_use]
    pub fn revalidated(
        mut self,
        not_modified: &HeaderMap,
        asked: SystemTime,
        came: SystemTime,
    ) -> Self {
        if !is_about(not_modified, &self.headers) {
            return self;
        }
        update(&mut self.headers, not_modified);
        if !not_modified.contains_key(AGE) {
            self.headers.remove(AGE);
        }
        if !not_modified.contains_key(DATE) {
            self.headers.remove(DATE);
        }
        Self::new(self.status, self.headers, self.request_headers, asked, came)
    }
}

/// What a request says of the response that it wants.
struct Wishes {
    control: CacheControl,
    no_cache: bool,
}

impl Wishes {
    fn of(request: &HeaderMap) -> Self {
        let control = CacheControl::of(request);
        // From before `Cache-Control` (RFC 9111, section 5.4).
        let pragma = || request.get(PRAGMA).is_some_and(|value| value == "no-cache");
        let has_control = request.contains_key(http::header::CACHE_CONTROL);
        Self {
            no_cache: control.no_cache || (!has_control && pragma()),
            control,
        }
    }
}

/// A number of seconds, the first if there are several (RFC 9111, section 5.1).
fn first_seconds(value: &HeaderValue) -> Duration {
    let first = value.as_bytes().split(|byte| *byte == b',').next();
    seconds(first.and_then(|first| std::str::from_utf8(first.trim_ascii()).ok()))
}

/// RFC 9110, section 15.1.
fn is_cacheable_by_default(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    )
}
