//! The code of the guide's pages, which include it from here, and the output that they show.

mod benchmarking;
mod macros;
mod measure;
mod profiling;
mod recorder;
mod report;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Fails unless the page shows this text as the output of its code.
fn assert_page_shows(page: &str, output: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/src/guide/{page}.md"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let block = format!("```text\n{}\n```", output.trim_end());
    assert!(text.contains(&block), "{page}.md does not show\n{block}");
}

/// Held while a test records: a process has one session at most.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
