//! Blocks and lines of any text, beside a naive reading.

use std::{
    io::{self, BufRead, Read},
    path::PathBuf,
};

use proptest::prelude::*;

use super::{blocks::Blocks, each_line};
use crate::Error;

fn naive(text: &[u8]) -> Vec<Vec<u8>> {
    text.lines().map(|line| line.unwrap().into()).collect()
}

fn blocks<R: Read>(source: R, block_bytes: usize, max_line_bytes: usize) -> Blocks<R> {
    Blocks::new(source, PathBuf::from("text"), block_bytes, max_line_bytes)
}

fn all(mut blocks: Blocks<impl Read>) -> (Vec<Vec<u8>>, Option<Error>) {
    let mut all = Vec::new();
    let mut buffer = Vec::new();
    while blocks.read_into(&mut buffer) {
        all.push(buffer.clone());
    }
    let fault = blocks.take_fault();
    assert!(!blocks.read_into(&mut buffer), "it has ended for good");
    assert!(blocks.take_fault().is_none(), "it was told");
    (all, fault)
}

proptest! {
    #[test]
    fn blocks_are_whole_lines_and_together_the_text(
        text in prop::collection::vec(prop::sample::select(b"ab\r\n".to_vec()), 0..200),
        block_bytes in 1_usize..40,
    ) {
        let (blocks, fault) = all(blocks(&text[..], block_bytes, 1_000));
        prop_assert!(fault.is_none());
        prop_assert_eq!(blocks.concat(), text.clone());
        for (number, block) in blocks.iter().enumerate() {
            prop_assert!(block.ends_with(b"\n") || number + 1 == blocks.len());
        }
        let mut lines = Vec::new();
        for block in &blocks {
            each_line(block, |line| lines.push(line.to_vec()));
        }
        prop_assert_eq!(lines, naive(&text));
    }

    #[test]
    fn a_line_is_too_long_whatever_the_blocks_are(
        lens in prop::collection::vec(0_usize..30, 1..10),
        block_bytes in 1_usize..60,
        max_line_bytes in 1_usize..40,
        has_last_end in any::<bool>(),
    ) {
        let mut text: Vec<u8> = lens.iter().flat_map(|len| [vec![b'x'; *len], vec![b'\n']].concat()).collect();
        if !has_last_end {
            text.pop();
        }
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let good = lines.iter().take_while(|line| line.len() <= max_line_bytes).count();
        let before = lines[..good].concat();
        let (blocks, fault) = all(blocks(&text[..], block_bytes, max_line_bytes));
        prop_assert_eq!(blocks.concat(), &before[..]);
        match fault {
            None => prop_assert_eq!(good, lines.len()),
            Some(Error::LineTooLong { offset, .. }) => {
                prop_assert!(good < lines.len());
                prop_assert_eq!(offset, before.len() as u64);
            }
            Some(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn whole_lines_before_a_fault_come_before_it(
        text in prop::collection::vec(prop::sample::select(b"ab\n".to_vec()), 0..200),
        block_bytes in 1_usize..40,
        max_line_bytes in 1_usize..20,
    ) {
        let (blocks, fault) = all(blocks(Breaks(&text), block_bytes, max_line_bytes));
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let is_good = |line: &&&[u8]| line.len() <= max_line_bytes && line.ends_with(b"\n");
        let good = lines.iter().take_while(is_good).count();
        prop_assert_eq!(blocks.concat(), lines[..good].concat());
        // What is too long is so before the place where reading fails.
        let is_too_long = lines.get(good).is_some_and(|line| line.len() > max_line_bytes);
        let is_named = matches!(fault, Some(Error::LineTooLong { .. }));
        prop_assert!(fault.is_some());
        prop_assert_eq!(is_named, is_too_long);
    }
}

/// Fails after some bytes, as a disk does.
struct Breaks<'a>(&'a [u8]);

impl Read for Breaks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is broken"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn an_error_ends_the_blocks() {
    for block_bytes in [4, 100] {
        let (blocks, fault) = all(blocks(Breaks(b"one\ntwo\nthr"), block_bytes, 100));
        assert_eq!(blocks.concat(), b"one\ntwo\n");
        assert_eq!(fault.unwrap().to_string(), "cannot read text");
    }
}
