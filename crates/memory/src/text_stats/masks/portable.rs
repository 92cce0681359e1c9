//! Masks by loops over bytes that compilers vectorise, and arithmetic that packs their answers.

use super::{BLOCK, Block, Masks, MultibyteMasks};

pub(in super::super) fn masks(block: &Block) -> Masks {
    Masks {
        newline: mask(block, |byte, _, _| byte == b'\n'),
        space: mask(block, |byte, _, _| {
            (byte == b' ') | within(byte, b'\t', b'\r')
        }),
        tab: mask(block, |byte, _, _| byte == b'\t'),
    }
}

pub(in super::super) fn multibyte_masks(block: &Block) -> MultibyteMasks {
    MultibyteMasks {
        continuation: mask(block, |byte, _, _| within(byte, 0x80, 0xBF)),
        wide: mask(block, |first, second, _| {
            (first >= 0xE1) & !((first == 0xE2) & within(second, 0x80, 0x81))
        }),
        space_of_two: mask(block, |first, second, _| (first == 0xC2) & (second == 0xA0)),
        space_of_three: mask(block, |first, second, third| {
            let after_80 = within(third, 0x80, 0x8A) | within(third, 0xA8, 0xA9) | (third == 0xAF);
            let after_81 = within(third, 0x9F, 0xA0);
            let e2 = ((second == 0x80) & after_80) | ((second == 0x81) & after_81);
            let e1 = (first == 0xE1) & (second == 0x9A);
            let e3 = (first == 0xE3) & (second == 0x80);
            ((first == 0xE2) & e2) | ((e1 | e3) & (third == 0x80))
        }),
    }
}

/// One bit per byte: what `test` says of it and the two bytes after it. Without branches in `test`, the
/// first loop becomes vectors of whatever the target has.
#[inline(always)]
fn mask(block: &Block, test: impl Fn(u8, u8, u8) -> bool) -> u64 {
    let mut answers = [0_u8; BLOCK];
    for (at, answer) in answers.iter_mut().enumerate() {
        *answer = u8::from(test(block[at], block[at + 1], block[at + 2]));
    }
    let (words, _) = answers.as_chunks::<8>();
    let packed = words.iter().enumerate().map(|(index, word)| {
        // Moves bit 0 of byte i to bit 56 + i; no two of them meet.
        let bits = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080);
        (bits >> 56) << (8 * index)
    });
    packed.fold(0, |mask, bits| mask | bits)
}

/// Whether `byte` is one from `least` to `most`, without a branch.
#[inline(always)]
fn within(byte: u8, least: u8, most: u8) -> bool {
    byte.wrapping_sub(least) <= most - least
}
