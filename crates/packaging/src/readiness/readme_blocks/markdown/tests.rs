use proptest::prelude::*;

use super::*;

#[test]
fn blocks_have_their_language_and_the_numbers_of_their_lines() {
    let text = "# T\n\n```sh\ncargo build\n\ncargo test\n```\n\ntext\n\n~~~console no_run\n$ x\n~~~\n\n    indented\n";
    let blocks = blocks(text);
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].language, "sh");
    let expected = [(4, "cargo build"), (5, ""), (6, "cargo test")];
    assert_eq!(
        blocks[0].lines,
        expected.map(|(line, text)| (line, text.to_owned()))
    );
    assert_eq!(blocks[1].line(), 12);
    assert_eq!(blocks[1].reason().unwrap(), "its first line says `no_run`");
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
    let reasons: Vec<_> = blocks(text).iter().map(Block::reason).collect();
    assert_eq!(
        reasons,
        [Some("it never ends".to_owned()), None, None, None]
    );
}

#[test]
fn rust_blocks_keep_what_is_said_of_them() {
    let block = &blocks("```rust,ignore\nfn f() {}\n```\n")[0];
    assert_eq!(
        (&block.language[..], &block.words[..]),
        ("rust", &["ignore".to_owned()][..])
    );
}

proptest! {
    /// Each line of a block is the line of the file that its number says.
    #[test]
    fn numbers_are_right(before in "[a-z# \n`>*-]{0,60}", lines in prop::collection::vec("[a-z $|>]{1,12}", 1..6), after in "[a-z\n]{0,20}") {
        let text = format!("{before}\n\n```sh\n{}\n```\n{after}", lines.join("\n"));
        let file: Vec<&str> = text.lines().collect();
        for block in blocks(&text) {
            for (line, content) in &block.lines {
                prop_assert!(file[line - 1].ends_with(content.trim_start()), "{line}: {content}");
            }
        }
    }
}
