//! A cache that outlives the program: memory in front of a file, values that are loaded once, and a write-behind queue.
//!
//! `cargo run -p tuneup-caching --example tiered --features file-store`, twice: the second run renders nothing.

use std::{
    collections::HashMap,
    convert::Infallible,
    env,
    error::Error,
    sync::{Arc, Mutex},
    time::Duration,
};

use tuneup_caching::{Cache, FileStore, Sink, Tiered, WriteBehind};

/// A database that counts how often somebody comes.
#[derive(Default)]
struct Database {
    visits: Mutex<HashMap<u64, u64>>,
    statements: Mutex<u32>,
}

impl Sink<u64, u64> for Database {
    type Error = Infallible;

    fn write(&self, page: &u64, visits: &u64) -> Result<(), Infallible> {
        *self.statements.lock().unwrap() += 1;
        self.visits.lock().unwrap().insert(*page, *visits);
        Ok(())
    }

    fn delete(&self, page: &u64) -> Result<(), Infallible> {
        *self.statements.lock().unwrap() += 1;
        self.visits.lock().unwrap().remove(page);
        Ok(())
    }
}

/// What takes long to make.
fn render(page: u64) -> Result<String, Infallible> {
    std::thread::sleep(Duration::from_millis(20));
    Ok(format!("<h1>Page {page}</h1>"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::temp_dir().join("tuneup-example-pages.redb");
    let store = FileStore::builder(&file)
        .max_bytes(16 << 20)
        .writes_per_sync(16)
        .build()?;
    let pages = Tiered::builder(Cache::<u64, String>::new(4)?, store)
        .ttl(Duration::from_secs(600))
        .memory_ttl(Duration::from_secs(10))
        .schema(1)
        .build()?;

    let database = Arc::new(Database::default());
    let visits =
        WriteBehind::builder(Cache::<u64, u64>::new(100)?, Arc::clone(&database)).build()?;

    for visit in 0..1000_u64 {
        let page = visit * visit % 20;
        pages.get_or_load(page, || render(page))?;
        let before = visits.get(&page).unwrap_or(0);
        visits.write(page, before + 1)?;
    }
    visits.shutdown(Duration::from_secs(10))?;

    let info = pages.info();
    println!(
        "pages: {} from memory, {} from {}, {} rendered",
        info.memory.hits,
        info.store_hits,
        file.display(),
        info.loads
    );
    println!(
        "visits: 1000, in {} statements",
        database.statements.lock().unwrap()
    );
    Ok(())
}
