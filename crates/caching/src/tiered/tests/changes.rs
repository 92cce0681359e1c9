//! What memory has after a change that does not come to its end, and after news that a listener does not survive.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{Jobs, Meanwhile, Scripted, builder, memory, poll};
use crate::{Cache, ChannelEvent, Error, Invalidation, MemoryStore, OffloadedStore, Tiered};

type Numbers = Tiered<u64, u64, OffloadedStore<MemoryStore>>;
type Change<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

#[test]
fn a_change_whose_future_is_dropped_leaves_nothing_in_memory_that_it_has_overtaken() {
    let insert: fn(&Numbers) -> Change<'_> = |numbers| Box::pin(numbers.insert_async(1, 11));
    let remove: fn(&Numbers) -> Change<'_> = |numbers| Box::pin(numbers.remove_async(&1));
    let clear: fn(&Numbers) -> Change<'_> = |numbers| Box::pin(numbers.clear_async());
    for (change, in_store) in [(insert, Some(11)), (remove, None), (clear, None)] {
        let (store, jobs) = (memory(), Jobs::default());
        let other = builder(store.clone()).build().unwrap();
        other.insert(1, 10).unwrap();
        other.cache().invalidate_all();
        let numbers = Numbers::builder(Cache::new(100).unwrap(), jobs.of_calls(store))
            .build()
            .unwrap();
        numbers.cache().insert(1, 10);
        {
            let mut changing = change(&numbers);
            assert!(poll(changing.as_mut()).is_pending());
            jobs.run();
        }
        assert_eq!(other.get(&1), in_store);
        assert_eq!(numbers.cache().get(&1), None);
    }
}

#[test]
fn a_change_whose_store_panics_leaves_nothing_in_memory_that_it_has_overtaken() {
    static DIES: AtomicBool = AtomicBool::new(false);
    let store = Meanwhile(memory(), || {
        assert!(!DIES.load(Ordering::Relaxed), "dies");
    });
    let tiered = builder(store).build().unwrap();
    tiered.insert(1, 10).unwrap();
    DIES.store(true, Ordering::Relaxed);
    let panicked = catch_unwind(AssertUnwindSafe(|| tiered.insert(1, 11)));
    assert!(panicked.is_err());
    assert_eq!(tiered.cache().get(&1), None);
    DIES.store(false, Ordering::Relaxed);
    assert_eq!(tiered.get(&1), Some(11));
}

#[test]
fn a_panic_of_who_hears_of_evictions_does_not_end_the_thread_of_the_channel() {
    let channel = Scripted::default();
    let cache = Cache::builder(100)
        .on_evict(|_, _, _| panic!("dies"))
        .build()
        .unwrap();
    let tiered = Tiered::<u64, u64, _>::builder(cache, memory())
        .channel(channel.clone())
        .build()
        .unwrap();
    for event in [
        ChannelEvent::Connected,
        ChannelEvent::Invalidate(Invalidation::Key(vec![1])),
        ChannelEvent::Invalidate(Invalidation::All),
    ] {
        tiered.cache().insert(1, 10);
        channel.say(event);
        assert!(tiered.cache().is_empty());
    }
    assert!(tiered.info().listening);
}
