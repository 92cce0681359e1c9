//! Commands side by side.

use std::fs;

use serde_json::Value;

use crate::{complaint, printed};

/// Runs as few times as may be.
const HASTY: [&str; 2] = ["--budget", "0s"];

#[test]
fn the_table_says_who_is_faster() {
    let [budget, time] = HASTY;
    let text = printed(&["compare", "sleep 0.03", "sleep 0.01", budget, time]);
    assert!(text.starts_with("command "), "{text}");
    assert!(
        text.contains("reference") && text.contains("faster"),
        "{text}"
    );
    assert!(text.contains("`sleep 0.01` is "), "{text}");
    assert!(
        !text.contains('\u{1b}'),
        "no colour where there is no terminal: {text}"
    );
}

#[test]
fn numbers_come_as_json_and_nothing_else_does() {
    let [budget, time] = HASTY;
    let text = printed(&[
        "compare",
        "true",
        "echo a | cat",
        budget,
        time,
        "--format",
        "json",
    ]);
    let read: Value = serde_json::from_str(&text).unwrap();
    let commands = read["commands"].as_array().unwrap();
    assert_eq!(commands.len(), 2);
    assert_eq!(
        commands[0]["verdict"], "same",
        "the reference is beside itself"
    );
    assert_eq!(commands[1]["uses_shell"], true);
    assert_eq!(commands[1]["wall_ns"].as_array().unwrap().len(), 20);
    for number in ["median_ns", "spread", "user_ns", "system_ns", "peak_bytes"] {
        assert!(commands[1][number].is_number(), "{number}");
    }
    assert!(commands[1]["ratio"]["low"].as_f64() <= commands[1]["ratio"]["high"].as_f64());
}

#[test]
fn results_are_written_in_the_form_of_the_files_name() {
    let [budget, time] = HASTY;
    let folder = tempfile::tempdir().unwrap();
    let [page, numbers, other] = ["a.md", "a.json", "a.txt"]
        .map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    printed(&[
        "compare", "true", budget, time, "--export", &page, "--export", &numbers,
    ]);
    assert!(fs::read_to_string(page).unwrap().starts_with("| command "));
    serde_json::from_str::<Value>(&fs::read_to_string(numbers).unwrap()).unwrap();
    let error = complaint(&["compare", "true", budget, time, "--export", &other]);
    assert!(
        error.contains("name a file that ends in .json or .md"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_compared_is_named() {
    let [budget, time] = HASTY;
    for (arguments, expected) in [
        (
            &["compare", "true", "no-such-program"][..],
            "cannot start `no-such-program`",
        ),
        (
            &["compare", "sh -c 'echo no >&2; exit 2'"],
            "(exit status: 2), saying: no",
        ),
        (
            &["compare", "echo a", "echo b", "--compare-output"],
            "from byte 0 on (line 1)",
        ),
        (&["compare", "true", "--prepare", "false"], "`false` failed"),
        (&["compare", "echo 'a"], "a quote is not closed"),
        (&["compare", "true", "--threshold", "0.01"], "such as `3%`"),
        (&["compare", "true", "--threshold=-1%"], "0 % or more"),
        (&["compare", "true", "--budget", "3"], "no unit"),
        (&["compare"], "<COMMAND>"),
    ] {
        let mut arguments = arguments.to_vec();
        if !arguments.contains(&"--budget") {
            arguments.extend([budget, time]);
        }
        let error = complaint(&arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}
