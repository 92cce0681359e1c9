//! The patterns: races between readers and writers, and tiers below.

mod refreshing;

use std::{
    collections::HashMap,
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tuneup_caching::{
    Cache, CacheAside, ChangeError, LoadError, MemoryStore, ReadThrough, Sink, Source, Store, Tier,
    Tiered, WriteBehind, WriteThrough,
};

use crate::waiting::until_waited_for;

/// A table that fails when told to.
#[derive(Default)]
struct Table {
    rows: Mutex<HashMap<u64, u64>>,
    fails: AtomicBool,
}

impl Sink<u64, u64> for Table {
    type Error = &'static str;

    fn write(&self, key: &u64, value: &u64) -> Result<(), &'static str> {
        self.rows.lock().unwrap().insert(*key, *value);
        self.fail()
    }

    fn delete(&self, key: &u64) -> Result<(), &'static str> {
        self.rows.lock().unwrap().remove(key);
        self.fail()
    }
}

impl Source<u64, u64> for Table {
    type Error = &'static str;

    fn load(&self, key: &u64) -> Result<Option<u64>, &'static str> {
        self.fail()?;
        Ok(self.rows.lock().unwrap().get(key).copied())
    }
}

impl Table {
    fn fail(&self) -> Result<(), &'static str> {
        if self.fails.load(Ordering::Relaxed) {
            Err("down")
        } else {
            Ok(())
        }
    }
}

fn cache() -> Cache<u64, u64> {
    Cache::new(100).unwrap()
}

fn tiered() -> Tiered<u64, u64, MemoryStore> {
    Tiered::builder(cache(), MemoryStore::new(100).unwrap())
        .build()
        .unwrap()
}

/// A load that is under way while the key is changed does not stay.
fn a_change_during_a_load_wins<T: Tier<u64, u64>>(tier: T) {
    let aside = CacheAside::new(tier);
    let row = AtomicU64::new(1);
    let value = aside.get(7, || {
        let old = row.load(Ordering::Relaxed);
        aside
            .change(&7, || {
                row.store(2, Ordering::Relaxed);
                Ok::<_, Infallible>(())
            })
            .unwrap();
        Ok::<_, Infallible>(Some(old))
    });
    assert_eq!(value.unwrap(), Some(1), "who asked before");
    let value = aside.get(7, || Ok::<_, Infallible>(Some(row.load(Ordering::Relaxed))));
    assert_eq!(value.unwrap(), Some(2));
}

/// A load that is under way while the key is written does not take the place of what was written.
fn a_write_during_a_load_wins<T: Tier<u64, u64> + Clone + 'static>(tier: T) {
    let table = Arc::new(Table::default());
    let through = WriteThrough::new(tier.clone(), Arc::clone(&table));
    let behind = WriteBehind::builder(tier.clone(), Arc::clone(&table))
        .build()
        .unwrap();
    let aside = CacheAside::new(tier);
    let value = aside.get(7, || {
        through.write(7, 2).unwrap();
        Ok::<_, Infallible>(Some(1))
    });
    assert_eq!(value.unwrap(), Some(1), "who asked before");
    assert_eq!(through.get(&7), Some(2));
    let value = behind.get_or_load(8, || {
        behind.write(8, 2).unwrap();
        behind.flush(Duration::from_secs(60)).unwrap();
        Ok::<_, Infallible>(Some(1))
    });
    assert_eq!(value.unwrap(), Some(1), "who asked before");
    assert_eq!(behind.get(&8), Some(2));
    let value = behind.get_or_load(9, || {
        behind.write(9, 2).unwrap();
        behind.delete(9).unwrap();
        behind.flush(Duration::from_secs(60)).unwrap();
        Ok::<_, Infallible>(Some(1))
    });
    assert_eq!(value.unwrap(), Some(1), "who asked before");
    assert_eq!(behind.get(&9), None);
}

#[test]
fn changes_win_over_loads_on_both_tiers() {
    a_change_during_a_load_wins(cache());
    a_change_during_a_load_wins(tiered());
    a_write_during_a_load_wins(cache());
    a_write_during_a_load_wins(tiered());
}

#[test]
fn cache_aside_removes_the_key_whatever_comes_of_the_change() {
    let aside = CacheAside::new(cache());
    let fill = || {
        let value = aside.get(7, || Ok::<_, Infallible>(Some(1)));
        assert_eq!(value.unwrap(), Some(1));
        assert_eq!(aside.tier().len(), 1);
    };
    fill();
    let failed = aside.change(&7, || Err::<(), _>("down"));
    assert!(matches!(failed, Err(ChangeError::Sink("down"))));
    assert!(aside.tier().is_empty());
    fill();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        aside.change(&7, || -> Result<(), Infallible> {
            resume_unwind(Box::new("of the change"))
        })
    }));
    assert!(panicked.is_err());
    assert!(aside.tier().is_empty());
}

#[test]
fn that_there_is_nothing_is_shared_and_not_cached() {
    let aside = CacheAside::new(tiered());
    for value in [None, None, Some(1)] {
        assert_eq!(aside.get(7, || Ok::<_, Infallible>(value)).unwrap(), value);
    }
    let error = aside.get(8, || Err::<Option<u64>, _>("down")).unwrap_err();
    assert!(matches!(error, LoadError::Failed(error) if *error == "down"));
}

#[test]
fn write_through_reaches_both_and_a_failure_neither_hides_nor_stays() {
    let store = MemoryStore::new(100).unwrap();
    let build = || Tiered::builder(cache(), store.clone()).build().unwrap();
    let table = Arc::new(Table::default());
    let through = WriteThrough::new(build(), Arc::clone(&table));
    through.write(1, 10).unwrap();
    assert_eq!(through.get(&1), Some(10));
    assert_eq!(build().get(&1), Some(10), "the store has it");
    assert_eq!(table.rows.lock().unwrap()[&1], 10);

    table.fails.store(true, Ordering::Relaxed);
    assert!(matches!(
        through.write(1, 11),
        Err(ChangeError::Sink("down"))
    ));
    assert_eq!(through.get(&1), None, "it may have been written");
    table.fails.store(false, Ordering::Relaxed);
    through.write(1, 12).unwrap();
    through.delete(&1).unwrap();
    assert_eq!((through.get(&1), build().get(&1)), (None, None));
    assert!(through.sink().rows.lock().unwrap().is_empty());
    assert!(through.tier().cache().is_empty());
}

#[test]
fn overlapping_writers_leave_the_right_value_or_none() {
    for _ in 0..300 {
        let table = Arc::new(Table::default());
        let through = WriteThrough::new(cache(), Arc::clone(&table));
        let together = Barrier::new(3);
        thread::scope(|scope| {
            for value in [1, 2] {
                let (through, together) = (&through, &together);
                scope.spawn(move || {
                    together.wait();
                    through.write(7, value).unwrap();
                });
            }
            scope.spawn(|| {
                together.wait();
                let read = ReadThrough::builder(through.tier().clone(), Arc::clone(&table))
                    .build()
                    .unwrap();
                read.get(&7).unwrap();
            });
        });
        let row = table.rows.lock().unwrap()[&7];
        let cached = through.get(&7);
        assert!(cached.is_none() || cached == Some(row));
    }
}

#[test]
fn a_slow_writer_does_not_leave_its_older_value() {
    /// In which the first write takes long after the row is written.
    struct Slow {
        table: Table,
        slow: Barrier,
    }

    impl Sink<u64, u64> for Slow {
        type Error = &'static str;

        fn write(&self, key: &u64, value: &u64) -> Result<(), &'static str> {
            self.table.write(key, value)?;
            if *value == 1 {
                self.slow.wait();
                self.slow.wait();
            }
            Ok(())
        }

        fn delete(&self, key: &u64) -> Result<(), &'static str> {
            self.table.delete(key)
        }
    }

    let slow = WriteThrough::new(
        cache(),
        Slow {
            table: Table::default(),
            slow: Barrier::new(2),
        },
    );
    thread::scope(|scope| {
        let writer = scope.spawn(|| slow.write(7, 1));
        slow.sink().slow.wait();
        slow.write(7, 2).unwrap();
        assert_eq!(slow.get(&7), Some(2));
        slow.sink().slow.wait();
        writer.join().unwrap().unwrap();
    });
    assert_eq!(slow.get(&7), None, "the sink's last value is 2, not 1");
}

#[test]
fn read_through_loads_once_for_many() {
    let loads = Arc::new(AtomicU32::new(0));
    let tier = tiered();
    let source = {
        let (loads, tier) = (Arc::clone(&loads), tier.clone());
        move |key: &u64| {
            loads.fetch_add(1, Ordering::Relaxed);
            until_waited_for(|| tier.cache().info(), 7);
            Ok::<_, Infallible>(Some(key * 10))
        }
    };
    let read = ReadThrough::builder(tier, source).build().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(read.get(&7).unwrap(), Some(70)));
        }
    });
    assert_eq!(loads.load(Ordering::Relaxed), 1);
}

#[test]
fn write_behind_on_a_tiered_cache() {
    let store = MemoryStore::new(100).unwrap();
    let table = Arc::new(Table::default());
    let tier = Tiered::builder(cache(), store.clone()).build().unwrap();
    let behind = WriteBehind::builder(tier, Arc::clone(&table))
        .build()
        .unwrap();
    behind.write(1, 10).unwrap();
    behind.write(2, 20).unwrap();
    behind.delete(2).unwrap();
    behind.flush(Duration::from_secs(60)).unwrap();
    assert_eq!(*table.rows.lock().unwrap(), HashMap::from([(1, 10)]));
    assert!(store.get(&[1]).unwrap().is_some());
    assert!(store.get(&[2]).unwrap().is_none());
    behind.shutdown(Duration::from_secs(60)).unwrap();
}
