//! The same counts, one sequence at a time and by the letter of `wc.c`.

use super::super::{TextStats, columns::width};

/// What begins at the front of `bytes`, and its length.
enum Item {
    Character(char),
    /// Decoded by glibc, but no code point of Unicode.
    BeyondUnicode,
    Invalid,
}

fn item(bytes: &[u8]) -> (Item, usize) {
    for length in 1..=bytes.len().min(4) {
        if let Ok(text) = std::str::from_utf8(&bytes[..length]) {
            return (Item::Character(text.chars().next().unwrap()), length);
        }
    }
    // Lead bits, payload bits of the lead, length, least value: RFC 2279.
    let forms = [
        (0xF0_u8, 0xF8_u8, 4, 0x11_0000_u32),
        (0xF8, 0xFC, 5, 0x20_0000),
        (0xFC, 0xFE, 6, 0x400_0000),
    ];
    for (lead, lead_mask, length, least) in forms {
        let Some(sequence) = bytes.get(..length) else {
            continue;
        };
        if sequence[0] & lead_mask != lead || sequence[1..].iter().any(|byte| byte & 0xC0 != 0x80) {
            continue;
        }
        let first = u32::from(sequence[0] & !lead_mask);
        let value = sequence[1..]
            .iter()
            .fold(first, |value, byte| value << 6 | u32::from(byte & 0x3F));
        if value >= least {
            return (Item::BeyondUnicode, length);
        }
    }
    (Item::Invalid, 1)
}

fn separates(character: char) -> bool {
    matches!(character,
        '\t'..='\r' | ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{2028}' | '\u{2029}'
        | '\u{202F}' | '\u{205F}' | '\u{2060}' | '\u{3000}')
}

pub(super) fn stats(mut bytes: &[u8]) -> TextStats {
    let mut stats = TextStats {
        bytes: bytes.len() as u64,
        ..TextStats::default()
    };
    let mut in_word = false;
    let mut column = 0;
    while !bytes.is_empty() {
        let (item, length) = item(bytes);
        bytes = &bytes[length..];
        let in_word_now = match item {
            Item::Character(character) => {
                stats.characters += 1;
                match character {
                    '\n' | '\r' | '\x0C' => column = 0,
                    '\t' => column += 8 - column % 8,
                    _ => column += width(character),
                }
                stats.lines += u64::from(character == '\n');
                !separates(character)
            }
            Item::BeyondUnicode => {
                stats.characters += 1;
                true
            }
            Item::Invalid => true,
        };
        stats.longest_line = stats.longest_line.max(column);
        stats.words += u64::from(in_word_now && !in_word);
        in_word = in_word_now;
    }
    stats
}

#[test]
fn agrees_with_counts_by_hand() {
    let text = "a\u{A0}b\u{2028}c\rde\u{3000}\t\u{7F}\n".as_bytes();
    let expected = TextStats {
        lines: 1,
        words: 5,
        characters: 12,
        bytes: 17,
        longest_line: 8,
    };
    assert_eq!(stats(text), expected);
    let stats = stats(b"\xF8\x88\x80\x80\x80 \xFF\xED\xA0\x80 \xF4\x90\x80\x80");
    assert_eq!((stats.characters, stats.words), (4, 3));
}
