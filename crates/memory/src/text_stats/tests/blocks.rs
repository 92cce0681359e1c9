//! One pass: the masks of every implementation, and the counts.

use proptest::prelude::*;

use super::{
    super::{
        TextStats, blocks,
        columns::{width, width_by_tables},
        masks::{BLOCK, Block, Masks, MultibyteMasks, begins_with_space, portable},
    },
    oracle, samples,
};

fn bits(block: &Block, test: impl Fn(u8) -> bool) -> u64 {
    (0..BLOCK).map(|at| u64::from(test(block[at])) << at).sum()
}

fn naive_masks(block: &Block) -> Masks {
    Masks {
        newline: bits(block, |byte| byte == b'\n'),
        space: bits(block, |byte| matches!(byte, b'\t'..=b'\r' | b' ')),
        tab: bits(block, |byte| byte == b'\t'),
    }
}

fn wide(bytes: &[u8]) -> bool {
    bytes[0] >= 0xE1 && !matches!(bytes, [0xE2, 0x80 | 0x81, ..])
}

fn naive_multibyte_masks(block: &Block) -> MultibyteMasks {
    let space = |lengths: std::ops::RangeInclusive<u8>| {
        let begins = |at: usize| lengths.contains(&block[at]) && begins_with_space(&block[at..]);
        (0..BLOCK).map(|at| u64::from(begins(at)) << at).sum()
    };
    MultibyteMasks {
        continuation: bits(block, |byte| (0x80..0xC0).contains(&byte)),
        wide: (0..BLOCK)
            .map(|at| u64::from(wide(&block[at..])) << at)
            .sum(),
        space_of_two: space(0xC0..=0xDF),
        space_of_three: space(0xE0..=0xEF),
    }
}

fn block() -> impl Strategy<Value = Block> {
    samples::text().prop_map(|text| {
        let mut block = [0; BLOCK + 2];
        let length = text.len().min(block.len());
        block[..length].copy_from_slice(&text[..length]);
        block
    })
}

proptest! {
    #[test]
    fn portable_masks_are_those_of_each_byte(block in block()) {
        prop_assert_eq!(portable::masks(&block), naive_masks(&block));
        prop_assert_eq!(portable::multibyte_masks(&block), naive_multibyte_masks(&block));
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn avx2_masks_are_those_of_each_byte(block in block()) {
        use super::super::masks::avx2;
        if !is_x86_feature_detected!("avx2") {
            return Ok(()); // told by `avx2_is_tested`
        }
        // SAFETY: the processor has AVX2.
        let masks = unsafe { avx2::masks(&block) };
        prop_assert_eq!(masks, naive_masks(&block));
        // SAFETY: the processor has AVX2.
        let masks = unsafe { avx2::multibyte_masks(&block) };
        prop_assert_eq!(masks, naive_multibyte_masks(&block));
    }

    #[test]
    fn counts_are_those_of_a_naive_reading(text in samples::text()) {
        prop_assert_eq!(TextStats::of(&text), oracle::stats(&text));
    }

    #[test]
    fn the_portable_pass_counts_the_same(text in samples::text()) {
        prop_assume!(!text.is_empty());
        prop_assert_eq!(blocks::portable_tally(&text).stats(), oracle::stats(&text));
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn avx2_is_tested() {
    use std::io::Write as _;
    if !is_x86_feature_detected!("avx2") {
        writeln!(
            std::io::stderr(),
            "skipped: avx2_is_tested: the processor has no AVX2"
        )
        .unwrap();
    }
}

#[test]
fn no_character_is_wider_than_its_bound() {
    for character in '\0'..=char::MAX {
        let bound = 1 + u64::from(wide(character.encode_utf8(&mut [0; 4]).as_bytes()));
        assert!(width(character) <= bound, "U+{:04X}", u32::from(character));
    }
}

#[test]
fn known_ranges_have_the_width_of_the_tables() {
    for character in '\0'..=char::MAX {
        assert_eq!(
            width(character),
            width_by_tables(character),
            "U+{:04X}",
            u32::from(character)
        );
    }
}

#[test]
fn every_code_point_separates_words_or_does_not() {
    for character in '\0'..=char::MAX {
        let text = format!("a{character}b");
        let separates = oracle::stats(text.as_bytes()).words == 2;
        assert_eq!(
            TextStats::of(text.as_bytes()).words == 2,
            separates,
            "U+{:04X}",
            u32::from(character)
        );
        assert_eq!(
            begins_with_space(&text.as_bytes()[1..]),
            separates,
            "U+{:04X}",
            u32::from(character)
        );
    }
}

#[test]
fn counts_across_all_places_of_a_block() {
    let characters = [
        "\n", "\t", " ", "\u{A0}", "\u{2003}", "\u{3000}", "é", "語", "😀", "\r", "x",
    ];
    for at in (0..2 * BLOCK + 2).chain(250..262) {
        for (first, second) in characters.iter().flat_map(|a| characters.map(|b| (a, b))) {
            let text = format!(
                "{}{first}{second}y\u{301}{}",
                "a".repeat(at),
                "b".repeat(300)
            );
            assert_eq!(
                TextStats::of(text.as_bytes()),
                oracle::stats(text.as_bytes()),
                "{text:?}"
            );
        }
    }
}

#[test]
fn a_row_of_tabs_is_not_taken_for_a_narrower_one() {
    for tabs in 1..40 {
        let (plain, tabs) = ("a".repeat(8 * tabs - 1), "\t".repeat(tabs));
        let text = format!("first\n{plain}\n\n\n{tabs}\nlast");
        let stats = TextStats::of(text.as_bytes());
        assert_eq!(stats.longest_line, 8 * tabs.len() as u64);
    }
}
