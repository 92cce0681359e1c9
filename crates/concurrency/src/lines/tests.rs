//! Blocks and lines of any text, beside a naive reading.

use std::{
    io::{self, Read},
    path::PathBuf,
};

use proptest::prelude::*;

use super::{blocks::Blocks, each_line};
use crate::Error;

fn naive(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = text
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    for line in &mut lines {
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    lines
}

fn blocks<R: Read>(source: R, block_bytes: usize, max_line_bytes: usize) -> Blocks<R> {
    Blocks::new(source, PathBuf::from("text"), block_bytes, max_line_bytes)
}

fn all(mut blocks: Blocks<impl Read>) -> Result<Vec<Vec<u8>>, Error> {
    let mut all = Vec::new();
    let mut buffer = Vec::new();
    while blocks.read_into(&mut buffer)? {
        all.push(buffer.clone());
    }
    assert!(!blocks.read_into(&mut buffer)?, "it has ended for good");
    Ok(all)
}

proptest! {
    #[test]
    fn blocks_are_whole_lines_and_together_the_text(
        text in prop::collection::vec(prop::sample::select(b"ab\r\n".to_vec()), 0..200),
        block_bytes in 1_usize..40,
    ) {
        let blocks = all(blocks(&text[..], block_bytes, 1_000)).unwrap();
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
    ) {
        let text: Vec<u8> = lens.iter().flat_map(|len| [vec![b'x'; *len], vec![b'\n']].concat()).collect();
        let too_long = lens.iter().position(|len| len + 1 > max_line_bytes);
        let offset = too_long.map(|line| lens[..line].iter().map(|len| len + 1).sum::<usize>() as u64);
        match (all(blocks(&text[..], block_bytes, max_line_bytes)), offset) {
            (Ok(blocks), None) => prop_assert_eq!(blocks.concat(), text),
            (Err(Error::LineTooLong { offset: found, .. }), Some(offset)) => prop_assert_eq!(found, offset),
            (other, expected) => prop_assert!(false, "{other:?} instead of {expected:?}"),
        }
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
    let mut blocks = blocks(Breaks(b"one\ntwo\nthr"), 4, 100);
    let mut buffer = Vec::new();
    assert!(blocks.read_into(&mut buffer).unwrap());
    assert_eq!(buffer, b"one\n");
    assert!(blocks.read_into(&mut buffer).unwrap());
    let error = blocks.read_into(&mut buffer).unwrap_err();
    assert_eq!(error.to_string(), "cannot read text");
    assert!(!blocks.read_into(&mut buffer).unwrap());
}
