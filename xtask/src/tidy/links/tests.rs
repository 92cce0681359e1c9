//! Links that lead nowhere, and text that is not a link.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

fn in_readme(text: &str) -> Vec<(String, String)> {
    let mut workspace = sound();
    workspace.write("crates/measure/README.md", text);
    found(check, &workspace)
}

#[test]
fn a_link_to_nowhere_is_found() {
    assert_eq!(
        in_readme("see\n[the `Clock`](src/clocks.rs#L3)"),
        [("crates/measure/README.md:2".to_owned(), "the link `src/clocks.rs#L3` leads to crates/measure/src/clocks.rs, which does not exist".to_owned())]
    );
}

#[test]
fn files_folders_jumps_and_addresses_are_accepted() {
    assert_eq!(
        in_readme(
            "[a](src/clock.rs) [b](../../docs) [c](#there) [d](https://example.org/x) [e](../../README.md#x)"
        ),
        []
    );
}

#[test]
fn code_is_not_read_for_links() {
    assert_eq!(
        in_readme("`a[0](nowhere)`\n\n```rust\nlist[0](nowhere)\n```\n"),
        []
    );
}
