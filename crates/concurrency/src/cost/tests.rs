use std::sync::atomic::AtomicU32;

use super::{Site, is_sampled};

#[test]
fn a_place_is_always_the_same_one() {
    let slots: Vec<_> = (0..3)
        .map(|_| std::ptr::from_ref(Site::of_caller().0))
        .collect();
    assert_eq!(slots[0], slots[1]);
    assert_eq!(slots[0], slots[2]);
}

#[test]
fn a_cost_is_written_only_if_it_has_changed() {
    static SLOT: AtomicU32 = AtomicU32::new(0);
    let site = Site(&SLOT);
    assert_eq!(site.cost_ns(), None);
    site.learn(100.0);
    assert_eq!(site.cost_ns(), Some(100.0));
    site.learn(110.0);
    assert_eq!(site.cost_ns(), Some(100.0));
    site.learn(200.0);
    assert_eq!(site.cost_ns(), Some(200.0));
    site.learn(0.0);
    assert!(site.cost_ns().is_some_and(|cost_ns| cost_ns < 1.0));
}

#[test]
fn some_calls_are_sampled_and_most_are_not() {
    let sampled = (0..32_000).filter(|_| is_sampled()).count();
    assert!((250..1_000).contains(&sampled), "{sampled}");
}
