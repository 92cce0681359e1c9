use proptest::prelude::*;

use super::*;

#[test]
fn blocks_have_what_is_behind_the_fence_and_the_numbers_of_their_lines() {
    let text = "# T\n\n```sh\ncargo build\n\ncargo test\n```\n\ntext\n\n~~~console no_run\n$ x\n~~~\n\n    indented\n";
    let blocks = blocks(text);
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].info, "sh");
    let expected = [(4, "cargo build"), (5, ""), (6, "cargo test")];
    assert_eq!(
        blocks[0].lines,
        expected.map(|(line, text)| (line, text.to_owned()))
    );
    assert_eq!(blocks[1].line(), 12);
    assert_eq!(blocks[1].info, "console no_run");
}

#[test]
fn windows_line_ends_and_lists_do_not_move_lines() {
    let text = "1. one\r\n\r\n   ```sh\r\n   first\r\n   second\r\n   ```\r\n";
    let blocks = blocks(text);
    let expected = [(4, "first"), (5, "second")];
    assert_eq!(
        blocks[0].lines,
        expected.map(|(line, text)| (line, text.to_owned()))
    );
}

#[test]
fn a_comment_stops_the_block_after_it_and_no_other() {
    let text = "<!-- not run: it never ends -->\n```sh\nyes\n```\n\n```sh\ntrue\n```\n\n<!-- not run: too far away -->\n\nWords.\n\n```sh\ntrue\n```\n\n<!-- not run: -->\n```sh\ntrue\n```\n";
    let reasons: Vec<_> = blocks(text).iter().map(Block::not_run).collect();
    assert_eq!(
        reasons,
        [Some("it never ends".to_owned()), None, None, None]
    );
}

fn of(info: &str, text: &str) -> Block {
    blocks(&format!("```{info}\n{text}\n```\n")).remove(0)
}

#[test]
fn words_behind_the_fence_say_what_a_block_is() {
    for (info, expected) in [
        ("rust", Language::Rust),
        ("rust,no_run", Language::Rust),
        ("rust {.numbered}", Language::Rust),
        ("no_run", Language::Rust),
        ("compile_fail,E0277", Language::Rust),
        ("ignore-windows, edition2024", Language::Rust),
        // Neither is to rustdoc.
        ("Rust", Language::Other),
        ("compile_fail,E277", Language::Other),
        ("", Language::Unnamed),
        ("text", Language::Unnamed),
        ("sh", Language::Shell("sh")),
        ("sh,ignore", Language::Shell("sh")),
        ("Shell", Language::Shell("sh")),
        ("console no_run", Language::Shell("sh")),
        ("bash", Language::Shell("bash")),
        ("zsh", Language::Shell("zsh")),
        ("toml", Language::Toml),
        ("python", Language::Other),
    ] {
        assert_eq!(of(info, "x").language(), expected, "{info}");
    }
}

#[test]
fn words_behind_the_fence_stop_commands_and_what_rustdoc_would_not_compile() {
    for (info, expected) in [
        ("sh", None),
        ("sh,ignore", Some("its first line says `ignore`")),
        ("sh no_run", Some("its first line says `no_run`")),
        ("rust", None),
        ("rust,no_run", None),
        ("no_run", None),
        // rustdoc knows on which systems.
        ("rust,ignore-windows", None),
        ("rust,ignore", Some("its first line says `ignore`")),
    ] {
        assert_eq!(of(info, "x").not_run().as_deref(), expected, "{info}");
    }
}

#[test]
#[cfg(feature = "registry")]
fn behind_a_prompt_is_what_is_typed() {
    let typed = |text: &str| of("console", text).typed();
    let of_lines = |lines: &[(usize, &str)]| -> Vec<(usize, String)> {
        let lines = lines.iter();
        lines
            .map(|(line, text)| (*line, (*text).to_owned()))
            .collect()
    };
    assert_eq!(
        typed("$ one \\\n> more\nprinted\n$ two"),
        of_lines(&[(2, "one \\"), (3, "more"), (5, "two")])
    );
    assert_eq!(typed("one\n> file"), of_lines(&[(2, "one"), (3, "> file")]));
}

#[test]
fn what_is_added_and_installed_is_found_among_other_words() {
    let found = |line: &str| -> Vec<String> {
        let found = acquisitions(line).into_iter();
        let shown = found.map(|found| match found {
            Acquisition::Addition(arguments) => format!("add {}", arguments.join(" ")),
            Acquisition::Installation(arguments) => format!("install {}", arguments.join(" ")),
        });
        shown.collect()
    };
    for (line, expected) in [
        ("cargo add toy", &["add toy"][..]),
        (
            "A=1 B='2 3' cargo +stable install --locked toy # now",
            &["install --locked toy"],
        ),
        ("cd x && cargo add a || cargo add b", &["add a", "add b"]),
        ("cargo install \\\n  toy", &["install toy"]),
        ("echo cargo add toy", &[]),
        ("cargo build --features=add", &[]),
        ("it isn't; cargo add toy", &[]),
    ] {
        assert_eq!(found(line), expected, "{line}");
    }
}

proptest! {
    /// Each line of a block is the line of the file that its number says, none is left out, and the fence is before the first.
    #[test]
    fn numbers_are_right(before in "[a-z# \n`~>*-]{0,60}", lines in prop::collection::vec("[a-z $|>]{1,12}", 1..6), after in "[a-z\n]{0,20}") {
        let text = format!("{before}\n\n```sh\n{}\n```\n{after}", lines.join("\n"));
        let file: Vec<&str> = text.lines().collect();
        for block in blocks(&text) {
            let fence = file[block.line() - 2];
            prop_assert!(fence.contains("```") || fence.contains("~~~"), "{fence}");
            for ((line, content), number) in block.lines.iter().zip(block.line()..) {
                prop_assert_eq!(*line, number);
                prop_assert!(file[line - 1].ends_with(content.trim_start()), "{line}: {content}");
            }
        }
    }
}

#[test]
fn a_comment_may_have_several_lines_and_stand_wherever_a_block_may() {
    let text = "<!-- not run:\n     it never\n     ends -->\n```sh\nyes\n```\n\n<!--\nnot run: keys\n-->\n\n```sh\nyes\n```\n\n- <!-- not run: in a list -->\n  ```sh\n  yes\n  ```\n\n> <!-- not run: in\n> a quote -->\n> ~~~sh\n> yes\n> ~~~\n\n<details>\n<!-- not run: in HTML -->\n\n```sh\nyes\n```\n";
    let reasons: Vec<_> = blocks(text).iter().map(Block::not_run).collect();
    let expected = [
        "it never ends",
        "keys",
        "in a list",
        "in a quote",
        "in HTML",
    ];
    assert_eq!(reasons, expected.map(|reason| Some(reason.to_owned())));
}
