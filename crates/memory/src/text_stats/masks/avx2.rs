//! Masks by the 32-byte vectors of AVX2.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
    _mm256_loadu_si256, _mm256_max_epu8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
};

use super::{Block, Masks, MultibyteMasks};

#[inline]
#[target_feature(enable = "avx2")]
pub(in super::super) fn masks(block: &Block) -> Masks {
    // At the place of its low nibble each space has itself; elsewhere there is what no byte of that nibble equals.
    let spaces = _mm256_setr_epi8(
        0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0, 0, //
        0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0, 0,
    );
    let (low, high) = (load::<0>(block), load::<32>(block));
    let space = |bytes| _mm256_cmpeq_epi8(bytes, _mm256_shuffle_epi8(spaces, bytes));
    Masks {
        newline: mask(equal(low, b'\n'), equal(high, b'\n')),
        space: mask(space(low), space(high)),
        tab: mask(equal(low, b'\t'), equal(high, b'\t')),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(in super::super) fn multibyte_masks(block: &Block) -> MultibyteMasks {
    let (low, high) = (load::<0>(block), load::<32>(block));
    // As signed bytes, continuations are the least.
    let first_lead = _mm256_set1_epi8(-64);
    let continuation = |bytes| _mm256_cmpgt_epi8(first_lead, bytes);
    let (low_2, high_2) = (load::<1>(block), load::<33>(block));
    let of_two = |first, second| _mm256_and_si256(equal(first, 0xC2), equal(second, 0xA0));
    MultibyteMasks {
        continuation: mask(continuation(low), continuation(high)),
        wide: mask(wide(low, low_2), wide(high, high_2)),
        space_of_two: mask(of_two(low, low_2), of_two(high, high_2)),
        space_of_three: mask(
            space_of_three(low, low_2, load::<2>(block)),
            space_of_three(high, high_2, load::<34>(block)),
        ),
    }
}

/// First bytes of what may have two columns, by the bytes at the same places of each vector.
#[inline]
#[target_feature(enable = "avx2")]
fn wide(first: __m256i, second: __m256i) -> __m256i {
    let least = _mm256_set1_epi8(0xE1_u8.cast_signed());
    let from_e1 = _mm256_cmpeq_epi8(first, _mm256_max_epu8(first, least));
    let second_80_81 = equal(_mm256_and_si256(second, _mm256_set1_epi8(!1)), 0x80);
    let punctuation = _mm256_and_si256(equal(first, 0xE2), second_80_81);
    _mm256_andnot_si256(punctuation, from_e1)
}

/// First bytes of spaces, by the bytes at the same places of each vector.
#[inline]
#[target_feature(enable = "avx2")]
fn space_of_three(first: __m256i, second: __m256i, third: __m256i) -> __m256i {
    let second_80 = equal(second, 0x80);
    let last = _mm256_set1_epi8(0x8A_u8.cast_signed());
    let to_8a = _mm256_cmpeq_epi8(third, _mm256_min_epu8(third, last));
    let to_8a = _mm256_and_si256(to_8a, _mm256_cmpgt_epi8(_mm256_setzero_si256(), third));
    let a8_a9 = equal(_mm256_and_si256(third, _mm256_set1_epi8(!1)), 0xA8);
    let after_80 = _mm256_or_si256(_mm256_or_si256(to_8a, a8_a9), equal(third, 0xAF));
    let after_81 = _mm256_or_si256(equal(third, 0x9F), equal(third, 0xA0));
    let e2 = _mm256_or_si256(
        _mm256_and_si256(second_80, after_80),
        _mm256_and_si256(equal(second, 0x81), after_81),
    );
    let e1 = _mm256_and_si256(equal(first, 0xE1), equal(second, 0x9A));
    let e3 = _mm256_and_si256(equal(first, 0xE3), second_80);
    _mm256_or_si256(
        _mm256_and_si256(equal(first, 0xE2), e2),
        _mm256_and_si256(_mm256_or_si256(e1, e3), equal(third, 0x80)),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal(bytes: __m256i, byte: u8) -> __m256i {
    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
}

/// The highest bits of all bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn mask(low: __m256i, high: __m256i) -> u64 {
    let low = _mm256_movemask_epi8(low).cast_unsigned();
    let high = _mm256_movemask_epi8(high).cast_unsigned();
    u64::from(low) | (u64::from(high) << 32)
}

#[inline]
#[target_feature(enable = "avx2")]
fn load<const AT: usize>(block: &Block) -> __m256i {
    const { assert!(AT + 32 <= size_of::<Block>()) };
    let bytes = block[AT..AT + 32].as_ptr();
    // SAFETY: the 32 bytes of the slice are readable, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(bytes.cast()) }
}
