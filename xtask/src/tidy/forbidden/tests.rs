//! Machine paths, leftovers and vague names, and what only looks like them.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

fn in_file(path: &str, text: &str) -> Vec<(String, String)> {
    let mut workspace = sound();
    workspace.write(path, text);
    found(check, &workspace)
}

#[test]
fn a_machine_path_is_found_in_any_file() {
    assert_eq!(
        in_file(".ci/run", "set -e\ncd /home/me/tuneup\n"),
        [(
            ".ci/run:2".to_owned(),
            "a path of somebody's machine: /home/".to_owned()
        )]
    );
    assert_eq!(
        in_file("a.toml", "path = \"/root/x\""),
        [(
            "a.toml:1".to_owned(),
            "a path of somebody's machine: /root/".to_owned()
        )]
    );
}

#[test]
fn the_middle_of_a_path_or_an_address_is_not_found() {
    assert_eq!(
        in_file(
            "README.md",
            "https://example.org/home/x $HOME/work/x ~/work/x docs/root/x <root>/work/x"
        ),
        []
    );
}

#[test]
fn leftovers_are_found_in_source() {
    let mark = |what: &str| {
        (
            "src/a.rs:1".to_owned(),
            format!("`{what}` is a leftover of unfinished work"),
        )
    };
    assert_eq!(
        in_file("src/a.rs", "fn f() { todo!(\"later\") }"),
        [mark("todo!")]
    );
    assert_eq!(in_file("src/a.rs", "// FIXME: later"), [mark("FIXME")]);
    assert_eq!(in_file("src/a.rs", "my_todo!(); TODOS; Hadbg!("), []);
}

#[test]
fn vague_file_names_are_found() {
    let vague = |path: &str, word: &str| {
        [(
            path.to_owned(),
            format!("`{word}` in the name does not tell what is inside"),
        )]
    };
    assert_eq!(
        in_file("src/clock_v2.rs", ""),
        vague("src/clock_v2.rs", "v2")
    );
    assert_eq!(
        in_file("src/utils/clock.rs", ""),
        vague("src/utils/clock.rs", "utils")
    );
    assert_eq!(in_file("src/renewal.rs", ""), []);
}
