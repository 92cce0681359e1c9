//! `docs/src/guide/profiling.md`.

use std::{sync::Mutex, time::Duration};

use tuneup_measure::{Clock, MockClock};
use tuneup_profiling::{Error, Profiler, Session, SortKey, profile, profile_lines};
use tuneup_report::Terminal;

use super::{alone, assert_page_shows};

// ANCHOR: session
#[profile]
fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}

fn slowest() -> Result<String, Error> {
    let session = Profiler::builder().start()?;
    fib(20);
    let profile = session.finish();
    let table = profile.sort_by(SortKey::SelfTime).top(10).table();
    Ok(table.render(&Terminal::plain(100)))
}
// ANCHOR_END: session

#[test]
fn the_table_tells_all_calls_from_primitive_ones() {
    let _alone = alone();
    let table = slowest().unwrap();
    assert!(table.contains("21,891/1"), "{table}");
    assert!(table.contains("tottime") && table.contains("cumtime"));
}

static HANDS: Mutex<Option<MockClock>> = Mutex::new(None);

fn work(ms: u64) {
    if let Some(hands) = &*HANDS.lock().unwrap() {
        hands.advance(Duration::from_millis(ms));
    }
}

// ANCHOR: lines
#[profile_lines]
fn normalised(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for word in words {
        if word.is_ascii() {
            work(1); // cheap
            found.push(word.to_ascii_lowercase());
        } else {
            work(8); // not cheap
            found.push(word.to_lowercase());
        }
    }
    found
}
// ANCHOR_END: lines

#[test]
fn the_slow_line_is_found() {
    let _alone = alone();
    let (clock, hands) = Clock::mock();
    *HANDS.lock().unwrap() = Some(hands);
    let session = Profiler::builder().clock(clock).start().unwrap();
    normalised(&["One", "Zwölf", "two"]);
    let profile = session.finish();
    let lines = profile.line_table("normalised").unwrap();
    // From the first line of the page's table on: where the file lies is not the page's business.
    let table = lines.table().render(&Terminal::plain(120));
    let (_, table) = table.split_once("Source\n").unwrap();
    let (_, lines) = table.split_once('\n').unwrap();
    assert_page_shows("profiling", &without_numbers(lines));
}

/// Without the numbers of the lines, which are not the page's business.
fn without_numbers(lines: &str) -> String {
    let lines = lines.lines().map(|line| line.get(4..).unwrap_or(""));
    // Tables keep an indentation together with spaces that do not break.
    lines.collect::<Vec<_>>().join("\n").replace('\u{a0}', " ")
}

// ANCHOR: environment
fn serve() -> Result<(), Error> {
    let _profiling: Option<Session> = tuneup_profiling::from_env()?;
    // … the server …
    Ok(())
}
// ANCHOR_END: environment

#[test]
fn an_unset_variable_starts_nothing() {
    let _alone = alone();
    serve().unwrap();
    assert!(!tuneup_recorder::is_recording());
}

// ANCHOR: native
#[cfg(target_os = "linux")]
fn native(work: impl FnOnce()) -> Result<tuneup_profiling::Profile, Error> {
    let sampler = tuneup_profiling::NativeSampler::builder()
        .rate_hz(999)
        .start()?;
    work();
    Ok(sampler.finish())
}
// ANCHOR_END: native

#[cfg(target_os = "linux")]
#[test]
fn native_stacks_or_the_setting_to_change() {
    let spin = || {
        let begin = std::time::Instant::now();
        while begin.elapsed() < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
    };
    match native(spin) {
        Ok(profile) => assert!(profile.sampling.is_some()),
        Err(error) => assert!(error.to_string().contains("perf"), "{error}"),
    }
}
