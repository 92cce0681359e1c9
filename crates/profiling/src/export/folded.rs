//! One line for each stack, as flame graph tools read it: `main;parse;next 1234`.

use std::io::Write as _;

use super::call_paths::CallPaths;
use crate::Profile;

pub(super) fn encode(profile: &Profile) -> Vec<u8> {
    let paths = CallPaths::of(profile);
    // Once for each function, however many stacks it is in.
    let names: Vec<String> = (0..paths.frame_count())
        .map(|frame| one_word(paths.frame_name(frame)))
        .collect();
    let mut text = Vec::new();
    paths.for_each_stack(&[paths.main_quantity()], |stack, values| {
        for (index, &frame) in stack.iter().enumerate() {
            if index > 0 {
                text.push(b';');
            }
            text.extend_from_slice(names[frame].as_bytes());
        }
        // Writing to memory does not fail.
        let _ = writeln!(text, " {}", values[0]);
    });
    text
}

/// A name without what ends a name or a line. A space is no such thing: the number is what follows the last one.
fn one_word(name: &str) -> String {
    let clean = |char: char| match char {
        ';' => ':',
        char if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => ' ',
        char => char,
    };
    let word: String = name.trim().chars().map(clean).collect();
    match word.chars().next() {
        None => "(unnamed)".to_owned(),
        // A line that begins with it is a comment to some readers.
        Some('#') => format!("\\{word}"),
        Some(_) => word,
    }
}
