//! Lines of a function that takes long.

use tuneup_profiling::profile_lines;

#[profile_lines]
pub fn most_frequent(words: &[&str]) -> Option<String> {
    let mut sorted = words.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b);
    runs.max_by_key(|run| run.len())
        .map(|run| run[0].to_owned())
}
