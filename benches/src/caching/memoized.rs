//! Calls of memoized functions whose answers are there.

use std::hint::black_box;

use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_caching::memoize;

/// Different arguments; the bounds are above.
const ARGUMENTS: usize = 1_000;

#[memoize(maxsize = 10_000)]
fn bounded(n: u64) -> u64 {
    n * 3
}

#[memoize]
fn unbounded(n: u64) -> u64 {
    n * 3
}

#[memoize(by_thread)]
fn by_thread(n: u64) -> u64 {
    n * 3
}

#[memoize(maxsize = 10_000)]
fn bounded_text(text: &str) -> u64 {
    text.len() as u64 * 3
}

#[memoize(by_thread)]
fn by_thread_text(text: &str) -> u64 {
    text.len() as u64 * 3
}

pub(super) fn register(suite: &mut Suite) {
    for threads in [1, 2] {
        let group = |about| (threads, about);
        numbers(
            suite,
            "memoize_bounded",
            group("maxsize, u64"),
            bounded,
            |cases| {
                #[cfg(feature = "peers")]
                let cases = peers::bounded(cases, threads);
                cases
            },
        );
        numbers(
            suite,
            "memoize_unbounded",
            group("no bound, u64"),
            unbounded,
            |cases| {
                #[cfg(feature = "peers")]
                let cases = peers::unbounded(cases, threads);
                cases
            },
        );
        numbers(
            suite,
            "memoize_by_thread",
            group("a cache for each thread, u64"),
            by_thread,
            |cases| {
                #[cfg(feature = "peers")]
                let cases = peers::by_thread(cases, threads);
                cases
            },
        );
    }
    texts(
        suite,
        "memoize_text",
        "maxsize, &str of 20 bytes",
        bounded_text,
        |cases| {
            #[cfg(feature = "peers")]
            let cases = peers::bounded_text(cases);
            cases
        },
    );
    texts(
        suite,
        "memoize_text_by_thread",
        "a cache for each thread, &str of 20 bytes",
        by_thread_text,
        |cases| {
            #[cfg(feature = "peers")]
            let cases = peers::by_thread_text(cases);
            cases
        },
    );
}

type Numbers = Vec<u64>;
type Texts = Vec<String>;

fn numbers(
    suite: &mut Suite,
    name: &str,
    (threads, about): (usize, &str),
    ours: fn(u64) -> u64,
    peers: impl FnOnce(Cases<'_, Numbers, u64>) -> Cases<'_, Numbers, u64>,
) {
    let cases = suite
        .group(&format!("caching/{name}_{threads}_threads"))
        .about(&format!(
            "20000 calls, {about}, in each thread: all answers are there"
        ))
        .size(20_000)
        .elements(|n| n as u64)
        .input(|n| {
            (0..n)
                .map(|number| (number * 7 % ARGUMENTS) as u64)
                .collect::<Numbers>()
        })
        .expect(|numbers| numbers.iter().map(|number| number * 3).sum());
    peers(number_case(cases, "tuneup", threads, ours)).finish();
}

fn number_case<'s>(
    cases: Cases<'s, Numbers, u64>,
    name: &str,
    threads: usize,
    f: impl Fn(u64) -> u64 + Copy + Send + Sync + 'static,
) -> Cases<'s, Numbers, u64> {
    cases.concurrent(
        name,
        threads,
        |_| (),
        move |(), numbers| numbers.iter().map(|number| f(black_box(*number))).sum(),
    )
}

fn texts(
    suite: &mut Suite,
    name: &str,
    about: &str,
    ours: fn(&str) -> u64,
    peers: impl FnOnce(Cases<'_, Texts, u64>) -> Cases<'_, Texts, u64>,
) {
    let text = |number| format!("/articles/{:010}", number * 7 % ARGUMENTS);
    let cases = suite
        .group(&format!("caching/{name}"))
        .about(&format!("20000 calls, {about}: all answers are there"))
        .size(20_000)
        .elements(|n| n as u64)
        .input(move |n| (0..n).map(text).collect::<Texts>())
        .expect(|texts| texts.len() as u64 * 60);
    peers(text_case(cases, "tuneup", ours)).finish();
}

fn text_case<'s>(
    cases: Cases<'s, Texts, u64>,
    name: &str,
    f: impl Fn(&str) -> u64 + Copy + 'static,
) -> Cases<'s, Texts, u64> {
    cases.case(name, move |texts| {
        texts.iter().map(|text| f(black_box(text))).sum()
    })
}

#[cfg(feature = "peers")]
mod peers {
    use super::*;

    mod cached {
        use cached::macros::{cached, concurrent_cached};

        #[cached(max_size = 10_000)]
        pub(super) fn bounded(n: u64) -> u64 {
            n * 3
        }

        #[concurrent_cached(max_size = 10_000)]
        pub(super) fn sharded(n: u64) -> u64 {
            n * 3
        }

        #[cached]
        pub(super) fn unbounded(n: u64) -> u64 {
            n * 3
        }

        #[cached(max_size = 10_000, key = "String", convert = r#"{ text.to_owned() }"#)]
        pub(super) fn bounded_text(text: &str) -> u64 {
            text.len() as u64 * 3
        }
    }

    mod memoize {
        use memoize::memoize;

        #[memoize]
        pub(super) fn by_thread(n: u64) -> u64 {
            n * 3
        }

        // It takes no references.
        #[memoize]
        pub(super) fn by_thread_text(text: String) -> u64 {
            text.len() as u64 * 3
        }
    }

    pub(super) fn bounded(
        cases: Cases<'_, Numbers, u64>,
        threads: usize,
    ) -> Cases<'_, Numbers, u64> {
        let cases = cases.at_most(0.75, "cached");
        let cases = number_case(cases, "cached", threads, cached::bounded).mark_peer();
        number_case(cases, "cached, sharded", threads, cached::sharded).mark_peer()
    }

    pub(super) fn unbounded(
        cases: Cases<'_, Numbers, u64>,
        threads: usize,
    ) -> Cases<'_, Numbers, u64> {
        let cases = cases.at_most(0.8, "cached");
        number_case(cases, "cached", threads, cached::unbounded).mark_peer()
    }

    pub(super) fn by_thread(
        cases: Cases<'_, Numbers, u64>,
        threads: usize,
    ) -> Cases<'_, Numbers, u64> {
        let cases = cases.at_most(1.0, "memoize");
        number_case(cases, "memoize", threads, memoize::by_thread).mark_peer()
    }

    pub(super) fn bounded_text(cases: Cases<'_, Texts, u64>) -> Cases<'_, Texts, u64> {
        text_case(cases.at_most(0.5, "cached"), "cached", cached::bounded_text).mark_peer()
    }

    pub(super) fn by_thread_text(cases: Cases<'_, Texts, u64>) -> Cases<'_, Texts, u64> {
        let owned = |text: &str| memoize::by_thread_text(text.to_owned());
        text_case(cases.at_most(1.0, "memoize"), "memoize", owned).mark_peer()
    }
}
