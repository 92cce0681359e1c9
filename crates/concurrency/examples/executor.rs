//! Searches files for a word: reads them on threads that may block, searches them on the processors, and shows each as it is done.
//!
//! ```sh
//! cargo run --example executor -- needle src/*.rs
//! ```

use std::{error::Error, fs, sync::Arc};

use tuneup_concurrency::{CpuExecutor, Executor, ThreadExecutor, as_completed};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let word: Arc<str> = arguments.next().unwrap_or_else(|| "fn ".to_owned()).into();
    let mut paths: Vec<String> = arguments.collect();
    if paths.is_empty() {
        paths.push(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/executor.rs").to_owned());
    }

    let readers = ThreadExecutor::builder().build()?;
    let searchers = CpuExecutor::builder().build()?;
    let reads = paths.iter().map(|path| {
        let path = path.clone();
        readers.submit(move || fs::read_to_string(path))
    });
    let mut searches = Vec::new();
    for (place, read) in as_completed(reads.collect::<Result<Vec<_>, _>>()?) {
        match read.result()? {
            Ok(text) => {
                let word = Arc::clone(&word);
                searches.push(searchers.submit(move || (place, text.matches(&*word).count()))?);
            }
            Err(error) => eprintln!("{}: {error}", paths[place]),
        }
    }
    for (_, search) in as_completed(searches) {
        let (place, matches) = search.result()?;
        println!("{}: {matches}", paths[place]);
    }
    Ok(())
}
