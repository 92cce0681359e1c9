use proptest::prelude::*;

use super::{shorten, shorten_at, visible, widest_piece, width, wrap};
use crate::table::Shorten;

#[test]
fn what_moves_the_cursor_is_made_visible() {
    assert_eq!(
        visible("plain, wide 日本, e\u{301}"),
        "plain, wide 日本, e\u{301}"
    );
    assert_eq!(
        visible("a\u{1b}[31m\tb\r\nc\rd"),
        "a\\u{1b}[31m b\nc\\u{d}d"
    );
    assert_eq!(visible("left\u{202e}right"), "left\\u{202e}right");
    assert_eq!(
        visible("\u{0}\u{7f}\u{9b}\u{ffff}"),
        "\\u{0}\\u{7f}\\u{9b}\\u{ffff}"
    );
}

#[test]
fn shortening_keeps_both_ends_and_more_of_the_last() {
    assert_eq!(
        shorten("cookbook/duplicates/hash_set", 16),
        "cookb…s/hash_set"
    );
    assert_eq!(shorten("short", 5), "short");
    assert_eq!(shorten("short", 2), "…t");
    assert_eq!(shorten("short", 1), "…");
    assert_eq!(shorten("short", 0), "");
}

#[test]
fn either_end_can_give_way() {
    let path = "my_crate::parser::Parser::next";
    assert_eq!(shorten_at(path, 16, Shorten::Start), "…r::Parser::next");
    assert_eq!(shorten_at(path, 16, Shorten::End), "my_crate::parse…");
    assert_eq!(shorten_at(path, 30, Shorten::Start), path);
    assert_eq!(shorten_at("short", 1, Shorten::Start), "…");
    assert_eq!(shorten_at("日本語の名前", 6, Shorten::Start), "…名前");
}

#[test]
fn the_lines_of_a_tree_stay_before_a_path_that_gives_way() {
    let leaf = "│ └ my_crate::parser::Parser::next";
    assert_eq!(shorten_at(leaf, 18, Shorten::Start), "│ └ …:Parser::next");
    assert_eq!(
        shorten_at("\u{a0}\u{a0}a::long::path", 9, Shorten::Start),
        "\u{a0}\u{a0}…::path"
    );
    // Where nothing would be left for the name, the lines go first.
    assert_eq!(shorten_at(leaf, 6, Shorten::Start), "…:next");
}

#[test]
fn shortening_counts_columns_and_cuts_between_graphemes() {
    assert_eq!(shorten("日本語の名前です", 9), "日…前です");
    assert_eq!(
        shorten("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", 4),
        "e\u{301}…e\u{301}e\u{301}"
    );
    assert_eq!(shorten("👩‍👩‍👧‍👦 family of four", 9), "👩‍👩‍👧‍👦…f four");
}

#[test]
fn wrapping_breaks_after_spaces_and_the_punctuation_of_names() {
    assert_eq!(
        wrap("sort, then compare neighbours", 12),
        ["sort, then", "compare", "neighbours"]
    );
    assert_eq!(
        wrap("cookbook/duplicates/hash_set", 12),
        ["cookbook/", "duplicates/", "hash_set"]
    );
    assert_eq!(
        wrap("std::collections::HashMap", 14),
        ["std::", "collections::", "HashMap"]
    );
    assert_eq!(wrap("it took 5.400 ms.", 10), ["it took", "5.400 ms."]);
    assert_eq!(wrap("main.rs", 6), ["main.", "rs"]);
    assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    assert_eq!(wrap("日本語", 4), ["日本", "語"]);
    assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
    assert_eq!(wrap("", 4), [""]);
}

#[test]
fn the_widest_piece_is_the_narrowest_room_without_torn_words() {
    assert_eq!(widest_piece("time per iteration"), "iteration".len());
    assert_eq!(wrap("time per iteration", 9), ["time per", "iteration"]);
}

proptest! {
    #[test]
    fn shortened_text_fits_and_is_made_of_the_ends(text in "\\PC{0,40}", max in 1_usize..30) {
        let short = shorten(&text, max);
        prop_assert!(width(&short) <= max);
        if width(&text) <= max {
            prop_assert_eq!(&*short, &text);
        } else if let Some((head, tail)) = short.split_once('…') {
            prop_assert!(text.starts_with(head) || text.contains('…'));
            prop_assert!(text.ends_with(tail) || text.contains('…'));
        }
    }

    #[test]
    fn what_is_cut_at_an_end_fits_and_keeps_the_other(text in "\\PC{0,40}", max in 1_usize..30) {
        let (front, back) = (shorten_at(&text, max, Shorten::Start), shorten_at(&text, max, Shorten::End));
        prop_assert!(width(&front) <= max && width(&back) <= max);
        if width(&text) > max && !text.contains('…') {
            prop_assert!(front.is_empty() || front.split_once('…').is_some_and(|(_, tail)| text.ends_with(tail)));
            prop_assert!(back.is_empty() || back.strip_suffix('…').is_some_and(|head| text.starts_with(head)));
        }
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing_but_spaces(text in "[a-z0-9/:_ .é日-]{0,60}", max in 2_usize..30) {
        let lines = wrap(&text, max);
        for line in &lines {
            prop_assert!(width(line) <= max, "{:?} is wider than {}", line, max);
        }
        let squeezed = |text: &str| text.replace(' ', "");
        prop_assert_eq!(squeezed(&lines.concat()), squeezed(&text));
    }

    #[test]
    fn visible_text_is_fit_for_a_terminal_and_for_xml(text in any::<String>()) {
        let clean = visible(&text);
        prop_assert!(clean.chars().all(|char| char == '\n' || !char.is_control()));
        prop_assert_eq!(visible(&clean), &*clean);
    }
}
