//! Places to cut at.

use proptest::prelude::*;

use super::{super::sequences, oracle, samples};

proptest! {
    #[test]
    fn characters_add_up_on_both_sides_of_a_cut(text in samples::text(), at: prop::sample::Index) {
        let end = at.index(text.len() + 1);
        let cut = sequences::cut(&text[..end]);
        prop_assert!(end - cut < sequences::LONGEST);
        let parts = oracle::stats(&text[..cut]).characters + oracle::stats(&text[cut..]).characters;
        prop_assert_eq!(parts, oracle::stats(&text).characters);
    }

    #[test]
    fn characters_add_up_on_both_sides_of_a_boundary(text in samples::text(), at: prop::sample::Index) {
        let at = at.index(text.len() + 1);
        let cut = at + sequences::leading_continuations(&text[at..]);
        let parts = oracle::stats(&text[..cut]).characters + oracle::stats(&text[cut..]).characters;
        prop_assert_eq!(parts, oracle::stats(&text).characters);
    }

    #[test]
    fn characters_are_those_of_a_naive_reading(text in samples::text()) {
        prop_assert_eq!(sequences::characters(&text), oracle::stats(&text).characters);
    }
}

#[test]
fn an_unfinished_sequence_stays_behind() {
    assert_eq!(sequences::cut("a語".as_bytes()), 4);
    assert_eq!(sequences::cut(&"a語".as_bytes()[..3]), 1);
    assert_eq!(sequences::cut(b"\x80\x80\x80\x80\x80\x80\x80"), 7);
    assert_eq!(sequences::cut(b""), 0);
    assert_eq!(sequences::leading_continuations(&"語a".as_bytes()[1..]), 2);
    assert_eq!(sequences::leading_continuations(&[0x80; 9]), 5);
}
