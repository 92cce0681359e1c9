//! Envelopes, codecs, the adapter, and what every store must do.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use tuneup_measure::Clock;

use super::{
    AsyncStore as _, Codec as _, Content, Envelope, MemoryStore, OffloadedStore, PostcardCodec,
    Store as _, Undecodable, WallClock, random_identity,
};
use crate::Error;

const KEY: &[u8] = b"key";

#[test]
fn an_envelope_gives_back_what_was_put_in() {
    let envelope = Envelope { schema: 7 };
    let bytes = envelope.wrap_value(KEY, b"payload", 0);
    let content = envelope.open(KEY, &bytes, &WallClock::default());
    assert_eq!(
        content,
        Content::Value {
            payload: b"payload",
            expiry_ms: 0
        }
    );
    let lease = envelope.wrap_lease(KEY, b"token", 0);
    assert_eq!(
        envelope.open(KEY, &lease, &WallClock::default()),
        Content::Lease
    );
}

#[test]
fn what_is_not_the_own_is_told_apart() {
    let (old, new) = (Envelope { schema: 1 }, Envelope { schema: 2 });
    let clock = WallClock::default();
    let bytes = old.wrap_value(KEY, b"payload", 0);
    assert_eq!(
        new.open(KEY, &bytes, &clock),
        Content::Undecodable(Undecodable::Schema)
    );
    assert_eq!(
        old.open(b"yek", &bytes, &clock),
        Content::Undecodable(Undecodable::Damaged)
    );
    for foreign in [
        b"".as_slice(),
        b"{\"json\": true}",
        b"\xC3",
        b"\xC3tu\x02 a later layout, with more",
    ] {
        assert_eq!(
            old.open(KEY, foreign, &clock),
            Content::Undecodable(Undecodable::Foreign)
        );
    }
}

#[test]
fn an_envelope_expires_by_the_clock() {
    let (clock, mock) = Clock::mock();
    let clock = WallClock::new(&clock);
    let envelope = Envelope { schema: 0 };
    let expiry_ms = clock.expiry_ms(Some(Duration::from_millis(10)));
    let bytes = envelope.wrap_value(KEY, b"payload", expiry_ms);
    mock.advance(Duration::from_millis(9));
    assert!(matches!(
        envelope.open(KEY, &bytes, &clock),
        Content::Value { .. }
    ));
    assert_eq!(clock.remaining(expiry_ms), Some(Duration::from_millis(1)));
    mock.advance(Duration::from_millis(1));
    assert_eq!(envelope.open(KEY, &bytes, &clock), Content::Expired);
}

#[test]
fn huge_times_to_live_saturate() {
    let clock = WallClock::default();
    assert_eq!(clock.expiry_ms(Some(Duration::MAX)), u64::MAX);
    assert!(!clock.is_over(u64::MAX));
    assert!(clock.expiry_ms(Some(Duration::ZERO)) > clock.now_ms() - 1000);
}

proptest! {
    /// No byte can change without being noticed, and nothing panics.
    #[test]
    fn a_damaged_envelope_is_never_a_value(
        payload in prop::collection::vec(any::<u8>(), 0..200),
        schema: u32,
        expiry in prop_oneof![Just(0), any::<u64>()],
        at: prop::sample::Index,
        flip in 1..=255_u8,
        cut: prop::sample::Index,
    ) {
        let envelope = Envelope { schema };
        let whole = envelope.wrap_value(KEY, &payload, expiry);
        let clock = WallClock::default();
        let mut damaged = whole.clone();
        damaged[at.index(whole.len())] ^= flip;
        let content = envelope.open(KEY, &damaged, &clock);
        prop_assert!(matches!(content, Content::Undecodable(_)), "{:?}", content);
        let content = envelope.open(KEY, &whole[..cut.index(whole.len())], &clock);
        prop_assert!(matches!(content, Content::Undecodable(_)), "{:?}", content);
    }

    #[test]
    fn any_bytes_are_opened_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = Envelope { schema: 0 }.open(KEY, &bytes, &WallClock::default());
        let _ = PostcardCodec.decode(&bytes).map(|_: Vec<(u64, String)>| ());
    }

    #[test]
    fn postcard_gives_back_what_was_put_in(value: (u64, String, Option<Vec<u8>>)) {
        let bytes = PostcardCodec.encode(&value).unwrap();
        let back: (u64, String, Option<Vec<u8>>) = PostcardCodec.decode(&bytes).unwrap();
        prop_assert_eq!(back, value);
    }
}

#[test]
fn postcard_takes_no_bytes_that_are_left_over() {
    let mut bytes = PostcardCodec.encode(&7_u8).unwrap();
    bytes.push(0);
    let result: Result<u8, Error> = PostcardCodec.decode(&bytes);
    assert!(matches!(result, Err(Error::Decode { .. })));
}

#[test]
fn identities_differ() {
    assert_ne!(random_identity(), random_identity());
}

#[test]
fn a_memory_store_is_bounded_also_when_values_are_replaced() {
    let store = MemoryStore::new(3).unwrap();
    for round in 0..100_u32 {
        let key = (round % 7).to_le_bytes();
        store.set(&key, b"value", None).unwrap();
        assert!(store.len() <= 3);
        assert_eq!(store.get(&key).unwrap().as_deref(), Some(&b"value"[..]));
    }
    store.clear().unwrap();
    assert!(store.is_empty());
}

#[test]
fn an_offloaded_store_tells_of_panics_and_dropped_jobs() {
    let store = MemoryStore::new(3).unwrap();
    let dropping = OffloadedStore::new(store.clone(), Arc::new(drop));
    let error = pollster::block_on(dropping.get(KEY)).unwrap_err();
    assert!(matches!(error, Error::Store { .. }), "{error}");

    let threads = OffloadedStore::new(
        store,
        Arc::new(|job| {
            std::thread::spawn(job);
        }),
    );
    pollster::block_on(async {
        threads.set(KEY, b"value", None).await.unwrap();
        threads.sleep(Duration::from_millis(1)).await;
        assert!(threads.compare_and_remove(KEY, b"value").await.unwrap());
        assert!(!threads.remove(KEY).await.unwrap());
    });
}
