//! The code of the guide's pages, which include it from here, and the output that they show.

mod benchmarking;
mod caching;
mod concurrency;
mod macros;
mod measure;
mod memory;
mod profiling;
mod recorder;
mod report;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Fails unless the page shows this text as the output of its code.
fn assert_page_shows(name: &str, output: &str) {
    let block = format!("```text\n{}\n```", output.trim_end());
    assert!(
        page(name).contains(&block),
        "{name}.md does not show\n{block}"
    );
}

/// The text of a page.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/src/guide/{name}.md"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Held while a test records: a process has one session at most.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
