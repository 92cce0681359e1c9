//! The versions of `duplicates` agree.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tuneup_benches::cookbook::duplicates::{compare_all_pairs, hash_set, input, sort_a_copy};

const VERSIONS: [fn(&[u32]) -> bool; 3] = [compare_all_pairs, hash_set, sort_a_copy];

#[test]
fn nothing_one_value_and_a_pair() {
    for version in VERSIONS {
        assert!(!version(&[]));
        assert!(!version(&[7]));
        assert!(version(&[7, 7]));
        assert!(version(&[7, 1, 2, 7]));
    }
}

#[test]
fn the_input_is_the_worst_case() {
    for version in VERSIONS {
        assert!(!version(&input(1_000, 0)));
    }
    assert_ne!(input(1_000, 0), input(1_000, 1));
}

proptest! {
    #[test]
    fn agree_with_a_tree(values in prop::collection::vec(0_u32..200, 0..40)) {
        let expected = values.iter().collect::<BTreeSet<_>>().len() < values.len();
        for version in VERSIONS {
            prop_assert_eq!(version(&values), expected);
        }
    }
}
