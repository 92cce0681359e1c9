//! The table against the standard library's.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

struct Record {
    key: (usize, usize),
}

impl Keyed for Record {
    type Key = (usize, usize);

    fn is(&self, key: Self::Key) -> bool {
        self.key == key
    }

    fn hash((first, second): Self::Key) -> usize {
        hash(first, second)
    }

    fn own_hash(&self) -> usize {
        Self::hash(self.key)
    }
}

proptest! {
    #[test]
    fn finds_what_was_inserted_and_nothing_else(
        keys in prop::collection::vec((0_usize..40, 0_usize..40), 0..400),
        sought in prop::collection::vec((0_usize..40, 0_usize..40), 0..100),
    ) {
        let table = PointerTable::new();
        let mut oracle = HashMap::new();
        for key in keys {
            if table.find(key).is_none() {
                let record: *const Record = Box::leak(Box::new(Record { key }));
                // SAFETY: the record is leaked.
                let inserted = unsafe { table.insert(record) };
                prop_assert!(inserted);
                prop_assert!(oracle.insert(key, record).is_none());
            }
        }
        for key in sought.iter().chain(oracle.keys()) {
            let found = table.find(*key).map(std::ptr::from_ref);
            prop_assert_eq!(found, oracle.get(key).copied());
        }
        table.clear();
        prop_assert!(sought.iter().all(|key| table.find(*key).is_none()));
    }
}
