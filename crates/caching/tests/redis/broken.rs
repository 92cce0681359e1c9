//! Servers that are none.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tuneup_caching::{AsyncStore, Cache, Error, RedisStore, Store, Tiered};

use super::server::{impostor, read_some, wait_until};

/// What they answer to everything.
const NONSENSE: [&[u8]; 9] = [
    b"HTTP/1.1 400 Bad Request\r\n\r\n",
    b"\x00\x01\x02\xFF\xFE\r\n",
    b"$-7\r\n",
    b"$99999999999999999999\r\n",
    b"*2000000000\r\n",
    b"*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n",
    b":42\r\n",
    b"+MAYBE\r\n",
    b"-\r\n",
];

fn nonsense(answer: &'static [u8]) -> String {
    impostor(move |connection| {
        while read_some(connection) {
            if connection.write_all(answer).is_err() {
                return;
            }
        }
    })
}

fn store(address: &str) -> RedisStore {
    RedisStore::builder(address, "space")
        .connect_timeout(Duration::from_millis(50))
        .command_timeout(Duration::from_millis(40))
        .heartbeat(Duration::from_millis(50))
        .build()
        .unwrap()
}

#[test]
fn nonsense_is_an_error_and_the_loader_serves() {
    for answer in NONSENSE {
        let store = store(&nonsense(answer));
        for _ in 0..2 {
            // `:42` and the like are answers that these commands cannot have.
            let results = [
                Store::get(&store, b"key").err(),
                Store::set(&store, b"key", b"value", None).err(),
                Store::remove(&store, b"key").err(),
                Store::compare_and_set(&store, b"key", None, b"value", None).err(),
                Store::clear(&store).err(),
            ];
            for error in results {
                let error = error.unwrap_or_else(|| panic!("{answer:?} was taken for an answer"));
                assert!(
                    matches!(error, Error::Store { .. } | Error::StoreTimedOut { .. }),
                    "{error}"
                );
            }
        }
        let tiered = Tiered::builder(Cache::<u64, u64>::new(10).unwrap(), store.clone())
            .channel(store)
            .build()
            .unwrap();
        assert_eq!(tiered.get(&1), None);
        assert_eq!(tiered.get_or_load(1, || Ok::<_, Error>(10)).ok(), Some(10));
        let info = tiered.info();
        assert!(info.store_failures > 0);
        assert!(!info.listening);
    }
}

#[tokio::test]
async fn nonsense_is_an_error_of_asynchronous_calls_too() {
    for answer in NONSENSE {
        let store = store(&nonsense(answer));
        for _ in 0..2 {
            let error = AsyncStore::get(&store, b"key").await.unwrap_err();
            assert!(
                matches!(error, Error::Store { .. } | Error::StoreTimedOut { .. }),
                "{error}"
            );
        }
    }
}

/// A server that greets as one does, and then answers commands by `answer`; false ends the connection.
fn polite(answer: impl Fn(&mut TcpStream) -> bool + Send + Sync + 'static) -> String {
    impostor(move |connection| {
        let mut question = [0; 4096];
        while let Ok(len @ 1..) = connection.read(&mut question) {
            // What clients say of themselves.
            let greeting = b"SETINFO";
            let greetings = question[..len].windows(greeting.len());
            let greetings = greetings.filter(|window| window == greeting).count();
            let goes_on = if greetings > 0 {
                connection.write_all(&b"+OK\r\n".repeat(greetings)).is_ok()
            } else {
                answer(connection)
            };
            if !goes_on {
                return;
            }
        }
    })
}

#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_does_not_make_a_call_wait_longer() {
    const LEN: usize = 200;
    let address = polite(|connection| {
        let answer = format!("${LEN}\r\n{}\r\n", "x".repeat(LEN));
        answer.bytes().all(|byte| {
            // Each comes long before the timeout, the last one long after it.
            thread::sleep(Duration::from_millis(5));
            connection.write_all(&[byte]).is_ok()
        })
    });
    let store = RedisStore::builder(&address, "space")
        .command_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    for _ in 0..2 {
        for error in [
            Store::get(&store, b"key").unwrap_err(),
            AsyncStore::get(&store, b"key").await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::StoreTimedOut { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_an_error_before_it_fills_the_memory() {
    // How it begins, and how it goes on.
    let endless: [(&[u8], &[u8]); 8] = [
        (b"$1099511627776\r\n", b"x"),
        (b"+", b"x"),
        (b"+", b"x\n"),
        (b"=-1\r\n", b"+\r\n"),
        (b":", b"1"),
        (b"*1000000000000\r\n", b":1\r\n"),
        (b"*1000\r\n", b"$1000000\r\n"),
        (b"", b"*1000\r\n"),
    ];
    for (begin, more) in endless {
        let sent = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&sent);
        let address = polite(move |connection| {
            let more = more.repeat((1 << 16) / more.len());
            let mut next = begin;
            while connection.write_all(next).is_ok() {
                let sent = counted.fetch_add(next.len() as u64, Ordering::Relaxed);
                // Enough for everybody to have seen that it does not end.
                assert!(sent < 1 << 30);
                next = &more;
            }
            false
        });
        let patient = RedisStore::builder(&address, "space")
            .command_timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        let blocking = Store::get(&patient, b"key").unwrap_err();
        let asynchronous = AsyncStore::get(&patient, b"key").await.unwrap_err();
        for error in [blocking, asynchronous] {
            assert!(matches!(error, Error::Store { .. }), "{begin:?}: {error}");
        }
        // Two answers of 64 MiB, and what is on its way in the sockets.
        let sent = sent.load(Ordering::Relaxed);
        assert!(sent < 200 << 20, "{begin:?}: {sent} bytes");
    }
}

#[test]
fn news_that_come_in_pieces_are_heard_as_one() {
    let payload = "0123456789abcdefa";
    let address = impostor(move |connection| {
        read_some(connection);
        let message = format!(
            "*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n${}\r\n{payload}\r\n",
            payload.len()
        );
        let (begin, end) = message.split_at(message.len() / 2);
        let subscribed = b"*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n";
        let pong = "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
        let _ = connection.write_all(subscribed);
        let _ = connection.write_all(begin.as_bytes());
        // Only when the listener asks whether anybody is there, it hears the rest.
        while read_some(connection) {
            let _ = connection.write_all(format!("{end}{pong}{begin}").as_bytes());
        }
    });
    let store = RedisStore::builder(&address, "space")
        .heartbeat(Duration::from_millis(300))
        .build()
        .unwrap();
    let tiered = Tiered::builder(Cache::<u64, u64>::new(10).unwrap(), store.clone())
        .channel(store)
        .build()
        .unwrap();
    wait_until("the news are heard", || tiered.info().invalidations >= 3);
}

#[tokio::test]
async fn a_server_that_closes_or_says_nothing_is_an_error() {
    let closing = impostor(|_| {});
    let silent = impostor(|_| thread::sleep(Duration::from_secs(60)));
    for address in [closing, silent] {
        let store = store(&address);
        Store::get(&store, b"key").unwrap_err();
        AsyncStore::get(&store, b"key").await.unwrap_err();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_from_which_nobody_accepts_does_not_keep_a_call() {
    use std::sync::mpsc;

    use socket2::{Domain, SockAddr, Socket, Type};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let server = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
    server.bind(&SockAddr::unix(&path).unwrap()).unwrap();
    // One connection may wait for being accepted; the next one waits for its place.
    server.listen(0).unwrap();
    let _first = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let store = store(&format!("unix://{}", path.display()));
    let (answered, answer) = mpsc::channel();
    thread::spawn(move || answered.send(Store::get(&store, b"key")));
    let answer = answer.recv_timeout(Duration::from_secs(30));
    let error = answer.expect("the call ends").unwrap_err();
    assert!(matches!(error, Error::StoreTimedOut { .. }), "{error}");
}
