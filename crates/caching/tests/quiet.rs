//! Code that no lint complains of is as quiet with the attribute.
#![deny(warnings, nonstandard_style, rust_2018_idioms, unused)]
#![deny(
    elided_lifetimes_in_paths,
    missing_debug_implementations,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    unit_bindings,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use std::hash::Hash;

use tuneup_caching::{MethodCache, memoize};

/// A module with what is seen from outside.
pub mod public {
    use tuneup_caching::memoize;

    /// Doubles.
    #[memoize]
    #[must_use]
    pub fn double(n: u32) -> u32 {
        n * 2
    }

    /// Has an argument that is a pattern, one that nobody reads, and one that changes.
    #[memoize(maxsize = 4, by_thread)]
    #[must_use]
    pub fn odd((left, right): (u32, u32), _unread: &str, mut n: u32) -> u32 {
        n += left;
        n + right
    }
}

#[memoize]
#[allow(unused_variables)]
fn allowed(n: u32) -> u32 {
    let one = 1;
    2
}

#[memoize]
#[expect(unused_variables, reason = "the lint must see through the attribute")]
fn expected(n: u32) -> u32 {
    let one = 1;
    2
}

#[memoize(maxsize = 10)]
fn count<T: Hash + Eq + Clone + Send + Sync + 'static>(values: &[T]) -> usize {
    values.len()
}

#[memoize(key = "id % 10")]
fn with_a_key_of_one_argument(id: u64, text: &str, (left, right): (u8, u8)) -> String {
    format!("{id}{text}{left}{right}")
}

#[memoize(key = "value.to_bits()")]
async fn later(value: f32) -> Option<u32> {
    std::future::ready(value.to_bits()).await.checked_add(1)
}

/// Has methods.
#[derive(Debug, Default)]
pub struct Text {
    text: String,
    cache: MethodCache,
}

impl Text {
    /// Counts a letter.
    #[memoize(cache = "self.cache")]
    #[must_use]
    pub fn count(&self, letter: char) -> usize {
        self.text.matches(letter).count()
    }

    #[memoize(shared, key = "(self.text.clone(), n)")]
    fn repeated(&self, n: usize) -> String {
        self.text.repeat(n)
    }
}

#[test]
fn what_is_memoized_answers_as_before() {
    let text = Text {
        text: "abc".to_owned(),
        ..Text::default()
    };
    assert_eq!(
        (text.count('a'), text.repeated(2).len(), count(&[1])),
        (1, 6, 1)
    );
    assert_eq!((public::double(2), public::odd((1, 2), "", 3)), (4, 6));
    assert_eq!((allowed(1), expected(1)), (2, 2));
    assert_eq!(with_a_key_of_one_argument(1, "a", (2, 3)), "1a23");
    drop(later(1.0));
}
