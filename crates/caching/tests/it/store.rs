//! What all stores owe, and the file store across sudden deaths.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use tuneup_caching::{FileStore, MemoryStore, Store};
use tuneup_measure::Clock;

#[derive(Debug, Clone)]
enum Step {
    Get(u8),
    Set(u8, u8, Option<u64>),
    CompareAndSet(u8, Option<u8>, u8, Option<u64>),
    Remove(u8),
    CompareAndRemove(u8, u8),
    Clear,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let ttl = || prop::option::of(1..50_u64);
    prop_oneof![
        4 => (0..4_u8).prop_map(Step::Get),
        4 => (0..4_u8, 0..3_u8, ttl()).prop_map(|(key, value, ttl)| Step::Set(key, value, ttl)),
        4 => (0..4_u8, prop::option::of(0..3_u8), 0..3_u8, ttl())
            .prop_map(|(key, expected, value, ttl)| Step::CompareAndSet(key, expected, value, ttl)),
        2 => (0..4_u8).prop_map(Step::Remove),
        2 => (0..4_u8, 0..3_u8).prop_map(|(key, value)| Step::CompareAndRemove(key, value)),
        1 => Just(Step::Clear),
        2 => (1..40_u64).prop_map(Step::Wait),
    ]
}

/// Does the step on both stores and compares the answers.
fn both(step: &Step, left: &dyn Store, right: &dyn Store) -> Result<(), TestCaseError> {
    let ttl = |ms: Option<u64>| ms.map(Duration::from_millis);
    match *step {
        Step::Get(key) => {
            prop_assert_eq!(left.get(&[key]).unwrap(), right.get(&[key]).unwrap());
        }
        Step::Set(key, value, ms) => {
            left.set(&[key], &[value], ttl(ms)).unwrap();
            right.set(&[key], &[value], ttl(ms)).unwrap();
        }
        Step::CompareAndSet(key, expected, value, ms) => {
            let expected = expected.map(|value| [value]);
            let expected = expected.as_ref().map(<[u8; 1]>::as_slice);
            prop_assert_eq!(
                left.compare_and_set(&[key], expected, &[value], ttl(ms))
                    .unwrap(),
                right
                    .compare_and_set(&[key], expected, &[value], ttl(ms))
                    .unwrap()
            );
        }
        Step::Remove(key) => {
            prop_assert_eq!(left.remove(&[key]).unwrap(), right.remove(&[key]).unwrap());
        }
        Step::CompareAndRemove(key, value) => {
            prop_assert_eq!(
                left.compare_and_remove(&[key], &[value]).unwrap(),
                right.compare_and_remove(&[key], &[value]).unwrap()
            );
        }
        Step::Clear => {
            left.clear().unwrap();
            right.clear().unwrap();
        }
        Step::Wait(_) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Two stores that have nothing in common give the same answers, full ones too, and after the file was closed.
    #[test]
    fn a_file_store_does_as_one_in_memory_does(
        steps in prop::collection::vec(step(), 1..60),
        max_entries in 1..5_usize,
        reopen_at in 0..60_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (clock, mock) = Clock::mock();
        let open = || {
            FileStore::builder(folder.path().join("cache"))
                .max_entries(4)
                .writes_per_sync(1000)
                .clock(clock.clone())
                .build()
                .unwrap()
        };
        // The memory store evicts by age alone, so that only with room for all keys must the two agree.
        let memory = MemoryStore::new(4).unwrap().with_clock(&clock);
        let mut file = open();
        for (number, step) in steps.iter().enumerate() {
            if let Step::Wait(ms) = step {
                mock.advance(Duration::from_millis(*ms));
            }
            if number == reopen_at {
                drop(file);
                file = open();
            }
            both(step, &memory, &file)?;
        }
        // And never more than it may.
        drop(file);
        let file = FileStore::builder(folder.path().join("cache"))
            .max_entries(max_entries as u64)
            .clock(clock.clone())
            .build()
            .unwrap();
        file.set(&[9], &[9], None).unwrap();
        prop_assert!(file.len().unwrap() <= max_entries as u64);
        prop_assert!(file.get(&[9]).unwrap().is_some());
    }
}

const CHILD_FILE: &str = "TUNEUP_CACHING_TEST_CHILD_FILE";
const CHILD_SYNC: &str = "TUNEUP_CACHING_TEST_CHILD_SYNC";

/// The part of the child: writes numbers until it is killed, and says in a file beside it how far it is.
#[test]
#[ignore = "a part of another test, which runs it in a process of its own"]
fn child_that_writes() {
    let Some(path) = std::env::var_os(CHILD_FILE).map(PathBuf::from) else {
        return;
    };
    let writes_per_sync = std::env::var(CHILD_SYNC).unwrap().parse().unwrap();
    let store = FileStore::builder(&path)
        .max_entries(100)
        .writes_per_sync(writes_per_sync)
        .build()
        .unwrap();
    let acknowledged = path.with_extension("acknowledged");
    let first = last_number(&store).map_or(0, |number| number + 1);
    for number in first.. {
        store
            .set(&(number % 50).to_le_bytes(), &value(number), None)
            .unwrap();
        fs::write(&acknowledged, number.to_string()).unwrap();
    }
}

/// A number, and enough to span pages.
fn value(number: u64) -> Vec<u8> {
    let mut value = number.to_le_bytes().to_vec();
    value.resize(3000, number as u8);
    value
}

fn last_number(store: &FileStore) -> Option<u64> {
    (0..50_u64)
        .filter_map(|key| store.get(&key.to_le_bytes()).unwrap())
        .map(|bytes| {
            let number = u64::from_le_bytes(bytes[..8].try_into().unwrap());
            assert_eq!(bytes, value(number), "a value is whole");
            number
        })
        .max()
}

fn start_child(path: &Path, writes_per_sync: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::child_that_writes", "--ignored"])
        .env(CHILD_FILE, path)
        .env(CHILD_SYNC, writes_per_sync.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn acknowledged(path: &Path) -> Option<u64> {
    let text = fs::read_to_string(path.with_extension("acknowledged")).ok()?;
    text.parse().ok()
}

/// Kills a child in the middle of its writes, again and again.
fn kill_and_reopen(writes_per_sync: u32) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    let mut reached = 0;
    for round in 0..6_u64 {
        let mut child = start_child(&path, writes_per_sync);
        let begin = Instant::now();
        while acknowledged(&path).is_none_or(|number| number < reached + 20 + round * 7) {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "the child writes"
            );
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = FileStore::builder(&path).max_entries(100).build().unwrap();
        let found = last_number(&store);
        // The file that says how far it got may have been killed in the middle of a write.
        if let Some(number) = acknowledged(&path) {
            let lost = u64::from(writes_per_sync) - 1;
            assert!(
                found.is_some_and(|found| found + lost >= number),
                "{number} was acknowledged, and {found:?} is the last"
            );
            reached = number;
        }
    }
}

#[test]
fn what_was_acknowledged_survives_sigkill() {
    kill_and_reopen(1);
}

#[test]
fn with_fewer_syncs_only_the_last_writes_are_lost() {
    kill_and_reopen(10);
}
