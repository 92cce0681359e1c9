//! A tiered cache on a file: across restarts, and across versions of a program.

use std::{path::Path, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tuneup_caching::{Cache, Error, FileStore, Store, Tiered};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OldUser {
    id: u64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    email: String,
    is_active: bool,
}

fn open<V>(path: &Path, schema: u32) -> Tiered<String, V, FileStore>
where
    V: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    let store = FileStore::builder(path).build().unwrap();
    Tiered::builder(Cache::new(100).unwrap(), store)
        .schema(schema)
        .ttl(Duration::from_secs(3600))
        .build()
        .unwrap()
}

fn ada() -> OldUser {
    OldUser {
        id: 7,
        name: "Ada".to_owned(),
    }
}

fn new_ada() -> User {
    User {
        id: 7,
        email: "ada@example.org".to_owned(),
        is_active: true,
    }
}

#[test]
fn values_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let key = || "ada".to_owned();
    let loaded = open(&path, 1).get_or_load(key(), || Ok::<_, Error>(ada()));
    assert_eq!(loaded.unwrap(), ada());
    let users = open::<OldUser>(&path, 1);
    let found = users.get_or_load(key(), || Err::<OldUser, _>("the file has it"));
    assert_eq!(found.unwrap(), ada());
    let info = users.info();
    assert_eq!((info.store_hits, info.loads), (1, 0));
}

#[test]
fn values_of_another_version_are_misses() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let key = || "ada".to_owned();
    open(&path, 1).insert(key(), ada()).unwrap();

    let users = open::<User>(&path, 2);
    assert_eq!(users.get(&key()), None);
    assert_eq!(users.info().other_schema, 1);
    let loaded = users.get_or_load(key(), || Ok::<_, Error>(new_ada()));
    assert_eq!(loaded.unwrap(), new_ada());
    drop(users);

    // Who forgets to raise the number: bytes that do not decode are a miss all the same.
    let forgotten = open::<OldUser>(&path, 2);
    assert_eq!(forgotten.get(&key()), None);
    assert_eq!(forgotten.info().undecodable(), 1);
}

#[test]
fn what_somebody_else_has_put_there_is_a_miss() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let users = open::<OldUser>(&path, 1);
    let key = "ada".to_owned();
    users.insert(key.clone(), ada()).unwrap();
    let bytes = users.store().get(b"\x03ada").unwrap().unwrap();
    // The whole value under another key, half of it, and none at all.
    for wrong in [bytes.as_slice(), &bytes[..bytes.len() / 2], b"", b"{}"] {
        users.store().set(b"\x03eve", wrong, None).unwrap();
        assert_eq!(users.get(&"eve".to_owned()), None);
    }
    let info = users.info();
    assert_eq!((info.damaged, info.foreign), (2, 2));
    assert_eq!(info.store_failures, 0);
}

#[test]
fn a_value_that_the_store_refuses_leaves_no_lease_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::builder(folder.path().join("cache"))
        .max_bytes(200)
        .build()
        .unwrap();
    let texts = Tiered::<u64, String, _>::builder(Cache::new(10).unwrap(), store)
        .build()
        .unwrap();
    let long = "x".repeat(500);
    let loaded = texts.get_or_load(1, || Ok::<_, Error>(long.clone()));
    assert_eq!(loaded.ok(), Some(long));
    assert_eq!(texts.info().leases_taken, 1);
    assert!(texts.store().is_empty().unwrap());
}

#[test]
fn a_damaged_value_is_a_miss_that_the_next_load_mends_and_no_failure_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let open = || {
        let store = FileStore::builder(&path).build().unwrap();
        Tiered::<u64, String, _>::builder(Cache::new(10).unwrap(), store)
            .build()
            .unwrap()
    };
    let texts = open();
    texts.insert(1, "a text that changes".to_owned()).unwrap();
    texts.insert(2, "another".to_owned()).unwrap();
    drop(texts);
    let mut bytes = std::fs::read(&path).unwrap();
    let changing = b"that changes";
    for at in 0..bytes.len() - changing.len() {
        if bytes[at..].starts_with(changing) {
            bytes[at] ^= 1;
        }
    }
    std::fs::write(&path, &bytes).unwrap();

    let texts = open();
    for _ in 0..10 {
        assert_eq!(texts.get(&1), None);
    }
    assert_eq!(texts.get(&2).as_deref(), Some("another"));
    let loaded = texts.get_or_load(1, || Ok::<_, Error>("new".to_owned()));
    assert_eq!(loaded.unwrap(), "new");
    let info = texts.info();
    assert_eq!((info.damaged, info.store_failures), (11, 0));
    drop(texts);
    assert_eq!(open().get(&1).as_deref(), Some("new"));
}
