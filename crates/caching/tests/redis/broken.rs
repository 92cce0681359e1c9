//! Servers that are none.

use std::{io::Write as _, thread, time::Duration};

use tuneup_caching::{AsyncStore, Cache, Error, RedisStore, Store, Tiered};

use super::server::{impostor, read_some};

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
