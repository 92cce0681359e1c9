//! Messages, patterns, secrets and options.

use std::time::Duration;

use super::{RedisStore, commands::Commands, news};
use crate::{Error, Invalidation, Store as _};

#[test]
fn news_are_read_as_they_were_sent_but_not_by_their_sender() {
    let (me, you) = ([1; 16], [2; 16]);
    for sent in [
        Invalidation::Key(b"\x00\xFFkey".to_vec()),
        Invalidation::Key(Vec::new()),
        Invalidation::Tag("tag".to_owned()),
        Invalidation::All,
    ] {
        let message = news::encode(&me, &sent);
        assert_eq!(news::decode(&you, &message), Some(sent));
        assert_eq!(news::decode(&me, &message), None);
    }
}

#[test]
fn news_that_are_not_understood_concern_everything() {
    for message in [
        b"".as_slice(),
        b"short",
        &[1; 16],
        &[7; 40],
        b"0123456789abcdeft\xFF",
    ] {
        assert_eq!(
            news::decode(&[9; 16], message),
            Some(Invalidation::All),
            "{message:?}"
        );
    }
}

#[test]
fn a_namespace_stands_for_itself_in_the_pattern_of_its_keys() {
    let scan = Commands::new("a*[b]?\\").scan(0);
    let arguments = String::from_utf8_lossy(&scan.cmd.get_packed_command()).into_owned();
    assert!(arguments.contains("a\\*\\[b\\]\\?\\\\::*"), "{arguments}");
}

#[test]
fn no_namespace_is_part_of_another() {
    for namespace in ["", "a::b", "a:", "::"] {
        let result = RedisStore::builder("redis://127.0.0.1", namespace).build();
        assert!(
            matches!(result, Err(Error::OutOfRange { .. })),
            "{namespace:?}"
        );
    }
    RedisStore::builder("redis://127.0.0.1", "a:b")
        .build()
        .unwrap();
}

#[test]
fn passwords_are_nowhere_to_be_seen() {
    let builder = RedisStore::builder("redis://user:hunter2@127.0.0.1:1/0", "space")
        .connect_timeout(Duration::from_millis(100));
    let mut texts = vec![format!("{builder:?}")];
    let store = builder.build().unwrap();
    texts.push(format!("{store:?} {store:#?}"));
    // Nobody listens on port 1.
    let error = store.get(b"key").unwrap_err();
    texts.push(format!(
        "{error} {error:?} {:?}",
        std::error::Error::source(&error)
    ));
    let error = RedisStore::builder("redis://user:hunter2@host:no-port", "space")
        .build()
        .unwrap_err();
    texts.push(format!("{error} {error:?}"));
    for text in texts {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn zero_is_no_time_and_no_number() {
    let builder = || RedisStore::builder("redis://127.0.0.1", "space");
    for builder in [
        builder().connect_timeout(Duration::ZERO),
        builder().command_timeout(Duration::ZERO),
        builder().heartbeat(Duration::ZERO),
        builder().max_connections(0),
    ] {
        assert!(matches!(builder.build(), Err(Error::OutOfRange { .. })));
    }
}
