#![cfg(unix)]

use super::*;
use crate::{System, fenced_blocks::blocks};

fn of(language: &str, text: &str) -> Vec<(usize, String)> {
    let block = &blocks(&format!("```{language}\n{text}\n```\n"))[0];
    let commands = commands(block, "sh", &System).unwrap();
    commands
        .into_iter()
        .map(|command| (command.line, command.text))
        .collect()
}

fn expect(found: Vec<(usize, String)>, expected: &[(usize, &str)]) {
    let expected: Vec<(usize, String)> = expected
        .iter()
        .map(|(line, text)| (*line, (*text).to_owned()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn each_line_is_a_command_and_comments_are_none() {
    expect(
        of("sh", "# first\ncargo build # now\n\ncargo test"),
        &[(3, "cargo build # now"), (5, "cargo test")],
    );
}

#[test]
fn what_goes_on_in_the_next_line_is_one_command() {
    expect(
        of("sh", "cargo test \\\n  --all\ntrue"),
        &[(2, "cargo test \\\n  --all"), (4, "true")],
    );
    expect(
        of("sh", "for x in a b; do\n  echo $x\ndone\ntrue"),
        &[(2, "for x in a b; do\n  echo $x\ndone"), (5, "true")],
    );
    expect(
        of("sh", "echo 'one\ntwo'\ntrue"),
        &[(2, "echo 'one\ntwo'"), (4, "true")],
    );
    expect(
        of("sh", "cat >f <<'EOF'\nx\n\n# no comment\nEOF\ntrue"),
        &[(2, "cat >f <<'EOF'\nx\n\n# no comment\nEOF"), (7, "true")],
    );
}

#[test]
fn what_never_ends_is_left_to_the_shell() {
    expect(
        of("sh", "if true; then\necho x"),
        &[(2, "if true; then\necho x")],
    );
}

#[test]
fn behind_a_prompt_are_commands_and_elsewhere_is_what_they_print() {
    let text = "$ cargo run\nhello\n$ echo a \\\n> b\na b\n";
    expect(
        of("console", text),
        &[(2, "cargo run"), (4, "echo a \\\nb")],
    );
    expect(of("sh", "$ true\nprinted"), &[(2, "true")]);
}

/// Shells ask for more by `> `, whatever has not come to its end.
#[test]
fn behind_a_second_prompt_is_what_goes_on() {
    let text = "$ cat >f <<EOF\n> hello\n>\n> there\n> EOF\nprinted\n$ for x in a; do\n>   echo $x\n> done\na\n> printed\n$ true\n";
    expect(
        of("console", text),
        &[
            (2, "cat >f <<EOF\nhello\n\nthere\nEOF"),
            (8, "for x in a; do\n  echo $x\ndone"),
            (13, "true"),
        ],
    );
    // Some leave them out.
    expect(
        of("console", "$ cat >f <<EOF\nhello\nEOF\nprinted\n$ true"),
        &[(2, "cat >f <<EOF\nhello\nEOF"), (6, "true")],
    );
}
