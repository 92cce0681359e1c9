//! Damaged files, limits and full disks.

use std::{fs, io, path::Path, process::Command, sync::LazyLock, time::Duration};

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

/// Whether values are right is the envelope's to say.
fn use_damaged(path: &Path) -> Result<(), Error> {
    let store = FileStore::builder(path).build()?;
    for key in 0..ENTRIES {
        store.get(&key.to_le_bytes())?;
    }
    store.set(b"new", b"value", None)
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
    assert!(matches!(error, Error::StoreFile { .. }), "{error}");
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
        mounted.then_some(Self(folder))
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
        use io::Write as _;
        let _ = writeln!(
            io::stderr(),
            "skipped: a_full_disk_fails_writes_and_nothing_else: a tmpfs cannot be mounted here"
        );
        return;
    };
    let store = FileStore::builder(disk.0.path().join("cache"))
        .build()
        .unwrap();
    store.set(b"first", b"value", None).unwrap();
    // Somebody else fills the disk.
    let ballast = disk.0.path().join("ballast");
    let mut room = 4 << 20;
    while room > 1000 {
        let mut bytes = fs::read(&ballast).unwrap_or_default();
        bytes.resize(bytes.len() + room, 0);
        if fs::write(&ballast, &bytes).is_err() {
            room /= 2;
        }
    }
    let mut failed = false;
    for key in 0..200_u32 {
        if store.set(&key.to_le_bytes(), &[0; 100_000], None).is_err() {
            failed = true;
            break;
        }
    }
    assert!(failed, "the disk was to be full");
    assert_eq!(store.get(b"first").unwrap().as_deref(), Some(&b"value"[..]));

    fs::remove_file(&ballast).unwrap();
    store.set(b"second", b"value", None).unwrap();
    assert_eq!(store.get(b"first").unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(
        store.get(b"second").unwrap().as_deref(),
        Some(&b"value"[..])
    );
}
