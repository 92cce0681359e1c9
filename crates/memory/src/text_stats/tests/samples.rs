//! Texts for the property tests.

use proptest::prelude::*;

/// Pieces that stress the edges: all spaces, what looks like them, tabs, ends of rows, wide and narrow
/// characters, invalid and unfinished sequences.
const PIECES: &[&[u8]] = &[
    b" ", b"\n", b"\n\n", b"\r\n", b"\r", b"\x0C", b"\x0B", b"\t", b"\t\t", b"a", b"word", b"\x00", b"\x7F",
    b"a longer stretch of plain text that fills more than one vector of bytes, and then some more of it",
    "\u{85}".as_bytes(), "\u{A0}".as_bytes(), "\u{A1}".as_bytes(), "\u{1680}".as_bytes(),
    "\u{1681}".as_bytes(), "\u{1FFF}".as_bytes(), "\u{2000}".as_bytes(), "\u{2007}".as_bytes(),
    "\u{200A}".as_bytes(), "\u{200B}".as_bytes(), "\u{2019}".as_bytes(), "\u{2028}".as_bytes(),
    "\u{2029}".as_bytes(), "\u{202F}".as_bytes(), "\u{205F}".as_bytes(), "\u{2060}".as_bytes(),
    "\u{2061}".as_bytes(), "\u{3000}".as_bytes(), "\u{3001}".as_bytes(), "é".as_bytes(),
    "Привет мир".as_bytes(), "नमस्ते".as_bytes(), "日本語、テキスト".as_bytes(), "한국어".as_bytes(),
    "😀".as_bytes(), "e\u{301}".as_bytes(), "\u{10FFFF}".as_bytes(),
    b"\xFF", b"\x80", b"\xBF\xBF\xBF\xBF\xBF\xBF\xBF", b"\xC2", b"\xE2\x80", b"\xE3", b"\xF0\x9F\x98",
    b"\xED\xA0\x80", b"\xC0\x80", b"\xF4\x90\x80\x80", b"\xF8\x88\x80\x80\x80", b"\xFD\xBF\xBF\xBF\xBF\xBF",
    b"\xFC\x84\x80\x80", b"\xE2\x80\x80\x80",
];

pub(super) fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES), 0..80)
        .prop_map(|pieces| pieces.concat());
    let plain = prop::collection::vec(prop::sample::select(&PIECES[..14]), 0..80)
        .prop_map(|pieces| pieces.concat());
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    let high = prop::collection::vec(0x80..=0xFF_u8, 0..200);
    prop_oneof![4 => pieces, 2 => plain, 1 => bytes, 1 => high]
}
