//! `docs/src/guide/caching.md`.

use std::time::Duration;

use tuneup_caching::{Cache, Error, Policy, memoize};
use tuneup_measure::Clock;

use super::{assert_page_shows, page};

// ANCHOR: memoize
#[memoize(maxsize = 1_000, ttl = "60s")]
fn rate(from: &str, to: &str) -> Result<u64, std::num::ParseIntError> {
    // Asks a server, in earnest.
    format!("{}{}", from.len(), to.len()).parse()
}
// ANCHOR_END: memoize

#[test]
fn memoize_remembers() {
    assert_eq!(rate("EUR", "JPY"), Ok(33));
    assert_eq!(rate("EUR", "JPY"), Ok(33));
    assert_eq!((rate::cache_info().hits, rate::cache_info().misses), (1, 1));
}

#[test]
fn a_cache() -> Result<(), Error> {
    // ANCHOR: cache
    let pages: Cache<String, String> = Cache::builder(64 << 20)
        .weigher(|path: &String, page: &String| (path.len() + page.len()) as u32)
        .policy(Policy::Lru)
        .build()?;

    let page = pages.get_or_insert_with_ref("/index", || "<h1>Hello</h1>".to_owned());
    assert_eq!(pages.get("/index"), Some(page));

    let answer = pages.try_get_or_insert_with("/missing".to_owned(), || Err("404"));
    assert!(answer.is_err() && !pages.contains_key("/missing"));
    // ANCHOR_END: cache
    Ok(())
}

#[test]
fn info() -> Result<(), Error> {
    let (clock, time) = Clock::mock();
    let cache = Cache::builder(100).clock(clock).build()?;
    let load = |key: u32| {
        time.advance(Duration::from_millis(10));
        key * key
    };
    let mut shown = String::new();
    let mut println = |line: String| shown.push_str(&line);
    // ANCHOR: info
    for request in 0..50 {
        let key = request % 10;
        cache.get_or_insert_with(key, || load(key));
    }
    println(cache.info().to_string());
    // ANCHOR_END: info
    assert_page_shows("caching", &shown);
    Ok(())
}

#[test]
fn times() -> Result<(), Error> {
    let (clock, time) = Clock::mock();
    // ANCHOR: times
    let rates: Cache<&str, Option<u64>> = Cache::builder(1_000)
        .ttl(Duration::from_secs(60))
        .jitter(0.1) // 54 to 60 s
        .negative_ttl(Duration::from_secs(5), Option::is_none) // "there is none" for 5 s
        .stale_while_revalidate(Duration::from_secs(30)) // then old ones, while one asks anew
        .clock(clock)
        .build()?;
    rates.insert("EUR", Some(117));
    rates.insert_with_ttl("USD", Some(100), Duration::from_secs(3_600));
    // ANCHOR_END: times
    time.advance(Duration::from_secs(61));
    assert_eq!(
        (rates.get("EUR"), rates.get("USD")),
        (None, Some(Some(100)))
    );
    Ok(())
}

#[test]
fn tags() -> Result<(), Error> {
    // ANCHOR: tags
    let pages = Cache::new(1_000)?;
    pages.insert_tagged("/ada", "<h1>Ada</h1>", &["user:1", "layout"]);
    let bob = pages.entry("/bob").tagged(&["user:2", "layout"]);
    bob.or_insert_with(|| "<h1>Bob</h1>");

    pages.invalidate_tag("user:1");
    assert_eq!(pages.get("/ada"), None);

    pages.invalidate_if(|path, _| path.starts_with("/b"));
    assert_eq!(pages.get("/bob"), None);
    // ANCHOR_END: tags
    Ok(())
}

#[test]
fn tiered() -> Result<(), Box<dyn std::error::Error>> {
    use tuneup_caching::{FileStore, Tiered};
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("pages.redb");
    let render = |page: u64| Ok::<_, std::fmt::Error>(format!("<h1>Page {page}</h1>"));
    // ANCHOR: tiered
    let store = FileStore::builder(&path).max_bytes(16 << 20).build()?;
    let pages = Tiered::builder(Cache::<u64, String>::new(1_000)?, store)
        .ttl(Duration::from_secs(600))
        .memory_ttl(Duration::from_secs(10))
        .schema(1) // count up when the type of the values changes
        .build()?;
    let page = pages.get_or_load(7, || render(7))?;
    // ANCHOR_END: tiered
    assert_eq!(page, "<h1>Page 7</h1>");
    Ok(())
}

#[test]
fn advised() -> Result<(), Error> {
    use tuneup_caching::{Advisor, Trace};
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("requests.txt");
    let requests: Vec<String> = (0..20_000_u64)
        .map(|n| format!("/page/{}\n", n * n % 701))
        .collect();
    std::fs::write(&path, requests.concat()).expect("the file can be written");
    // ANCHOR: advice
    let trace = Trace::from_path(&path)?;
    let advice = Advisor::builder(&trace)
        .miss_cost(Duration::from_millis(2))
        .build()?
        .advise();
    println!("{advice}");
    // ANCHOR_END: advice
    Ok(())
}

#[test]
fn http() {
    use http::{HeaderMap, HeaderValue, StatusCode, header};
    use std::time::SystemTime;
    use tuneup_caching::{CacheKind, Freshness, StoredResponse, condition};
    // ANCHOR: http
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("max-age=60, stale-if-error=600"),
    );
    headers.insert(header::ETAG, HeaderValue::from_static("\"v1\""));
    let (request, now) = (HeaderMap::new(), SystemTime::now());
    let stored = StoredResponse::new(StatusCode::OK, headers, request.clone(), now, now);

    let later = now + Duration::from_secs(90);
    match stored.freshness(&request, CacheKind::Private, later) {
        Freshness::Fresh(left) => println!("use it, for {left:?} from now"),
        Freshness::Stale { if_error: true, .. } => println!("ask; if the origin fails, use it"),
        _ => println!("ask"),
    }
    assert_eq!(condition(stored.headers())[header::IF_NONE_MATCH], "\"v1\"");
    // ANCHOR_END: http
}

#[test]
fn every_part_of_this_file_is_on_the_page() {
    let page = page("caching");
    for anchor in [
        "memoize", "cache", "info", "times", "tags", "tiered", "advice", "http",
    ] {
        assert!(
            page.contains(&format!("guide/caching.rs:{anchor}}}}}")),
            "{anchor}"
        );
    }
}
