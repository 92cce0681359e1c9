//! What a 304 does to a stored response.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use super::{SECOND, fields, response, then};
use crate::{CacheKind, Freshness, condition};

#[test]
fn a_304_makes_a_response_new() {
    let stored = response(&[
        ("cache-control", "max-age=60"),
        ("etag", "\"v\""),
        ("age", "50"),
        ("content-length", "7"),
    ]);
    assert_eq!(
        condition(stored.headers()),
        fields(&[("if-none-match", "\"v\"")])
    );
    let later = then() + 100 * SECOND;
    let not_modified = fields(&[("cache-control", "max-age=10"), ("content-length", "0")]);
    let again = stored.revalidated(&not_modified, later, later);
    assert_eq!(again.headers()["content-length"], "7");
    let freshness = again.freshness(&HeaderMap::new(), CacheKind::Private, later);
    assert_eq!(freshness, Freshness::Fresh(10 * SECOND));
}

#[test]
fn a_304_about_another_version_makes_nothing_new() {
    let later = then() + 100 * SECOND;
    let again = |stored: &str, told: &str| {
        let stored = response(&[("cache-control", "max-age=60"), ("etag", stored)]);
        let not_modified = fields(&[("cache-control", "max-age=60"), ("etag", told)]);
        let again = stored.clone().revalidated(&not_modified, later, later);
        let is_fresh = again.age(later) == Duration::ZERO;
        assert_eq!(again != stored, is_fresh, "all or nothing");
        is_fresh
    };
    assert!(again("\"v\"", "\"v\""));
    assert!(again("\"v\"", "W/\"v\""));
    assert!(again("W/\"v\"", "W/\"v\""));
    assert!(again("v", "v"), "no tag, but the same");
    assert!(!again("\"v\"", "\"w\""));
    assert!(
        !again("W/\"v\"", "\"v\""),
        "no byte is known to be the same"
    );
    assert!(!again("\"v\"", "W/\"w\""));
    assert!(!again("v", "\"v\""));
    let untagged = response(&[("last-modified", "Sun, 06 Nov 1994 08:32:57 GMT")]);
    let tagged = fields(&[("etag", "\"v\"")]);
    let again = untagged.clone().revalidated(&tagged, later, later);
    assert_eq!(again, untagged);
}

#[test]
fn a_304_without_a_tag_is_about_the_version_of_its_date() {
    let later = then() + 100 * SECOND;
    let (new, old) = (
        "Sun, 06 Nov 1994 08:32:57 GMT",
        "Sat, 05 Nov 1994 08:32:57 GMT",
    );
    let again = |told: &[(&'static str, &str)]| {
        let stored = response(&[("cache-control", "max-age=60"), ("last-modified", new)]);
        let again = stored.clone().revalidated(&fields(told), later, later);
        let is_fresh = again.age(later) == Duration::ZERO;
        assert_eq!(again != stored, is_fresh, "all or nothing");
        is_fresh
    };
    assert!(again(&[("last-modified", new)]));
    assert!(
        again(&[("last-modified", "Sunday, 06-Nov-94 08:32:57 GMT")]),
        "the same date in another form"
    );
    assert!(again(&[]));
    assert!(
        !again(&[("last-modified", old)]),
        "the origin has gone back to an older version"
    );
}

#[test]
fn a_304_leaves_alone_what_is_of_its_connection_or_of_the_body() {
    let of_stored = [
        ("content-encoding", "gzip"),
        ("content-range", "bytes 0-6/7"),
        ("x-hop", "stored"),
    ];
    let stored = response(&of_stored);
    let not_modified = fields(&[
        ("connection", "close, X-Hop"),
        ("connection", "not a name, x-new-hop"),
        ("content-encoding", "br"),
        ("content-range", "bytes 0-0/0"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("transfer-encoding", "chunked"),
        ("x-hop", "of the 304"),
        ("x-new-hop", "of the 304"),
        ("x-end", "of the 304"),
    ]);
    let again = stored.revalidated(&not_modified, then(), then());
    let mut expected = fields(&of_stored);
    expected.insert("x-end", HeaderValue::from_static("of the 304"));
    assert_eq!(*again.headers(), expected);
}
