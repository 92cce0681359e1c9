//! Responses, requests, and what the RFCs say of them.

mod not_modified;
mod vary;

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn fields(fields: &[(&'static str, &str)]) -> HeaderMap {
    let fields = fields.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )
    });
    fields.collect()
}

/// Sun, 06 Nov 1994 08:49:37 GMT.
fn then() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
}

fn response(headers: &[(&'static str, &str)]) -> StoredResponse {
    StoredResponse::new(
        StatusCode::OK,
        fields(headers),
        HeaderMap::new(),
        then(),
        then(),
    )
}

fn after(
    stored: &StoredResponse,
    seconds: u32,
    request: &[(&'static str, &str)],
    kind: CacheKind,
) -> Freshness {
    stored.freshness(&fields(request), kind, then() + seconds * SECOND)
}

const fn stale(by: u64, while_revalidating: bool, if_error: bool) -> Freshness {
    Freshness::Stale {
        by: Duration::from_secs(by),
        while_revalidating,
        if_error,
    }
}

#[test]
fn a_response_is_fresh_for_as_long_as_it_says() {
    use CacheKind::{Private, Shared};
    let stored = response(&[("cache-control", "max-age=60, s-maxage=10")]);
    assert_eq!(after(&stored, 59, &[], Private), Freshness::Fresh(SECOND));
    assert_eq!(after(&stored, 60, &[], Private), stale(0, false, false));
    assert_eq!(after(&stored, 9, &[], Shared), Freshness::Fresh(SECOND));
    assert_eq!(
        after(&stored, 10, &[], Shared),
        Freshness::MustRevalidate(Reason::MustRevalidate)
    );

    let expires = response(&[
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("expires", "Sun, 06 Nov 1994 08:50:37 GMT"),
    ]);
    assert_eq!(expires.lifetime(Private), 60 * SECOND);
    for none in ["0", "-1", "yesterday"] {
        assert_eq!(
            response(&[("expires", none)]).lifetime(Private),
            Duration::ZERO
        );
    }
    let heuristic = response(&[("last-modified", "Sun, 06 Nov 1994 08:32:57 GMT")]);
    assert_eq!(
        heuristic.lifetime(Private),
        100 * SECOND,
        "a tenth of 1000 s"
    );
    let old = response(&[("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT")]);
    assert_eq!(old.lifetime(Private), 86_400 * SECOND, "at most a day");
}

#[test]
fn age_counts_from_where_it_began() {
    let stored = StoredResponse::new(
        StatusCode::OK,
        fields(&[("age", "30"), ("date", "Sun, 06 Nov 1994 08:49:27 GMT")]),
        HeaderMap::new(),
        then() - 2 * SECOND,
        then(),
    );
    assert_eq!(stored.age(then() + 5 * SECOND), 37 * SECOND);
    let slow_clock = response(&[("date", "Sun, 06 Nov 1994 08:40:37 GMT")]);
    assert_eq!(slow_clock.age(then()), 540 * SECOND);
    assert_eq!(
        response(&[]).age(then() - SECOND),
        Duration::ZERO,
        "a clock that was set back"
    );
}

#[test]
fn an_age_that_is_told_oddly_is_never_younger_than_it_says() {
    let age = |told: &str| response(&[("age", told)]).age(then());
    let largest = SECOND * (1 << 31);
    assert_eq!(age("2147483649"), largest);
    assert_eq!(age("99999999999999999999999"), largest, "more than 64 bits");
    assert_eq!(age("30, 40"), 30 * SECOND, "the first of a list");
    assert_eq!(age(" 30 "), 30 * SECOND);
    for none in ["", "-30", "half a minute", ", 30"] {
        assert_eq!(age(none), Duration::ZERO, "{none:?}");
    }
}

#[test]
fn bytes_beyond_ascii_hide_no_directive() {
    for value in [
        &b"max-age=60, no-store, x=\"\xC3\xA9\""[..],
        b"\xE9, no-store, max-age=60",
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("cache-control", HeaderValue::from_bytes(value).unwrap());
        let control = CacheControl::of(&headers);
        assert!(control.no_store, "{value:?}");
        assert_eq!(control.max_age, Some(60 * SECOND), "{value:?}");
    }
}

#[test]
fn what_requests_wish_is_heeded() {
    use CacheKind::Private;
    let stored = response(&[("cache-control", "max-age=60")]);
    let wish = |seconds, wish| after(&stored, seconds, &[("cache-control", wish)], Private);
    let asked = Freshness::MustRevalidate(Reason::Request);
    assert_eq!(wish(1, "no-cache"), asked);
    assert_eq!(after(&stored, 1, &[("pragma", "no-cache")], Private), asked);
    assert_eq!(wish(11, "max-age=10"), asked);
    assert_eq!(wish(10, "max-age=10"), Freshness::Fresh(50 * SECOND));
    assert_eq!(wish(45, "min-fresh=20"), asked);
    assert_eq!(wish(70, "max-stale=10"), stale(10, true, true));
    assert_eq!(wish(71, "max-stale=10"), stale(11, false, false));
    assert_eq!(wish(1_000, "max-stale"), stale(940, true, true));
}

#[test]
fn who_wishes_for_what_is_fresh_gets_nothing_stale() {
    use CacheKind::Private;
    let stored = response(&[(
        "cache-control",
        "max-age=60, stale-while-revalidate=30, stale-if-error=100",
    )]);
    let wish = |wish| after(&stored, 80, &[("cache-control", wish)], Private);
    let asked = Freshness::MustRevalidate(Reason::Request);
    assert_eq!(wish("max-age=200"), asked, "no max-stale beside it");
    assert_eq!(wish("max-age=200, max-stale=20"), stale(20, true, true));
    assert_eq!(wish("min-fresh=0"), asked);
    assert_eq!(
        wish("min-fresh=5, max-stale"),
        asked,
        "they contradict each other"
    );
    assert_eq!(
        wish("max-age=200, stale-if-error=20"),
        stale(20, false, true)
    );
    assert_eq!(wish("max-age=200, stale-if-error=19"), asked);
}

#[test]
fn stale_responses_are_used_as_far_as_they_allow() {
    use CacheKind::{Private, Shared};
    let stored = response(&[(
        "cache-control",
        "max-age=60, stale-while-revalidate=30, stale-if-error=100",
    )]);
    assert_eq!(after(&stored, 90, &[], Shared), stale(30, true, true));
    assert_eq!(after(&stored, 91, &[], Shared), stale(31, false, true));
    let strict = response(&[(
        "cache-control",
        "max-age=60, must-revalidate, stale-if-error=100",
    )]);
    assert_eq!(
        after(&strict, 60, &[("cache-control", "max-stale")], Private),
        Freshness::MustRevalidate(Reason::MustRevalidate)
    );
    let proxy = response(&[("cache-control", "max-age=60, proxy-revalidate")]);
    assert_eq!(after(&proxy, 61, &[], Private), stale(1, false, false));
    assert_eq!(
        after(&proxy, 61, &[], Shared),
        Freshness::MustRevalidate(Reason::MustRevalidate)
    );
    let asks = response(&[("cache-control", "max-age=60, no-cache=\"Set-Cookie, X\"")]);
    assert_eq!(
        after(&asks, 1, &[], Private),
        Freshness::MustRevalidate(Reason::ResponseNoCache)
    );
}

#[test]
fn other_requests_are_not_answered() {
    let request = fields(&[("accept-encoding", "gzip, br"), ("accept", "text/html")]);
    let vary = fields(&[("vary", "Accept-Encoding"), ("cache-control", "max-age=60")]);
    let stored = StoredResponse::new(StatusCode::OK, vary, request.clone(), then(), then());
    let fresh = Freshness::Fresh(60 * SECOND);
    assert_eq!(
        stored.freshness(&request, CacheKind::Private, then()),
        fresh
    );
    let same = fields(&[("accept-encoding", "gzip"), ("accept-encoding", "br")]);
    assert_eq!(
        stored.freshness(&same, CacheKind::Private, then()),
        fresh,
        "one list or two fields"
    );
    let other = Freshness::MustRevalidate(Reason::Vary);
    assert_eq!(
        stored.freshness(&HeaderMap::new(), CacheKind::Private, then()),
        other
    );
    assert_eq!(Vary::of(&fields(&[("vary", "a, *")])).key(&request), None);
    let one = Vary::of(&fields(&[("vary", "B, A")]));
    assert_eq!(one, Vary::of(&fields(&[("vary", "a"), ("vary", "b , a")])));
    let (split, joined) = (fields(&[("a", "1\\n"), ("b", "2")]), fields(&[("a", "1")]));
    assert_ne!(one.key(&split), one.key(&joined));
}

#[test]
fn only_what_may_be_is_stored() {
    use CacheKind::{Private, Shared};
    let may =
        |headers: &[(&'static str, &str)], kind| response(headers).may_store(&Method::GET, kind);
    assert!(may(&[("cache-control", "max-age=1")], Shared));
    assert!(!may(&[("cache-control", "max-age=1, no-store")], Private));
    assert!(may(&[("cache-control", "private, max-age=1")], Private));
    assert!(!may(&[("cache-control", "private, max-age=1")], Shared));
    assert!(may(&[("etag", "\"v\"")], Shared), "it can be asked about");
    assert!(!may(&[], Shared), "neither fresh nor to be asked about");
    for stale in [
        "max-age=0, stale-while-revalidate=9",
        "max-age=0, stale-if-error=9",
    ] {
        assert!(may(&[("cache-control", stale)], Shared), "{stale}");
        for never in ["must-revalidate", "proxy-revalidate", "no-cache"] {
            let control = format!("{stale}, {never}");
            assert!(!may(&[("cache-control", &control)], Shared), "{control}");
        }
    }
    assert!(!may(
        &[("cache-control", "max-age=0, stale-if-error=0")],
        Shared
    ));
    assert!(!may(
        &[("cache-control", "max-age=1"), ("vary", "*")],
        Private
    ));
    assert!(!response(&[("cache-control", "max-age=1")]).may_store(&Method::POST, Private));
    let secret = |control| {
        let request = fields(&[("authorization", "Basic x")]);
        let headers = fields(&[("cache-control", control)]);
        StoredResponse::new(StatusCode::OK, headers, request, then(), then())
    };
    assert!(!secret("max-age=1").may_store(&Method::GET, Shared));
    assert!(secret("max-age=1").may_store(&Method::GET, Private));
    assert!(secret("max-age=1, public").may_store(&Method::GET, Shared));
    let part = fields(&[("cache-control", "max-age=1")]);
    let part = StoredResponse::new(
        StatusCode::PARTIAL_CONTENT,
        part,
        HeaderMap::new(),
        then(),
        then(),
    );
    assert!(!part.may_store(&Method::GET, Private));
}

#[test]
fn conditions_in_the_order_of_the_rfc() {
    let (strong, weak) = (
        EntityTag::strong("v").unwrap(),
        EntityTag::weak("v").unwrap(),
    );
    let at = |method: Method, request: &[(&'static str, &str)], tag: Option<&EntityTag>| {
        evaluate(&method, &fields(request), tag, Some(then()))
    };
    use Conditional::{NotModified, PreconditionFailed, Proceed};
    assert_eq!(
        at(Method::GET, &[("if-none-match", "W/\"v\"")], Some(&strong)),
        NotModified
    );
    assert_eq!(
        at(Method::PUT, &[("if-none-match", "*")], Some(&strong)),
        PreconditionFailed
    );
    assert_eq!(
        at(Method::PUT, &[("if-match", "\"u\", \"v\"")], Some(&strong)),
        Proceed
    );
    assert_eq!(
        at(Method::PUT, &[("if-match", "\"v\"")], Some(&weak)),
        PreconditionFailed
    );
    assert_eq!(at(Method::PUT, &[("if-match", "*")], Some(&weak)), Proceed);
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(
        at(Method::GET, &[("if-modified-since", date)], None),
        NotModified
    );
    let both = [("if-modified-since", date), ("if-none-match", "\"other\"")];
    assert_eq!(
        at(Method::GET, &both, Some(&strong)),
        Proceed,
        "tags come before dates"
    );
    assert_eq!(
        at(
            Method::PUT,
            &[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")],
            None
        ),
        PreconditionFailed
    );
    assert_eq!(
        at(Method::GET, &[("if-modified-since", "never")], None),
        Proceed
    );
    let mut request = HeaderMap::new();
    let accented = HeaderValue::from_bytes("\"é\"".as_bytes()).unwrap();
    request.insert("if-none-match", accented);
    let tag = EntityTag::strong("é").unwrap();
    let same = evaluate(&Method::GET, &request, Some(&tag), None);
    assert_eq!(same, NotModified, "tags need not be ASCII");
    let nothing = evaluate(&Method::PUT, &fields(&[("if-match", "*")]), None, None);
    assert_eq!(nothing, PreconditionFailed, "there is no version");
}

#[test]
fn tags_are_what_the_rfc_says() {
    for text in ["\"v\"", "W/\"v\"", "\"\"", "\"a,b\"", "\"é\""] {
        assert_eq!(text.parse::<EntityTag>().unwrap().to_string(), text);
    }
    for text in ["v", "w/\"v\"", "\"a b\"", "\"", "\"a\"b\"", ""] {
        let error = text.parse::<EntityTag>().unwrap_err();
        assert!(error.to_string().contains("is no entity tag"), "{error}");
    }
    let opaque = |text| {
        EntityTag::list(text)
            .iter()
            .map(EntityTag::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        opaque("\"a,b\" ,W/\"c\",, \"d\""),
        ["\"a,b\"", "W/\"c\"", "\"d\""]
    );
    assert_eq!(opaque("\"a\", nonsense, \"b\""), ["\"a\""]);
    assert_ne!(EntityTag::of_bytes(b"a"), EntityTag::of_bytes(b"b"));
}

proptest! {
    /// Whatever comes, nothing panics, and what is written is read back.
    #[test]
    fn any_text_is_borne(value in "\\PC{0,60}|[a-z-]{2,20}=[0-9\"]{0,30}(, ?[a-z-]{2,10})?") {
        let control = CacheControl::parse([value.as_str()]);
        prop_assert_eq!(CacheControl::parse([control.to_string().as_str()]), control);
        EntityTag::list(&value);
        if let Ok(value) = HeaderValue::from_str(&value) {
            let mut headers = HeaderMap::new();
            for name in ["cache-control", "vary", "age", "expires", "date", "etag", "if-none-match"] {
                headers.insert(HeaderName::from_static(name), value.clone());
            }
            let stored = StoredResponse::new(StatusCode::OK, headers.clone(), headers.clone(), then(), then());
            let _ = stored.may_store(&Method::GET, CacheKind::Shared);
            let _ = stored.freshness(&headers, CacheKind::Shared, then());
            let _ = evaluate(&Method::GET, &headers, None, Some(then()));
        }
    }

    #[test]
    fn known_directives_survive_a_round_trip(ages in prop::collection::vec(prop::option::of(0_u64..3_000_000_000), 6), flags in any::<u8>()) {
        let names = ["max-age", "s-maxage", "max-stale", "min-fresh", "stale-while-revalidate", "stale-if-error"];
        let flag_names = ["no-store", "no-cache", "private", "public", "must-revalidate", "proxy-revalidate", "only-if-cached", "immutable"];
        let times = names.iter().zip(&ages).filter_map(|(name, age)| age.map(|age| format!("{name}={age}")));
        let flags = flag_names.iter().enumerate().filter(|(bit, _)| flags >> bit & 1 != 0).map(|(_, name)| (*name).to_owned());
        let text = times.chain(flags).collect::<Vec<_>>().join(", ");
        let control = CacheControl::parse([text.as_str()]);
        prop_assert_eq!(control.max_age, ages[0].map(|age| Duration::from_secs(age.min(1 << 31))));
        prop_assert_eq!(CacheControl::parse([control.to_string().as_str()]), control);
    }
}
