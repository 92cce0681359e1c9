//! One bit per byte: which of 64 bytes are of a kind.

#[cfg(target_arch = "x86_64")]
pub(super) mod avx2;
pub(super) mod portable;

/// Bytes of a block; bit `i` of a mask is byte `i`.
pub(super) const BLOCK: usize = 64;

/// A block and two bytes after it, which tell about a character that begins in it.
pub(super) type Block = [u8; BLOCK + 2];

/// What is asked of a block without bytes above 0x7F.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Masks {
    /// U+000A.
    pub(super) newline: u64,
    /// U+0009 to U+000D and U+0020.
    pub(super) space: u64,
    /// U+0009.
    pub(super) tab: u64,
}

/// What is asked of a block with bytes above 0x7F, beside the other masks.
///
/// The spaces are those of `iswspace` of glibc, and the no-break spaces of `wc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MultibyteMasks {
    /// Second and later bytes of a sequence.
    pub(super) continuation: u64,
    /// Bytes of 0xE1 and above, but not those that begin U+2000 to U+207F, which is dashes and quotation marks:
    /// only such begin a character of two columns.
    pub(super) wide: u64,
    /// First bytes of U+00A0.
    pub(super) space_of_two: u64,
    /// First bytes of U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+2060 and U+3000.
    pub(super) space_of_three: u64,
}

/// Whether the first character separates words.
pub(super) fn begins_with_space(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'\t'..=b'\r' | b' ', ..]
            | [0xC2, 0xA0, ..]
            | [0xE1, 0x9A, 0x80, ..]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..]
            | [0xE2, 0x81, 0x9F | 0xA0, ..]
            | [0xE3, 0x80, 0x80, ..]
    )
}
