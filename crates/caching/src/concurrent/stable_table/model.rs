//! All orders in which readers and changes of the table can meet, tried by loom. Run by `cargo xtask test --only models`.
//!
//! An entry is a cell that loom watches, and that its drop writes to: a drop beside a reader is an error, whatever is read.

use std::sync::Arc;

use loom::{cell::UnsafeCell, thread};

use super::StableTable;

struct Entry {
    key: u64,
    cell: UnsafeCell<u32>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        // SAFETY: nobody else may be here; loom fails if somebody is.
        self.cell.with_mut(|value| unsafe { *value = 0 });
    }
}

type Watched = StableTable<Entry>;

fn insert(table: &Watched, key: u64) {
    let entry = Entry {
        key,
        cell: UnsafeCell::new(7),
    };
    drop(table.insert(key, entry, || true));
}

fn remove(table: &Watched, key: u64) -> bool {
    table.remove(key, |entry| entry.key == key).is_some()
}

/// Whether the key is there; what is there must be whole.
fn find(table: &Watched, key: u64) -> bool {
    let usual = table.read_usual().map(|(reading, _)| reading);
    let reading = usual.unwrap_or_else(|| table.read());
    let Some(entry) = reading.find(key, |entry| entry.key == key) else {
        return false;
    };
    // SAFETY: the entry is not dropped while it is read; loom fails if it is.
    assert_eq!(entry.cell.with(|value| unsafe { *value }), 7);
    true
}

fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

#[test]
fn loom_what_is_read_is_not_dropped() {
    check(3, || {
        let table = Arc::new(Watched::new());
        insert(&table, 1);
        let reader = thread::spawn({
            let table = Arc::clone(&table);
            move || find(&table, 1)
        });
        assert!(remove(&table, 1));
        reader.join().unwrap();
        assert!(!find(&table, 1));
    });
}

#[test]
fn loom_an_entry_that_stays_is_found_while_the_slots_are_replaced() {
    check(2, || {
        let table = Arc::new(Watched::new());
        insert(&table, 1);
        let reader = thread::spawn({
            let table = Arc::clone(&table);
            move || find(&table, 1)
        });
        insert(&table, 2);
        insert(&table, 3);
        assert!(reader.join().unwrap(), "it was there all the time");
        assert!(find(&table, 2) && find(&table, 3));
    });
}

#[test]
fn loom_a_reader_inside_of_another_read_keeps_what_it_sees() {
    check(2, || {
        let (table, other) = (Arc::new(Watched::new()), Arc::new(Watched::new()));
        insert(&table, 1);
        let reader = thread::spawn({
            let (table, other) = (Arc::clone(&table), Arc::clone(&other));
            move || {
                let _outer = other.read();
                find(&table, 1)
            }
        });
        remove(&table, 1);
        reader.join().unwrap();
    });
}

#[test]
fn loom_one_of_two_takes_an_entry_out() {
    check(2, || {
        let table = Arc::new(Watched::new());
        insert(&table, 1);
        let other = thread::spawn({
            let table = Arc::clone(&table);
            move || {
                insert(&table, 2);
                remove(&table, 1)
            }
        });
        let mine = remove(&table, 1);
        assert!(mine ^ other.join().unwrap());
        assert_eq!(table.len(), 1);
    });
}
