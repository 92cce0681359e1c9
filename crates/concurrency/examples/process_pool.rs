//! Does dangerous work in processes of its own: one job crashes, one panics, one never ends, and the others do not notice.
//!
//! ```sh
//! cargo run --features process --example process_pool
//! ```

use std::{error::Error, num::NonZeroUsize, thread, time::Duration};

use tuneup_concurrency::{ProcessError, ProcessJob, ProcessJobs, ProcessPool, Shutdown};

// ANCHOR: jobs
static COUNT_WORDS: ProcessJob<String, usize> = ProcessJob::new("count_words", count_words);

/// As a parser written in another language may behave.
fn count_words(text: String) -> usize {
    match text.as_str() {
        "crash" => std::process::abort(),
        "panic" => panic!("no text"),
        "hang" => thread::sleep(Duration::from_secs(1_000)),
        _ => {}
    }
    text.split_whitespace().count()
}

fn main() -> Result<(), Box<dyn Error>> {
    // Here the workers turn off; nothing below is done by them.
    let program = ProcessJobs::new().with(&COUNT_WORDS).run_if_worker();

    let pool = ProcessPool::builder(program)
        .workers(NonZeroUsize::new(2).expect("not zero"))
        .time_limit(Duration::from_secs(1))
        .build()?;
    let texts = [
        "to be or not to be",
        "crash",
        "panic",
        "hang",
        "that is the question",
    ];
    let counts = pool.map(&COUNT_WORDS, texts.map(str::to_owned));
    for (text, count) in texts.iter().zip(counts) {
        match count {
            Ok(count) => println!("{text}: {count}"),
            Err(ProcessError::Panicked(panic)) => println!("{text}: it said {panic}"),
            Err(error) => println!("{text}: {error}"),
        }
    }
    pool.shutdown(Shutdown::Drain);
    Ok(())
}
// ANCHOR_END: jobs
