//! The versions of `word_count` agree.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tuneup_benches::cookbook::word_count::{
    borrowed_keys, borrowed_keys_quick_hasher, owned_keys, owned_when_new,
};

type Counts = Vec<(String, usize)>;

const VERSIONS: [fn(&str) -> Counts; 4] = [
    owned_keys,
    owned_when_new,
    borrowed_keys,
    borrowed_keys_quick_hasher,
];

fn oracle(text: &str) -> Counts {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_string()).or_insert(0) += 1;
    }
    let mut counts: Counts = counts.into_iter().collect();
    // Stable, so that equal counts stay in the tree's order.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(10);
    counts
}

#[test]
fn no_word_one_word_and_white_space_that_is_not_ascii() {
    for version in VERSIONS {
        assert!(version("").is_empty());
        assert!(version(" \n\t").is_empty());
        assert_eq!(version("hélas"), [(String::from("hélas"), 1)]);
        assert_eq!(
            version("b\u{3000}ß b\u{a0}a"),
            [
                (String::from("b"), 2),
                (String::from("a"), 1),
                (String::from("ß"), 1)
            ]
        );
    }
}

proptest! {
    #[test]
    fn agree_with_a_tree(text in "([a-eäß]{1,2}[ \n\u{3000}]{1,2}){0,80}") {
        let expected = oracle(&text);
        for version in VERSIONS {
            prop_assert_eq!(&version(&text), &expected);
        }
    }
}
