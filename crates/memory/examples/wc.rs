//! Counts lines, words, characters and bytes of files, and the columns of their longest lines, as `wc -lwmcL` does.
//!
//! `cargo run --release -p tuneup-memory --example wc -- FILE…`

use std::{env, process::ExitCode};

use tuneup_memory::text_stats;

fn main() -> ExitCode {
    let mut failed = false;
    println!(
        "{:>12} {:>12} {:>14} {:>14} {:>8}",
        "lines", "words", "characters", "bytes", "longest"
    );
    for path in env::args_os().skip(1) {
        match text_stats(&path) {
            Ok(stats) => println!(
                "{:>12} {:>12} {:>14} {:>14} {:>8}  {}",
                stats.lines,
                stats.words,
                stats.characters,
                stats.bytes,
                stats.longest_line,
                path.display()
            ),
            Err(error) => {
                failed = true;
                eprintln!("{error}");
            }
        }
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
