//! Parts of a text become the whole.

use proptest::prelude::*;

use super::{
    super::{blocks, columns::Rows, counter::ChunkBuffer, sequences, tally::Tally},
    oracle, samples,
};

/// Parts that end between characters, at about the places asked for.
fn parts<'a>(text: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = places
        .iter()
        .map(|place| place.index(text.len() + 1))
        .map(|at| at + sequences::leading_continuations(&text[at..]))
        .collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|ends| &text[ends[0]..ends[1]])
        .collect()
}

fn places() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 0..12)
}

proptest! {
    #[test]
    fn tallies_of_parts_become_that_of_the_whole(text in samples::text(), places in places()) {
        let parts = parts(&text, &places);
        let tallies = parts.iter().map(|part| blocks::tally(part, 0));
        let whole = tallies.clone().fold(Tally::default(), Tally::then);
        prop_assert_eq!(whole.stats(), oracle::stats(&text));
        // From the right: the order of merging is of no matter.
        let whole = tallies.rev().fold(Tally::default(), |after, before| before.then(after));
        prop_assert_eq!(whole.stats(), oracle::stats(&text));
    }

    #[test]
    fn a_floor_hides_only_what_is_not_wider(text in samples::text(), floor in 0..200_u64) {
        let tally = blocks::tally(&text, floor);
        let longest = oracle::stats(&text).longest_line;
        prop_assert_eq!(tally.rows.longest().max(floor), longest.max(floor));
    }

    #[test]
    fn rows_of_parts_become_those_of_the_whole(text in samples::text(), places in places()) {
        let rows = parts(&text, &places).into_iter().map(Rows::of).fold(Rows::default(), Rows::then);
        prop_assert_eq!(rows, Rows::of(&text));
        prop_assert_eq!(rows.longest(), oracle::stats(&text).longest_line);
    }

    #[test]
    fn a_buffer_carries_what_is_unfinished(text in samples::text(), size in 64..100_usize, most in 1..100_usize) {
        let mut buffer = ChunkBuffer::new(size);
        let mut tally = Tally::default();
        let mut rest = &text[..];
        while !rest.is_empty() {
            let space = buffer.space();
            let length = space.len().min(most).min(rest.len());
            space[..length].copy_from_slice(&rest[..length]);
            rest = &rest[length..];
            buffer.filled(length, &mut tally);
        }
        buffer.finish(&mut tally);
        prop_assert_eq!(tally.stats(), oracle::stats(&text));
    }
}
