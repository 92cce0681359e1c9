//! Which texts are read here, and which need a shell.

use super::*;

fn words(text: &str) -> Option<Vec<String>> {
    CommandLine::parse(text).unwrap().words
}

#[test]
fn quotes_and_backslashes_are_read_as_by_a_shell() {
    for (text, expected) in [
        ("ls", &["ls"][..]),
        ("  ls   -l ", &["ls", "-l"]),
        (
            "grep 'a b|c' \"d e\" f\\ g",
            &["grep", "a b|c", "d e", "f g"],
        ),
        ("echo '' x", &["echo", "", "x"]),
        (
            "echo a~b c#d 'e$f' \\$g \"\\$h\"",
            &["echo", "a~b", "c#d", "e$f", "$g", "$h"],
        ),
        ("dd if=/dev/zero of=x", &["dd", "if=/dev/zero", "of=x"]),
        ("./a=b", &["./a=b"]),
    ] {
        assert_eq!(words(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn what_only_a_shell_does_is_left_to_it() {
    for text in [
        "a | b",
        "a > b",
        "a < b",
        "a; b",
        "a && b",
        "echo $HOME",
        "echo \"$HOME\"",
        "echo `date`",
        "echo \"`date`\"",
        "ls *.rs",
        "ls a?",
        "ls [ab]",
        "ls ~",
        "(a)",
        "a # b",
        "! a",
        "LANG=C sort x",
        "a\nb",
    ] {
        assert_eq!(words(text), None, "{text}");
    }
}

#[test]
fn what_is_no_command_is_refused() {
    for (text, reason) in [
        ("", "it names no program"),
        ("  \t", "it names no program"),
        ("\n", "it names no program"),
        ("echo 'a", "a quote is not closed"),
        ("echo \"a", "a quote is not closed"),
        ("echo a\\", "a quote is not closed"),
    ] {
        let error = CommandLine::parse(text).unwrap_err();
        assert!(error.to_string().ends_with(reason), "{text:?}: {error}");
    }
}
