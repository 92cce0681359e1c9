//! The versions of `queue` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::queue::{Task, remove_from_the_front, ring};

type Version = fn(&[Task]) -> Vec<u32>;

const VERSIONS: [Version; 2] = [remove_from_the_front, ring];

#[test]
fn nothing_and_one_task() {
    for version in VERSIONS {
        assert!(version(&[]).is_empty());
        assert_eq!(version(&[Task { id: 4, turns: 3 }]), [4]);
    }
}

proptest! {
    #[test]
    fn tasks_end_in_the_order_of_their_turns_then_of_their_places(turns in prop::collection::vec(1_u32..6, 0..40)) {
        let tasks: Vec<Task> = (0..).zip(&turns).map(|(id, turns)| Task { id, turns: *turns }).collect();
        let mut expected: Vec<u32> = (0..turns.len() as u32).collect();
        expected.sort_by_key(|id| turns[*id as usize]);
        for version in VERSIONS {
            prop_assert_eq!(&version(&tasks), &expected);
        }
    }
}
