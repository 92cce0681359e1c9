//! The versions of `range_query` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::range_query::{
    Step, add_up_changing, add_up_each, fenwick_changing, input, prefix_sums, prefix_sums_changing,
};

type Changing = fn(&[u64], &[Step]) -> Vec<u64>;

const CHANGING: [Changing; 3] = [add_up_changing, prefix_sums_changing, fenwick_changing];

#[test]
fn empty_arrays_and_empty_ranges() {
    for version in [add_up_each, prefix_sums] {
        assert!(version(&[], &[]).is_empty());
        assert_eq!(version(&[], &[0..0, 0..0]), [0, 0]);
        assert_eq!(version(&[7], &[0..1, 1..1]), [7, 0]);
        assert_eq!(version(&[1, 2, 4], &[0..3, 1..2, 1..3, 2..2]), [7, 2, 6, 0]);
    }
    for version in CHANGING {
        assert_eq!(version(&[], &[Step::Sum(0..0)]), [0]);
        let steps = [
            Step::Sum(0..2),
            Step::Add(1, 5),
            Step::Sum(0..2),
            Step::Sum(1..2),
        ];
        assert_eq!(version(&[1, 2], &steps), [3, 8, 7]);
    }
}

proptest! {
    #[test]
    fn agree_with_an_addition_by_hand(
        values in prop::collection::vec(0_u64..1_000, 1..70),
        steps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 0..40),
    ) {
        let count = values.len();
        let mut now = values.clone();
        let (mut expected, mut expected_first, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
        let mut changes = Vec::new();
        for (a, b, changing) in steps {
            let (a, b) = (a.index(count + 1), b.index(count + 1));
            if changing && a < count {
                now[a] += b as u64;
                changes.push(Step::Add(a, b as u64));
                continue;
            }
            let range = a.min(b)..a.max(b);
            expected.push((range.start..range.end).map(|i| now[i]).sum::<u64>());
            expected_first.push((range.start..range.end).map(|i| values[i]).sum::<u64>());
            changes.push(Step::Sum(range.clone()));
            ranges.push(range);
        }
        for version in [add_up_each, prefix_sums] {
            prop_assert_eq!(&version(&values, &ranges), &expected_first);
        }
        for version in CHANGING {
            prop_assert_eq!(&version(&values, &changes), &expected);
        }
    }
}

#[test]
fn the_input_stays_within_the_array() {
    for n in [1, 2, 65] {
        let queries = input(n);
        assert_eq!(
            prefix_sums(&queries.values, &queries.ranges),
            add_up_each(&queries.values, &queries.ranges)
        );
        assert_eq!(
            fenwick_changing(&queries.values, &queries.steps),
            add_up_changing(&queries.values, &queries.steps)
        );
    }
}
