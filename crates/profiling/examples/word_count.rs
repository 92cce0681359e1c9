//! Counts the words of a file, and says where the time went.
//!
//! `cargo run --release --example word_count --features full -- FILE [PROFILE…]` prints the function table, the
//! call tree and the lines of one function, and saves the profile under each name that follows.

use std::{collections::HashMap, env, fs};

use tuneup_profiling::{Profiler, SortKey, profile, profile_lines};
use tuneup_report::Terminal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "README.md".to_owned());

    let session = Profiler::builder().start()?;
    let text = read(&file)?;
    for (word, count) in most_frequent(&text, 3) {
        println!("{count:>7} {word}");
    }
    let profile = session.finish();

    let terminal = Terminal::detect();
    println!();
    profile.sort_by(SortKey::SelfTime).top(10).print();
    println!("\n{}", profile.tree_table().render(&terminal));
    if let Some(lines) = profile.line_table("most_frequent") {
        println!("{}", lines.table().render(&terminal));
    }
    for path in arguments {
        profile.save(path)?;
    }
    Ok(())
}

#[profile]
fn read(file: &str) -> std::io::Result<String> {
    fs::read_to_string(file)
}

#[profile]
#[profile_lines]
fn most_frequent(text: &str, top: usize) -> Vec<(String, usize)> {
    let mut counts = HashMap::new();
    for line in text.lines() {
        count(line, &mut counts);
    }
    let mut words: Vec<_> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.truncate(top);
    words
}

#[profile]
fn count(line: &str, counts: &mut HashMap<String, usize>) {
    for word in line.split_whitespace() {
        *counts.entry(normalised(word)).or_default() += 1;
    }
}

#[profile]
fn normalised(word: &str) -> String {
    let letters = word.trim_matches(|c: char| !c.is_alphanumeric());
    letters.to_lowercase()
}
