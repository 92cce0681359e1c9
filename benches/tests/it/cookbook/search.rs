//! The versions of `search` agree.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tuneup_benches::cookbook::search::{binary, input, linear};

type Version = fn(&[u32], u32) -> Option<usize>;

const VERSIONS: [Version; 2] = [linear, binary];

#[test]
fn nothing_one_value_and_both_ends() {
    for version in VERSIONS {
        assert_eq!(version(&[], 1), None);
        assert_eq!(version(&[1], 1), Some(0));
        assert_eq!(version(&[1], 2), None);
        assert_eq!(version(&[1, 3, 5], 1), Some(0));
        assert_eq!(version(&[1, 3, 5], 5), Some(2));
        assert_eq!(version(&[1, 3, 5], 6), None);
    }
}

#[test]
fn every_wanted_value_is_there() {
    let lookups = input(100);
    for version in VERSIONS {
        assert!(
            lookups
                .wanted
                .iter()
                .all(|value| version(&lookups.sorted, *value).is_some())
        );
    }
}

proptest! {
    #[test]
    fn agree_with_each_other(values in prop::collection::btree_set(0_u32..100, 0..50), value in 0_u32..100) {
        let sorted: Vec<u32> = BTreeSet::into_iter(values).collect();
        let expected = linear(&sorted, value);
        prop_assert_eq!(binary(&sorted, value), expected);
        prop_assert_eq!(expected.map(|place| sorted[place]), sorted.contains(&value).then_some(value));
    }
}
