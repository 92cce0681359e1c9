//! Damaged files, limits and full disks.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
    thread,
    time::Duration,
};

use proptest::prelude::*;
use tuneup_measure::Clock;

use super::FileStore;
use crate::{Error, Store as _};

fn open(path: &Path) -> FileStore {
    FileStore::builder(path).build().unwrap()
}

#[test]
fn what_is_oldest_goes_first_and_what_is_expired_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, mock) = Clock::mock();
    let store = FileStore::builder(folder.path().join("cache"))
        .max_entries(3)
        .clock(clock)
        .build()
        .unwrap();
    store.set(b"a", b"1", None).unwrap();
    store.set(b"b", b"1", Some(Duration::from_secs(1))).unwrap();
    store.set(b"c", b"1", None).unwrap();
    mock.advance(Duration::from_secs(1));
    assert_eq!(store.get(b"b").unwrap(), None);
    store.set(b"d", b"1", None).unwrap();
    assert!(store.get(b"a").unwrap().is_some(), "b was expired");
    store.set(b"a", b"2", None).unwrap();
    store.set(b"e", b"1", None).unwrap();
    assert_eq!(
        store.get(b"c").unwrap(),
        None,
        "a was written again, so c was the oldest"
    );
    assert_eq!(store.len().unwrap(), 3);
    assert_eq!(store.content_bytes().unwrap(), 6);
}

#[test]
fn bytes_are_bounded_and_what_never_fits_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::builder(folder.path().join("cache"))
        .max_bytes(100)
        .writes_per_sync(1000)
        .build()
        .unwrap();
    for key in 0..50_u8 {
        store.set(&[key], &[0; 30], None).unwrap();
        assert!(store.content_bytes().unwrap() <= 100);
    }
    assert_eq!(store.len().unwrap(), 3);
    let error = store.set(b"k", &[0; 100], None).unwrap_err();
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    assert_eq!(store.len().unwrap(), 3, "it drove nothing out");
}

#[test]
fn a_file_can_be_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let store = open(&path);
    let error = FileStore::builder(&path).build().unwrap_err();
    assert!(error.to_string().contains("is open already"), "{error}");
    drop(store);
    open(&path);
}

#[test]
fn what_was_written_before_a_flush_is_on_the_disk_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("cache"), folder.path().join("copy"));
    let store = FileStore::builder(&path)
        .writes_per_sync(1000)
        .build()
        .unwrap();
    for round in 0..20_u32 {
        let key = round.to_le_bytes();
        thread::scope(|scope| {
            // So that both have begun, most likely, and which of them is first is left to chance.
            let begins = store.inner.database.write().unwrap();
            scope.spawn(|| store.set(&key, b"value", None).unwrap());
            thread::sleep(Duration::from_millis(10));
            scope.spawn(|| store.flush().unwrap());
            thread::sleep(Duration::from_millis(10));
            drop(begins);
        });
        store.flush().unwrap();
        // As it is after a sudden death.
        fs::copy(&path, &copy).unwrap();
        assert!(open(&copy).get(&key).unwrap().is_some(), "{round}");
    }
}

/// How many entries a filled file has, each of 1000 bytes.
const ENTRIES: u32 = 200;

/// A file with some hundred entries, closed in order.
fn filled(path: &Path) -> Vec<u8> {
    let store = FileStore::builder(path)
        .writes_per_sync(10_000)
        .build()
        .unwrap();
    for key in 0..ENTRIES {
        store
            .set(&key.to_le_bytes(), &[key as u8; 1000], None)
            .unwrap();
    }
    drop(store);
    fs::read(path).unwrap()
}

/// Whatever is found is right.
fn use_damaged(path: &Path) -> Result<(), Error> {
    let store = FileStore::builder(path).build()?;
    let mut result = Ok(());
    for key in 0..ENTRIES {
        match store.get(&key.to_le_bytes()) {
            Ok(None) => {}
            Ok(Some(value)) => assert!(value == [key as u8; 1000], "{key} has a wrong value"),
            Err(error) => result = Err(error),
        }
    }
    result.and(store.set(b"new", b"value", None))
}

#[test]
fn a_value_whose_bytes_have_changed_is_an_error_and_can_be_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let store = open(&path);
    store
        .set(b"key", b"a value that is looked for", None)
        .unwrap();
    store.set(b"other", b"another one", None).unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let needle = b"looked for";
    let places: Vec<usize> = (0..bytes.len() - needle.len())
        .filter(|&at| bytes[at..].starts_with(needle))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] ^= 1;
    }
    fs::write(&path, &bytes).unwrap();

    let store = open(&path);
    let wrong = [
        store.get(b"key").err(),
        store.compare_and_set(b"key", Some(b"a"), b"b", None).err(),
        store.compare_and_remove(b"key", b"a").err(),
    ];
    for error in wrong {
        let message = error.expect("it is damaged").to_string();
        assert!(message.contains("it is damaged (the checksum"), "{message}");
    }
    assert_eq!(
        store.get(b"other").unwrap().as_deref(),
        Some(&b"another one"[..])
    );
    store.set(b"key", b"new", None).unwrap();
    assert_eq!(store.get(b"key").unwrap().as_deref(), Some(&b"new"[..]));
    drop(store);

    fs::write(&path, &bytes).unwrap();
    let store = open(&path);
    assert!(store.remove(b"key").unwrap());
    assert_eq!(store.get(b"key").unwrap(), None);
    assert_eq!(store.len().unwrap(), 1);
}

#[test]
fn tables_that_contradict_each_other_are_an_error_and_no_endless_search() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let bounded = || FileStore::builder(&path).max_entries(1).build().unwrap();
    bounded().set(b"key", b"value", None).unwrap();
    {
        let database = redb::Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let by_age: redb::TableDefinition<'_, u64, &[u8]> = redb::TableDefinition::new("by_age");
        transaction
            .open_table(by_age)
            .unwrap()
            .insert(0, &b"of no entry"[..])
            .unwrap();
        transaction.commit().unwrap();
    }
    let error = bounded().set(b"other", b"value", None).unwrap_err();
    assert!(
        error.to_string().contains("contradict each other"),
        "{error}"
    );
}

#[test]
fn a_truncated_file_is_a_clear_error_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let whole = filled(&path);
    for keep in [1, 100, 4096, 5000, whole.len() / 2, whole.len() - 4096] {
        let truncated = &whole[..keep];
        fs::write(&path, truncated).unwrap();
        let error = use_damaged(&path).expect_err(&format!("{keep} bytes"));
        let message = format!("{error}: {:?}", std::error::Error::source(&error));
        assert!(
            message.contains("cache cannot be used as a store"),
            "{message}"
        );
        assert!(message.contains("move it away or delete it"), "{message}");
        assert!(
            fs::read(&path).unwrap() == truncated,
            "the file was changed, of {keep} bytes"
        );
    }
}

#[test]
fn a_file_of_something_else_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "what somebody wrote\n".repeat(1000);
    fs::write(&path, &text).unwrap();
    let error = FileStore::builder(&path).build().unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("a file of something else and no store; give another path"),
        "{message}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let error = FileStore::builder(folder.path().join("no/folder/cache"))
        .build()
        .unwrap_err();
    assert!(matches!(error, Error::Store { .. }), "{error}");
}

#[test]
fn another_database_of_redb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other");
    {
        let database = redb::Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("entries");
        transaction.open_table(table).unwrap().insert(1, 2).unwrap();
        transaction.commit().unwrap();
    }
    let error = FileStore::builder(&path).build().unwrap_err();
    assert!(error.to_string().contains("something else"), "{error}");
}

#[test]
fn no_tables_are_added_to_those_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other");
    let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("theirs");
    let tables = |database: &redb::Database| {
        use redb::ReadableDatabase as _;
        database
            .begin_read()
            .unwrap()
            .list_tables()
            .unwrap()
            .count()
    };
    {
        let database = redb::Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(table).unwrap().insert(1, 2).unwrap();
        transaction.commit().unwrap();
        assert_eq!(tables(&database), 1);
    }
    let error = FileStore::builder(&path).build().unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("a database of something else; give another path"),
        "{message}"
    );
    assert_eq!(tables(&redb::Database::create(&path).unwrap()), 1);
}

#[test]
fn a_file_of_another_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    {
        let database = redb::Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let numbers: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("numbers");
        transaction
            .open_table(numbers)
            .unwrap()
            .insert("layout", 1)
            .unwrap();
        let entries: redb::TableDefinition<'_, &[u8], (u64, u64, &[u8])> =
            redb::TableDefinition::new("entries");
        transaction.open_table(entries).unwrap();
        transaction.commit().unwrap();
    }
    let error = FileStore::builder(&path).build().unwrap_err();
    assert!(error.to_string().contains("have layout 1"), "{error}");
}

static FILLED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    filled(&folder.path().join("cache"))
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 50, ..ProptestConfig::default() })]

    /// Whatever bytes change, the store answers, if only by an error.
    #[test]
    fn flipped_bytes_never_panic(
        at in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        first_pages: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let mut bytes = FILLED.clone();
        let range = if first_pages { 8192 } else { bytes.len() };
        for index in at {
            bytes[index.index(range)] ^= 0x55;
        }
        fs::write(&path, &bytes).unwrap();
        let _ = use_damaged(&path);
    }
}

/// A small file system in memory, unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            use io::Write as _;
            let _ = writeln!(io::stderr(), "skipped: a tmpfs cannot be mounted here");
        }
        mounted.then_some(Self(folder))
    }

    /// As somebody else does; the file that has all the room.
    fn fill(&self) -> PathBuf {
        let ballast = self.0.path().join("ballast");
        let mut room = 4 << 20;
        while room > 1000 {
            let mut bytes = fs::read(&ballast).unwrap_or_default();
            bytes.resize(bytes.len() + room, 0);
            if fs::write(&ballast, &bytes).is_err() {
                room /= 2;
            }
        }
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_fails_writes_and_nothing_else() {
    let Some(disk) = SmallDisk::mount("4m") else {
        return;
    };
    let store = FileStore::builder(disk.0.path().join("cache"))
        .build()
        .unwrap();
    store.set(b"first", b"value", None).unwrap();
    let ballast = disk.fill();
    let fails = |key: u32| store.set(&key.to_le_bytes(), &[0; 100_000], None).is_err();
    assert!((0..200).any(fails), "the disk was to be full");
    assert_eq!(store.get(b"first").unwrap().as_deref(), Some(&b"value"[..]));

    fs::remove_file(&ballast).unwrap();
    store.set(b"second", b"value", None).unwrap();
    assert_eq!(store.get(b"first").unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(
        store.get(b"second").unwrap().as_deref(),
        Some(&b"value"[..])
    );
}

#[test]
fn writes_that_a_full_disk_has_undone_are_told_of_by_a_flush() {
    let Some(disk) = SmallDisk::mount("4m") else {
        return;
    };
    let store = FileStore::builder(disk.0.path().join("cache"))
        .writes_per_sync(1000)
        .build()
        .unwrap();
    store.set(b"key", b"old", None).unwrap();
    store.flush().unwrap();
    store.set(b"key", b"new", None).unwrap();
    let ballast = disk.fill();
    let fails = |key: u32| store.set(&key.to_le_bytes(), &[0; 100_000], None).is_err();
    assert!((0..200).any(fails), "the disk was to be full");

    fs::remove_file(&ballast).unwrap();
    store.set(b"other", b"value", None).unwrap();
    assert_eq!(store.get(b"key").unwrap().as_deref(), Some(&b"old"[..]));
    let error = store.flush().unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("undone"), "{why}");
    store.flush().unwrap();
    assert!(store.get(b"other").unwrap().is_some());
}
