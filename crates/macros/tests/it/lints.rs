//! Code that no lint complains of is as quiet with the attributes: what they expand to is nobody's business.
#![deny(warnings, nonstandard_style, rust_2018_idioms, unused)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    elided_lifetimes_in_paths,
    let_underscore_drop,
    missing_debug_implementations,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    unit_bindings,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::default_numeric_fallback,
    clippy::indexing_slicing,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::panic,
    clippy::pattern_type_mismatch,
    clippy::semicolon_outside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::undocumented_unsafe_blocks,
    clippy::unreachable,
    clippy::unwrap_used
)]

use std::{collections::BTreeMap, future::Future, num::ParseIntError, pin::pin};

use tuneup_macros::{profile, profile_all, profile_lines};

use crate::__private::{events, hits};

/// Words and how often they came.
#[derive(Debug, Default)]
struct Words {
    counts: BTreeMap<String, usize>,
    last: Option<String>,
}

#[profile_all]
impl Words {
    /// Counts the words of a text.
    #[profile_lines]
    fn count(&mut self, text: &str) -> usize {
        /// The longest word that counts.
        const LIMIT: usize = 10;
        use std::mem::drop as finish;

        let mut counted = 0_usize;
        for word in text.split(' ') {
            if word.is_empty() {
                continue;
            }
            if word.len() > LIMIT {
                break;
            }
            let count = self.counts.entry(word.to_owned()).or_default();
            *count = count.saturating_add(1);
            counted = counted.saturating_add(1);
            finish(self.last.replace(word.to_owned()));
        }
        counted
    }

    /// What a word is.
    #[profile_lines]
    fn kind(&self, word: &str) -> &'static str {
        let Some(count) = self.counts.get(word) else {
            return "unknown";
        };
        let most = || self.counts.values().max();
        match *count {
            1 => "rare",
            other if Some(&other) == most() => "frequent",
            _ => "known",
        }
    }

    /// The first word, and never more.
    #[profile_lines]
    fn first(&self) -> Option<&str> {
        let mut words = self.counts.keys();
        loop {
            let word = words.next()?;
            if word.len() > 1 {
                continue;
            }
            return Some(word);
        }
    }
}

/// Parses in its own time.
#[profile]
#[profile_lines]
async fn parse(text: &str, mut times: u32, _unused: &[u8]) -> Result<u32, ParseIntError> {
    let mut sum = 0_u32;
    while times > 0 {
        sum = sum.saturating_add(text.trim().parse::<u32>()?);
        times = times.saturating_sub(1);
        std::future::ready(()).await;
    }
    Ok(sum)
}

/// Has a macro and an item before its first statement.
#[profile]
#[profile_lines]
fn doubled(number: u32) -> u32 {
    macro_rules! pair {
        ($number:expr) => {
            Pair($number, $number)
        };
    }
    struct Pair(u32, u32);

    let Pair(left, right) = pair!(number);
    left.saturating_add(right)
}

/// As [`doubled`], later.
#[profile]
#[profile_lines]
async fn doubled_later(number: u32) -> u32 {
    macro_rules! pair {
        ($twice:expr) => {
            Pair($twice, $twice)
        };
    }
    struct Pair(u32, u32);

    let Pair(left, right) = pair!(number);
    std::future::ready(()).await;
    left.saturating_add(right)
}

/// Has an argument that is a pattern.
#[profile]
async fn pair((left, right): (u32, String), words: &Words) -> impl Iterator<Item = u32> + use<> {
    std::future::ready(()).await;
    let fewest = words.counts.values().copied().min();
    [Some(left), right.parse().ok()]
        .into_iter()
        .flatten()
        .filter(move |_| fewest.is_some())
}

/// Takes an argument that nothing reads.
#[profile]
#[expect(unused_variables, reason = "the lint must see through the attribute")]
async fn unread(first: u32, second: String) {
    std::future::ready(()).await;
}

/// Takes an argument that nothing reads, and says so there.
#[profile]
async fn unread_argument(
    #[expect(unused_variables, reason = "the lint must see through the attribute")] first: u32,
) {
    std::future::ready(()).await;
}

/// Ends the program.
#[profile]
#[profile_lines]
fn end(code: i32) -> ! {
    let positive = code.saturating_abs();
    std::process::exit(positive)
}

#[test]
fn quiet_code_works() {
    let mut words = Words::default();
    assert_eq!(words.count("a b  a far-too-long-word c"), 3);
    assert_eq!((words.kind("a"), words.kind("b")), ("frequent", "rare"));
    assert_eq!((words.kind("c"), words.first()), ("unknown", Some("a")));
    assert_eq!(doubled(3), 6);
    assert_eq!(ready(doubled_later(3)), Some(6));
    assert_eq!(ready(parse(" 2 ", 3, &[])), Some(Ok(6)));
    let both = ready(pair((1, String::from("2")), &words)).map(Iterator::sum::<u32>);
    assert_eq!(both, Some(3));
    assert_eq!(ready(unread(1, String::new())), Some(()));
    assert_eq!(ready(unread_argument(1)), Some(()));
    let ends: fn(i32) -> ! = end;
    assert_ne!(std::ptr::from_ref(&ends), std::ptr::null());
    assert!(!events().is_empty() && !hits().is_empty());
}

/// What a future answers at once.
fn ready<F: Future>(future: F) -> Option<F::Output> {
    let waker = std::task::Waker::noop();
    let poll = pin!(future).poll(&mut std::task::Context::from_waker(waker));
    match poll {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
