//! What the store owes, on a server that runs.

use std::{thread, time::Duration};

use tuneup_caching::{AsyncStore, Cache, Error, RedisStore, Store, Tiered};

use super::server::{Server, wait_until};

#[test]
fn does_what_a_store_does() {
    let Some(server) = Server::start("does_what_a_store_does") else {
        return;
    };
    let store = server.store("space").build().unwrap();
    let store: &dyn Store = &store;
    let binary = b"\x00\r\n\xFF".as_slice();
    assert_eq!(store.get(binary).unwrap(), None);
    store.set(binary, b"1", None).unwrap();
    assert_eq!(store.get(binary).unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(
        server.command(&[b"GET", b"space::\x00\r\n\xFF"]),
        "1",
        "the key has its namespace"
    );
    assert!(!store.compare_and_set(binary, None, b"2", None).unwrap());
    assert!(
        !store
            .compare_and_set(binary, Some(b"0"), b"2", None)
            .unwrap()
    );
    assert!(
        store
            .compare_and_set(binary, Some(b"1"), b"2", None)
            .unwrap()
    );
    assert!(!store.compare_and_remove(binary, b"1").unwrap());
    assert!(store.compare_and_remove(binary, b"2").unwrap());
    assert!(!store.compare_and_remove(binary, b"2").unwrap());
    assert!(store.compare_and_set(binary, None, b"3", None).unwrap());
    assert!(store.remove(binary).unwrap());
    assert!(!store.remove(binary).unwrap());
    let megabytes = vec![7; 3 << 20];
    store.set(b"large", &megabytes, None).unwrap();
    assert!(store.get(b"large").unwrap() == Some(megabytes));
}

#[tokio::test]
async fn both_kinds_of_calls_log_in_and_choose_the_database() {
    let Some(server) = Server::start("both_kinds_of_calls_log_in_and_choose_the_database") else {
        return;
    };
    server.command(&[b"CONFIG", b"SET", b"requirepass", b"secret"]);
    let at = |login: &str, database: &str| {
        let address = server.address().replacen("//", &format!("//{login}"), 1) + database;
        RedisStore::builder(&address, "space").build().unwrap()
    };
    let first = at(":secret@", "/1");
    Store::set(&first, b"key", b"blocking", None).unwrap();
    let found = AsyncStore::get(&first, b"key").await.unwrap();
    assert_eq!(found.as_deref(), Some(&b"blocking"[..]));
    let named = at("default:secret@", "");
    assert_eq!(Store::get(&named, b"key").unwrap(), None);
    assert_eq!(AsyncStore::get(&named, b"key").await.unwrap(), None);
    for login in ["", ":wrong@", "nobody:secret@"] {
        let stranger = at(login, "");
        let error = Store::get(&stranger, b"key").unwrap_err();
        assert!(matches!(error, Error::Store { .. }), "{error}");
        AsyncStore::get(&stranger, b"key").await.unwrap_err();
    }
}

#[tokio::test]
async fn who_is_patient_for_a_century_is_answered_at_once() {
    let Some(server) = Server::start("who_is_patient_for_a_century_is_answered_at_once") else {
        return;
    };
    let century = Duration::from_secs(100 * 365 * 24 * 3600);
    let store = server
        .store("space")
        .connect_timeout(century)
        .command_timeout(century)
        .build()
        .unwrap();
    assert_eq!(Store::get(&store, b"key").unwrap(), None);
    assert_eq!(AsyncStore::get(&store, b"key").await.unwrap(), None);
}

#[tokio::test]
async fn a_socket_in_the_file_system_does_too() {
    let Some(server) = Server::start("a_socket_in_the_file_system_does_too") else {
        return;
    };
    let address = format!("unix://{}", server.socket().display());
    let store = RedisStore::builder(&address, "space").build().unwrap();
    Store::set(&store, b"key", b"value", None).unwrap();
    let found = AsyncStore::get(&store, b"key").await.unwrap();
    assert_eq!(found.as_deref(), Some(&b"value"[..]));
}

#[test]
fn values_expire() {
    let Some(server) = Server::start("values_expire") else {
        return;
    };
    let store = server.store("space").build().unwrap();
    let short = Some(Duration::from_millis(50));
    Store::set(&store, b"a", b"1", short).unwrap();
    assert!(store_cas(&store, b"b", None, short));
    Store::set(&store, b"c", b"1", None).unwrap();
    assert!(store_cas(&store, b"c", Some(b"1"), short));
    Store::set(&store, b"d", b"1", Some(Duration::MAX)).unwrap();
    for key in [b"a", b"b", b"c"] {
        wait_until("the value expires", || {
            Store::get(&store, key).unwrap().is_none()
        });
    }
    assert!(Store::get(&store, b"d").unwrap().is_some());
    Store::set(&store, b"e", b"1", Some(Duration::ZERO)).unwrap();
}

fn store_cas(
    store: &dyn Store,
    key: &[u8],
    expected: Option<&[u8]>,
    ttl: Option<Duration>,
) -> bool {
    store.compare_and_set(key, expected, b"2", ttl).unwrap()
}

#[test]
fn clear_removes_its_own_namespace_and_no_other() {
    let Some(server) = Server::start("clear_removes_its_own_namespace_and_no_other") else {
        return;
    };
    let store = server.store("a*").build().unwrap();
    let other = server.store("ab").build().unwrap();
    for key in 0..2000_u32 {
        Store::set(&store, &key.to_le_bytes(), b"value", None).unwrap();
    }
    Store::set(&other, b"key", b"value", None).unwrap();
    Store::clear(&store).unwrap();
    assert_eq!(server.command(&[b"DBSIZE"]), ":1\r\n");
    assert!(Store::get(&other, b"key").unwrap().is_some());
}

#[test]
fn many_threads_share_few_connections() {
    let Some(server) = Server::start("many_threads_share_few_connections") else {
        return;
    };
    let store = server.store("space").max_connections(2).build().unwrap();
    thread::scope(|scope| {
        for thread in 0..8_u32 {
            let store: &dyn Store = &store;
            scope.spawn(move || {
                for round in 0..200_u32 {
                    let value = (thread * 1000 + round).to_le_bytes();
                    store.set(&thread.to_le_bytes(), &value, None).unwrap();
                    let found = store.get(&thread.to_le_bytes()).unwrap();
                    assert_eq!(found.as_deref(), Some(value.as_slice()));
                }
            });
        }
    });
    // The third is that of this very question; the server may not have noticed the end of an earlier one.
    wait_until("there are no more connections than allowed", || {
        let clients = server.command(&[b"INFO", b"clients"]);
        clients.contains("connected_clients:3\r\n")
    });
}

#[test]
fn wrong_values_under_our_keys_are_misses_that_are_counted() {
    let Some(server) = Server::start("wrong_values_under_our_keys_are_misses_that_are_counted")
    else {
        return;
    };
    let store = server.store("space").build().unwrap();
    let build = |schema| {
        Tiered::builder(Cache::<String, String>::new(100).unwrap(), store.clone())
            .schema(schema)
            .build()
            .unwrap()
    };
    let tiered = build(1);
    let key = |name: &str| [b"space::".as_slice(), &[name.len() as u8], name.as_bytes()].concat();
    server.command(&[b"SET", &key("text"), b"somebody's text"]);
    server.command(&[b"LPUSH", &key("list"), b"element"]);
    build(1)
        .insert("damaged".to_owned(), "value".to_owned())
        .unwrap();
    server.command(&[b"SETRANGE", &key("damaged"), b"23", b"X"]);
    build(0)
        .insert("old".to_owned(), "value".to_owned())
        .unwrap();
    for name in ["text", "list", "damaged", "old"] {
        assert_eq!(tiered.get(&name.to_owned()), None, "{name}");
    }
    let info = tiered.info();
    assert_eq!((info.foreign, info.damaged, info.other_schema), (2, 1, 1));
    assert_eq!((info.store_failures, info.circuit.failures), (0, 0));
    for name in ["text", "list", "damaged", "old"] {
        let loaded = tiered.get_or_load(name.to_owned(), || Ok::<_, Error>(name.to_owned()));
        assert_eq!(loaded.ok().as_deref(), Some(name));
        assert_eq!(
            build(1).get(&name.to_owned()).as_deref(),
            Some(name),
            "the right value is in its place"
        );
    }
}
