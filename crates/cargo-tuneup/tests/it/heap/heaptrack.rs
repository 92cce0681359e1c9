//! Another profiler, which looks at the calls of malloc(3) in the program as it is, says the same.

use std::{path::Path, process::Command};

use super::{alone, recorded, said, workspace};
use crate::skip::skip;

/// A number behind these words, as `1.5M` or `30846 (45/s)`.
fn number_of(text: &str, words: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(words));
    let word = line.and_then(|rest| rest.split_whitespace().next());
    let word = word.unwrap_or_else(|| panic!("no {words} in\n{text}"));
    let number = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let factor = match &word[number.len()..] {
        "K" => 1e3,
        "M" => 1e6,
        _ => 1.0,
    };
    number.parse::<f64>().unwrap() * factor
}

#[test]
fn heaptrack_counts_the_same() {
    let heaptrack = |arguments: &[&str]| Command::new("heaptrack").args(arguments).output();
    if heaptrack(&["--version"]).is_err() {
        skip("heaptrack is missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let alone = alone();
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "app",
            "--bin",
            "threads",
        ])
        .args(["--target-dir", &path("target")])
        .current_dir(workspace())
        .output()
        .unwrap();
    drop(alone);
    assert!(built.status.success(), "{}", said(&built));
    let (program, trace) = (path("target/release/threads"), path("trace"));
    heaptrack(&["--output", &trace, &program]).unwrap();
    let file = ["zst", "gz"].map(|extension| format!("{trace}.{extension}"));
    let file = file.iter().find(|file| Path::new(file).exists()).unwrap();
    let output = Command::new("heaptrack_print")
        .args(["--file", file])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let (snapshot, _) = recorded(&["--bin", "threads"], 0);
    // Neither sees what the other does before the program begins and after it ends, and C has blocks of its own.
    let calls = number_of(&text, "calls to allocation functions: ");
    let ours = snapshot.counted.allocated_blocks as f64;
    assert!((calls - ours).abs() <= 50.0, "{calls} and {ours}");
    // All of the threads' blocks live until the last was joined.
    let peak = number_of(&text, "peak heap memory consumption: ");
    let ours = snapshot.peak.bytes as f64;
    assert!((peak - ours).abs() < 0.05 * peak, "{peak} and {ours}");
}
