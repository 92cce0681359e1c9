//! The versions of `priority_queue` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::priority_queue::{
    Event, heap, scan_for_the_first, sort_after_each_push,
};

type Version = fn(&[Event]) -> Vec<u32>;

const VERSIONS: [Version; 3] = [sort_after_each_push, scan_for_the_first, heap];

#[test]
fn nothing_and_one_event() {
    let event = Event {
        due: 5,
        id: 1,
        repeats: 2,
        period: 3,
    };
    for version in VERSIONS {
        assert!(version(&[]).is_empty());
        assert_eq!(version(&[event]), [1, 1, 1]);
    }
}

proptest! {
    #[test]
    fn agree_with_the_sorted_list_of_all_that_happens(
        events in prop::collection::vec((0_u64..20, 0_u32..3, 1_u64..9), 0..20),
    ) {
        let events: Vec<Event> = (0..)
            .zip(events)
            .map(|(id, (due, repeats, period))| Event { due, id, repeats, period })
            .collect();
        let mut all: Vec<(u64, u32)> = events
            .iter()
            .flat_map(|event| (0..=u64::from(event.repeats)).map(|time| (event.due + time * event.period, event.id)))
            .collect();
        all.sort_unstable();
        let expected: Vec<u32> = all.into_iter().map(|(_, id)| id).collect();
        for version in VERSIONS {
            prop_assert_eq!(&version(&events), &expected);
        }
    }
}
