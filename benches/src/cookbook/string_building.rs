//! One text out of many lines.

use tuneup_benchmarking::harness::{Class, Suite};

/// Makes a new string for every line, and copies what is there into it: O(n²) bytes copied.
// ANCHOR: slow
pub fn format_it_again(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        text = format!("{text}{line}\n");
    }
    text
}
// ANCHOR_END: slow

/// Appends in place; the buffer doubles when it is full: O(n) bytes copied, O(log n) allocations.
// ANCHOR: push
pub fn push(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}
// ANCHOR_END: push

/// Knows the length beforehand: O(n) bytes copied, one allocation.
// ANCHOR: fast
pub fn push_with_capacity(lines: &[String]) -> String {
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}
// ANCHOR_END: fast

/// `n` lines of 64 to 160 bytes.
pub fn input(n: usize) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(5);
    (0..n)
        .map(|_| {
            let length = random.usize(64..=160);
            (0..length).map(|_| random.alphanumeric()).collect()
        })
        .collect()
}

/// Registers the three ways. From 64 KiB on the doubled buffers would pass the size from which
/// malloc asks the system for each of them, which is another story.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/string_building")
        .about("one text out of n lines")
        .size(512)
        .sizes(&[8, 16, 32, 64, 128, 256, 512])
        .elements(|n| n as u64)
        .input(input)
        .case("format! it again", |lines: &Vec<String>| {
            format_it_again(lines)
        })
        .class(Class::Quadratic)
        .case("push", |lines: &Vec<String>| push(lines))
        .class(Class::Linear)
        .case("push with capacity", |lines: &Vec<String>| {
            push_with_capacity(lines)
        })
        .class(Class::Linear)
        .finish();
}
