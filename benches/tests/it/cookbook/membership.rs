//! The versions of `membership` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::membership::{build_a_set, input, search_the_list, sort_and_bisect};

type Version = fn(&[String], &[String]) -> usize;

const VERSIONS: [Version; 3] = [search_the_list, build_a_set, sort_and_bisect];

#[test]
fn nothing_on_either_side() {
    let one = [String::from("Žofie")];
    for version in VERSIONS {
        assert_eq!(version(&[], &[]), 0);
        assert_eq!(version(&one, &[]), 0);
        assert_eq!(version(&[], &one), 0);
        assert_eq!(version(&one, &one), 1);
    }
}

#[test]
fn the_input_has_what_was_asked_for() {
    let orders = input(1_000, 10);
    assert_eq!((orders.customers.len(), orders.blocked.len()), (1_000, 10));
    let found = search_the_list(&orders.customers, &orders.blocked);
    assert!(
        (400..600).contains(&found),
        "{found} of 1000 is not about half"
    );
}

proptest! {
    #[test]
    fn agree_with_two_loops(
        customers in prop::collection::vec("[aäß]{0,3}", 0..30),
        blocked in prop::collection::vec("[aäß]{0,3}", 0..30),
    ) {
        let mut expected = 0;
        for customer in &customers {
            let mut found = false;
            for name in &blocked {
                found |= name == customer;
            }
            expected += usize::from(found);
        }
        for version in VERSIONS {
            prop_assert_eq!(version(&customers, &blocked), expected);
        }
    }
}
