//! Tests of the inside; what users see is tested from outside.

use super::*;

#[test]
fn a_name_that_no_entry_has_any_more_is_dropped() {
    let cache = Cache::new(8).unwrap();
    for number in 0..10_000 {
        cache.insert_tagged(number % 8, number, &[&format!("tag {number}")]);
    }
    assert!(cache.inner.tags.len() <= 128, "{}", cache.inner.tags.len());
}
