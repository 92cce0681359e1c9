//! The versions of `ordered_unique` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::ordered_unique::{
    search_the_result, set_asked_once, set_asked_twice,
};

type Version = fn(&[u64]) -> Vec<u64>;

const VERSIONS: [Version; 3] = [search_the_result, set_asked_twice, set_asked_once];

#[test]
fn nothing_one_value_and_repetitions() {
    for version in VERSIONS {
        assert!(version(&[]).is_empty());
        assert_eq!(version(&[3]), [3]);
        assert_eq!(version(&[3, 3, 3]), [3]);
        assert_eq!(version(&[2, 9, 2, 1, 9]), [2, 9, 1]);
    }
}

proptest! {
    #[test]
    fn agree_with_places_of_first_appearance(values in prop::collection::vec(0_u64..30, 0..60)) {
        let mut expected: Vec<u64> = (0..30).filter(|value| values.contains(value)).collect();
        expected.sort_by_key(|value| values.iter().position(|other| other == value));
        for version in VERSIONS {
            prop_assert_eq!(&version(&values), &expected);
        }
    }
}
