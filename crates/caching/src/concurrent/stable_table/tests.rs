use std::{
    collections::HashMap,
    hash::BuildHasher as _,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
    },
    thread,
};

use proptest::prelude::*;

use super::{IS_ENTRY, StableTable};

/// Says how many there are, and is spoilt when it is dropped.
struct Entry {
    key: u32,
    check: Box<u32>,
    alive: Arc<AtomicI64>,
}

impl Entry {
    fn new(key: u32, alive: &Arc<AtomicI64>) -> Self {
        alive.fetch_add(1, Relaxed);
        Self {
            key,
            check: Box::new(!key),
            alive: Arc::clone(alive),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        *self.check = 0;
        self.alive.fetch_sub(1, Relaxed);
    }
}

/// Keys of the same hash, hashes that are markers of slots, and such as lead to the last slot.
fn hash(key: u32) -> u64 {
    match key % 4 {
        0 => u64::from(key / 40),
        1 => u64::MAX,
        2 => 2,
        _ => u64::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15),
    }
}

fn insert(table: &StableTable<Entry>, key: u32, alive: &Arc<AtomicI64>) {
    drop(table.insert(hash(key), Entry::new(key, alive), || true));
}

fn remove(table: &StableTable<Entry>, key: u32) -> bool {
    table.remove(hash(key), |entry| entry.key == key).is_some()
}

fn has(table: &StableTable<Entry>, key: u32) -> bool {
    let usual = table.read_usual().map(|(reading, _)| reading);
    let reading = usual.unwrap_or_else(|| table.read());
    let found = reading.find(hash(key), |entry| entry.key == key);
    found.is_some_and(|entry| {
        assert_eq!(*entry.check, !key, "an entry was dropped while it was read");
        true
    })
}

#[derive(Clone, Debug)]
enum Change {
    Put(u32),
    Take(u32),
    Clear,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        12 => (0..200_u32).prop_map(Change::Put),
        8 => (0..200_u32).prop_map(Change::Take),
        1 => Just(Change::Clear),
    ];
    proptest::collection::vec(change, 0..400)
}

proptest! {
    #[test]
    fn it_is_a_map(changes in changes()) {
        let alive = Arc::new(AtomicI64::new(0));
        let table = StableTable::new();
        let mut map = HashMap::new();
        for change in changes {
            match change {
                Change::Put(key) => if map.insert(key, ()).is_none() {
                    insert(&table, key, &alive);
                },
                Change::Take(key) => prop_assert_eq!(remove(&table, key), map.remove(&key).is_some()),
                Change::Clear => {
                    prop_assert_eq!(table.clear().0, map.len());
                    map.clear();
                }
            }
            prop_assert_eq!(table.len(), map.len());
            prop_assert_eq!(alive.load(Relaxed), map.len() as i64, "what has gone is dropped at once");
        }
        for key in 0..200 {
            prop_assert_eq!(has(&table, key), map.contains_key(&key));
        }
        drop(table);
        prop_assert_eq!(alive.load(Relaxed), 0);
    }
}

#[test]
fn what_may_not_come_in_does_not() {
    let alive = Arc::new(AtomicI64::new(0));
    let table = StableTable::new();
    drop(table.insert(hash(3), Entry::new(3, &alive), || false));
    assert_eq!(
        (table.len(), has(&table, 3), alive.load(Relaxed)),
        (0, false, 0)
    );
}

#[test]
fn what_a_reader_sees_is_dropped_after_it_has_left() {
    let alive = Arc::new(AtomicI64::new(0));
    let table = StableTable::new();
    for key in 0..20 {
        insert(&table, key, &alive);
    }
    for is_nested in [false, true] {
        let other = StableTable::<u32>::new();
        let outer = is_nested.then(|| other.read());
        let key = u32::from(is_nested);
        let reading = table.read();
        let entry = reading.find(hash(key), |entry| entry.key == key).unwrap();
        let before = alive.load(Relaxed);
        thread::scope(|scope| {
            scope.spawn(|| assert!(remove(&table, key)));
        });
        assert_eq!((*entry.check, alive.load(Relaxed)), (!key, before));
        assert!(remove(&table, key + 10), "of this thread, which reads");
        assert_eq!(alive.load(Relaxed), before);
        drop(reading);
        drop(outer);
        insert(&table, key + 10, &alive);
        assert_eq!(
            alive.load(Relaxed),
            before - 1,
            "the next change drops both"
        );
    }
}

#[test]
fn the_slots_that_removed_entries_leave_are_used_again() {
    let alive = Arc::new(AtomicI64::new(0));
    let table = StableTable::new();
    for key in 0..100_000_u32 {
        insert(&table, key, &alive);
        assert!(key < 4 || remove(&table, key - 4));
    }
    let slots = table.read().slots().unwrap().slots.len();
    assert_eq!((table.len(), slots), (4, 16));
}

/// How far entries are from their first slots on average, after a thousand of these hashes.
fn mean_distance(hash: impl Fn(u64) -> u64) -> f64 {
    let table = StableTable::new();
    for number in 0..1_000 {
        drop(table.insert(hash(number), number, || true));
    }
    let reading = table.read();
    let slots = reading.slots().unwrap();
    let distances = slots.slots.iter().enumerate().filter_map(|(place, slot)| {
        let hash = slot.hash.load(Relaxed);
        (hash & IS_ENTRY != 0).then(|| place.wrapping_sub(slots.first(hash)) & slots.mask)
    });
    distances.sum::<usize>() as f64 / 1_000.0
}

#[test]
fn numbers_in_a_row_do_not_fill_slots_in_a_row() {
    let mut state = 1_u64;
    for _ in 0..200 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let (seed, factor) = (state.rotate_left(32), state & !63);
        // What foldhash makes of a number; with such factors its low bits are in a row.
        let folded = |number: u64| {
            let product = u128::from(number ^ seed) * u128::from(factor);
            (product >> 64) as u64 ^ product as u64
        };
        let distance = mean_distance(folded);
        assert!(distance < 2.0, "{distance} with {seed} and {factor}");
    }
    for shift in [0, 1, 6, 12, 32, 48] {
        let distance = mean_distance(|number| number << shift);
        assert!(distance < 2.0, "{distance} of numbers shifted by {shift}");
    }
    let hasher = crate::DefaultHasher::default();
    for step in [1, 2, 7, 64, 1 << 20, 1 << 40] {
        let distance = mean_distance(|number| hasher.hash_one((number * step,)));
        assert!(distance < 2.0, "{distance} of steps of {step}");
    }
}

#[test]
fn nobody_sees_what_was_dropped() {
    let alive = Arc::new(AtomicI64::new(0));
    let table = StableTable::new();
    let (start, is_over) = (Barrier::new(5), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                start.wait();
                let mut found = 0;
                while !is_over.load(Relaxed) {
                    found += (0..64).filter(|key| has(&table, *key)).count();
                }
                found
            });
        }
        let writers: Vec<_> = (0..2)
            .map(|half| {
                let (table, alive, start) = (&table, &alive, &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..2_000_u32 {
                        let key = half * 32 + round % 32;
                        insert(table, key, alive);
                        match round % 100 {
                            99 => drop(table.clear()),
                            _ => drop(table.remove(hash(key), |entry| entry.key == key)),
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        is_over.store(true, Relaxed);
    });
    table.clear();
    assert_eq!(alive.load(Relaxed), 0, "all of it, and once");
}
