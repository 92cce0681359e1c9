//! What becomes of the lease of a load that does not come to its end.

use std::{
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

use super::{Jobs, builder, memory, poll};
use crate::{Cache, Error, Tiered};

#[test]
fn a_load_that_panics_gives_its_lease_back() {
    let store = memory();
    let tiered = builder(store.clone()).build().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        tiered.get_or_load(1, || -> Result<u64, Error> { panic!("dies") })
    }));
    assert!(panicked.is_err());
    assert!(store.is_empty());
    let other = builder(store).build().unwrap();
    assert_eq!(other.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
    assert_eq!(other.info().leases_taken, 1);
}

#[test]
fn a_future_that_is_dropped_gives_its_lease_back() {
    // Dropped when so many calls have reached the store: before the lease is there, when it is but nobody knows, and when
    // the load has begun.
    for calls in 1..=3 {
        let store = memory();
        let jobs = Jobs::default();
        let offloaded = jobs.of_calls(store.clone());
        let tiered = Tiered::<u64, u64, _>::builder(Cache::new(100).unwrap(), offloaded)
            .build()
            .unwrap();
        {
            let mut load = pin!(tiered.get_or_load_async(1, pending::<Result<u64, Error>>));
            for _ in 0..calls {
                jobs.run();
                assert!(poll(load.as_mut()).is_pending());
            }
        }
        jobs.run();
        assert!(store.is_empty(), "after {calls} calls");
        assert_eq!(tiered.info().loads, u64::from(calls == 3));
    }
}
