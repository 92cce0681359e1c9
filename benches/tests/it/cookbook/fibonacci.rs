//! The versions of `fibonacci` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::fibonacci::{iterative, memo, naive};

#[test]
fn the_first_numbers() {
    let first = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144];
    for version in [naive, memo, iterative] {
        assert_eq!((0..13).map(version).collect::<Vec<_>>(), first);
    }
}

#[test]
fn the_last_that_fits_and_the_first_that_wraps() {
    // F(93) = 12200160415121876738 (OEIS A000045), F(94) is above 2^64.
    for version in [memo, iterative] {
        assert_eq!(version(93), 12_200_160_415_121_876_738);
        assert_eq!(version(94), 1_293_530_146_158_671_551);
    }
}

proptest! {
    #[test]
    fn each_is_the_sum_of_the_two_before(n in 2_u64..1_500) {
        prop_assert_eq!(iterative(n), iterative(n - 1).wrapping_add(iterative(n - 2)));
        prop_assert_eq!(memo(n), iterative(n));
    }
}
