//! Messages, patterns, secrets and options.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    RedisStore,
    commands::Commands,
    connection::Connection,
    gauge::{Gauge, LARGEST_VALUE},
    news,
};
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
fn a_server_that_wants_encryption_is_never_asked_without() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let refused = RedisStore::builder(&format!("rediss://127.0.0.1:{port}"), "space").build();
    assert!(matches!(refused, Err(Error::Address)));
    // As the client understands the address where another crate has given it the feature.
    let info = redis::ConnectionInfo {
        addr: redis::ConnectionAddr::TcpTls {
            host: "127.0.0.1".to_owned(),
            port,
            insecure: false,
            tls_params: None,
        },
        redis: redis::RedisConnectionInfo::default(),
    };
    let error = Connection::open(&info, Duration::from_secs(9))
        .err()
        .unwrap();
    assert!(error.is_io_error(), "{error}");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody has connected");
}

#[test]
fn what_could_not_be_fetched_is_not_stored() {
    let store = RedisStore::builder("redis://127.0.0.1:1", "space")
        .build()
        .unwrap();
    let value = vec![0; LARGEST_VALUE + 1];
    for error in [
        store.set(b"key", &value, None).unwrap_err(),
        store
            .compare_and_set(b"key", None, &value, None)
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    }
}

/// An answer, as bytes.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let line = |kind: char, text: String| format!("{kind}{text}\r\n").into_bytes();
    let leaf = prop_oneof![
        "[a-z -]{0,20}".prop_map(move |text| line('+', text)),
        any::<i64>().prop_map(move |number| line(':', number.to_string())),
        Just(b"$-1\r\n".to_vec()),
        Just(b"*-1\r\n".to_vec()),
        Just(b"*0\r\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(move |bytes| {
            [&line('$', bytes.len().to_string())[..], &bytes, b"\r\n"].concat()
        }),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..5).prop_map(move |parts| {
                [line('*', parts.len().to_string()), parts.concat()].concat()
            }),
            prop::collection::vec((inner.clone(), inner), 1..3).prop_map(move |pairs| {
                let parts: Vec<u8> = pairs
                    .iter()
                    .flat_map(|(key, value)| [&key[..], value].concat())
                    .collect();
                [line('%', pairs.len().to_string()), parts].concat()
            }),
        ]
    })
}

proptest! {
    /// Answers that follow each other are measured one by one, however they are cut into pieces.
    #[test]
    fn a_gauge_knows_where_answers_begin(answers in prop::collection::vec(answer(), 1..8), piece in 1..50_usize) {
        let largest = answers.iter().map(Vec::len).max().unwrap_or(0) as u64;
        let feed = |limit| {
            let mut gauge = Gauge::with_largest(limit);
            answers.concat().chunks(piece).try_for_each(|piece| gauge.feed(piece))
        };
        prop_assert!(feed(largest).is_ok());
        prop_assert!(feed(largest - 1).is_err());
    }
}

#[test]
fn a_gauge_measures_what_the_parser_keeps() {
    let feed = |begin: &[u8], more: &[u8]| {
        let mut gauge = Gauge::new();
        gauge.feed(begin)?;
        (0..1 << 20).try_for_each(|_| gauge.feed(more))
    };
    assert!(feed(b"", b"+\r\n").is_ok(), "many small answers");
    let endless: [(&[u8], &[u8]); 6] = [
        (b"+", b"x\n"),
        (b"-", b"+\n"),
        // The first byte comes alone, and the parser passes over it.
        (b"x$1099511627776\r\n", b"+\r\n"),
        // Texts and errors are never none.
        (b"=-1\r\n", b"+\r\n"),
        (b"!-1\r\n", b"+\r\n"),
        (b"*1\r\n!-1\r\n", b"+\r\n"),
    ];
    for (begin, more) in endless {
        assert!(feed(begin, more).is_err(), "{begin:?} and {more:?}");
    }
    for none in [&b"$-1\r\n"[..], b"*-1\r\n", b"~-1\r\n", b">-1\r\n"] {
        assert!(feed(none, b"+\r\n").is_ok(), "{none:?}");
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
fn zero_is_no_time_and_no_number_and_for_ever_is_no_time() {
    let builder = || RedisStore::builder("redis://127.0.0.1", "space");
    for builder in [
        builder().connect_timeout(Duration::ZERO),
        builder().command_timeout(Duration::ZERO),
        builder().heartbeat(Duration::ZERO),
        builder().max_connections(0),
        builder().connect_timeout(Duration::MAX),
        builder().command_timeout(Duration::MAX),
        builder().heartbeat(Duration::MAX),
    ] {
        assert!(matches!(builder.build(), Err(Error::OutOfRange { .. })));
    }
}
