//! The versions of `hashing` agree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tuneup_benches::cookbook::hashing::{
    distinct_default, distinct_fx, most_frequent_entry, most_frequent_entry_fx,
    most_frequent_three_lookups,
};

const FREQUENT: [fn(&[String]) -> usize; 3] = [
    most_frequent_three_lookups,
    most_frequent_entry,
    most_frequent_entry_fx,
];

#[test]
fn nothing_and_one_key() {
    let one = [String::from("¿qué?")];
    for version in FREQUENT {
        assert_eq!(version(&[]), 0);
        assert_eq!(version(&one), 1);
    }
    for version in [distinct_default, distinct_fx] {
        assert_eq!(version(&[]), 0);
        assert_eq!(version(&one), 1);
    }
}

proptest! {
    #[test]
    fn agree_with_trees(words in prop::collection::vec("[aäß]{0,2}", 0..60)) {
        let mut counts = BTreeMap::new();
        for word in &words {
            *counts.entry(word).or_insert(0) += 1;
        }
        let expected = counts.values().copied().max().unwrap_or(0);
        for version in FREQUENT {
            prop_assert_eq!(version(&words), expected);
        }
        let distinct = words.iter().collect::<BTreeSet<_>>().len();
        prop_assert_eq!(distinct_default(&words), distinct);
        prop_assert_eq!(distinct_fx(&words), distinct);
    }

    #[test]
    fn agree_on_numbers(numbers in prop::collection::vec(any::<u8>(), 0..200)) {
        let distinct = numbers.iter().collect::<BTreeSet<_>>().len();
        prop_assert_eq!(distinct_default(&numbers), distinct);
        prop_assert_eq!(distinct_fx(&numbers), distinct);
    }
}
