//! One pass over a chunk: 64 bytes at a time, by their masks.

use super::{
    columns::Rows,
    masks::{self, BLOCK, Block, Masks, MultibyteMasks},
    sequences,
    tally::Tally,
};

/// What is checked for valid UTF-8 at once: small enough that one invalid byte slows little down.
const VALIDATED: usize = 16 * 1024;
/// Blocks that are counted as ASCII or not together.
const GROUP: usize = 4 * BLOCK;
/// A group and what its last block tells about.
const GROUP_AND_MORE: usize = GROUP - BLOCK + size_of::<Block>();

/// Counts `bytes`, which begin and end between characters.
///
/// `floor` columns are known to be in some row of the same text: rows that cannot be wider are not measured.
pub(super) fn tally(bytes: &[u8], floor: u64) -> Tally {
    if bytes.is_empty() {
        return Tally::default();
    }
    finish(bytes, pass(bytes, floor))
}

fn finish(bytes: &[u8], pass: Pass) -> Tally {
    let is_valid = !pass.has_multibyte || simdutf8::basic::from_utf8(bytes).is_ok();
    let characters = if is_valid {
        bytes.len() as u64 - pass.continuations
    } else {
        characters(bytes)
    };
    Tally {
        lines: pass.lines,
        words: pass.words,
        characters,
        bytes: bytes.len() as u64,
        begins_in_word: !masks::begins_with_space(bytes),
        ends_in_word: pass.ends_in_word,
        rows: rows(bytes, pass.longest),
    }
}

/// Characters of `bytes`, which are no valid UTF-8 somewhere; the parts that are valid are counted fast.
fn characters(mut bytes: &[u8]) -> u64 {
    let mut count = 0;
    while !bytes.is_empty() {
        let most = bytes.len().min(VALIDATED);
        // A sequence that is cut off by the end of all has nothing after it to be counted with.
        let end = if most == bytes.len() {
            most
        } else {
            sequences::cut(&bytes[..most])
        };
        let (part, rest) = bytes.split_at(end);
        count += match simdutf8::basic::from_utf8(part) {
            Ok(text) => text.chars().count() as u64,
            Err(_) => sequences::characters(part),
        };
        bytes = rest;
    }
    count
}

/// What one pass finds.
struct Pass {
    lines: u64,
    words: u64,
    /// Second and later bytes of sequences.
    continuations: u64,
    has_multibyte: bool,
    ends_in_word: bool,
    /// The widest of all rows that end at a line feed, or the floor.
    longest: u64,
}

fn pass(bytes: &[u8], floor: u64) -> Pass {
    #[cfg(target_arch = "x86_64")]
    {
        let detected = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        if detected {
            // SAFETY: the processor has the features that the function is compiled for.
            return unsafe { pass_avx2(bytes, floor) };
        }
    }
    pass_portable(bytes, floor)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,lzcnt,popcnt")]
fn pass_avx2(bytes: &[u8], floor: u64) -> Pass {
    pass_with(
        bytes,
        floor,
        |block| masks::avx2::masks(block),
        |block| masks::avx2::multibyte_masks(block),
    )
}

fn pass_portable(bytes: &[u8], floor: u64) -> Pass {
    pass_with(
        bytes,
        floor,
        masks::portable::masks,
        masks::portable::multibyte_masks,
    )
}

/// Inlined into its callers, so that it is compiled for the features of each.
#[inline(always)]
fn pass_with(
    bytes: &[u8],
    floor: u64,
    masks: impl Fn(&Block) -> Masks,
    multibyte_masks: impl Fn(&Block) -> MultibyteMasks,
) -> Pass {
    let mut walk = Walk {
        space_before: 1,
        longest: floor,
        ..Walk::default()
    };
    let mut at = 0;
    // One decision for several blocks is easier to predict in mixed text than one for each.
    while let Some(group) = bytes[at..].first_chunk::<GROUP_AND_MORE>() {
        let is_ascii = group[..GROUP].iter().fold(0, |all, byte| all | byte) < 0x80;
        if is_ascii {
            for index in 0..GROUP / BLOCK {
                walk.ascii(bytes, at + index * BLOCK, masks(block(group, index)));
            }
        } else {
            for index in 0..GROUP / BLOCK {
                let block = block(group, index);
                walk.multibyte(
                    bytes,
                    at + index * BLOCK,
                    masks(block),
                    multibyte_masks(block),
                );
            }
        }
        walk.has_multibyte |= !is_ascii;
        at += GROUP;
    }
    // The rest, and after it spaces, which begin no word and end no line.
    let mut last = [b' '; GROUP_AND_MORE + BLOCK];
    let rest = bytes.len() - at;
    last[..rest].copy_from_slice(&bytes[at..]);
    walk.has_multibyte |= !bytes[at..].is_ascii();
    let mut space = 0;
    for begin in (0..rest).step_by(BLOCK) {
        if let Some(block) = last[begin..].first_chunk() {
            space = walk.multibyte(bytes, at + begin, masks(block), multibyte_masks(block));
        }
    }
    Pass {
        lines: walk.lines,
        words: walk.words,
        continuations: walk.continuations,
        has_multibyte: walk.has_multibyte,
        ends_in_word: space >> ((rest - 1) % BLOCK) & 1 == 0,
        longest: walk.longest,
    }
}

/// A block of a group.
#[inline(always)]
fn block(group: &[u8; GROUP_AND_MORE], index: usize) -> &Block {
    // Known to be there when the loop over the four is unrolled, and then not asked.
    group[index * BLOCK..]
        .first_chunk()
        .expect("a group has four blocks")
}

/// The state between two blocks: small, and never borrowed by a function that is not inlined, so that it
/// stays in registers.
#[derive(Default)]
struct Walk {
    lines: u64,
    words: u64,
    continuations: u64,
    has_multibyte: bool,
    /// 1 at the beginning and after a space, 0 within a word.
    space_before: u64,
    /// The bytes of the next block that belong to a space of this one.
    space_overlap: u64,
    /// Where the current row begins.
    row_start: usize,
    /// The most columns that the current row can have so far.
    row_columns: u64,
    /// The widest row that is known.
    longest: u64,
}

impl Walk {
    #[inline(always)]
    fn ascii(&mut self, bytes: &[u8], at: usize, masks: Masks) {
        self.words(masks.space | self.space_overlap);
        self.space_overlap = 0;
        let columns = ColumnBounds {
            first: !0,
            wide: 0,
            tab: masks.tab,
        };
        self.rows(bytes, at, masks.newline, columns);
    }

    /// Gives the bytes that are spaces or belong to one.
    #[inline(always)]
    fn multibyte(
        &mut self,
        bytes: &[u8],
        at: usize,
        masks: Masks,
        multibyte: MultibyteMasks,
    ) -> u64 {
        self.continuations += u64::from(multibyte.continuation.count_ones());
        let (two, three) = (multibyte.space_of_two, multibyte.space_of_three);
        let space =
            masks.space | self.space_overlap | two | two << 1 | three | three << 1 | three << 2;
        self.space_overlap = two >> 63 | three >> 63 | three >> 62;
        self.words(space);
        let columns = ColumnBounds {
            first: !multibyte.continuation,
            wide: multibyte.wide,
            tab: masks.tab,
        };
        self.rows(bytes, at, masks.newline, columns);
        space
    }

    #[inline(always)]
    fn words(&mut self, space: u64) {
        let starts = !space & (space << 1 | self.space_before);
        self.words += u64::from(starts.count_ones());
        self.space_before = space >> (BLOCK - 1);
    }

    /// Finds the widest row without measuring all: most can be seen to be narrower than the widest known.
    ///
    /// The first row began before the chunk; here it is as if it began with it, and so not too wide.
    #[inline(always)]
    fn rows(&mut self, bytes: &[u8], at: usize, newline: u64, columns: ColumnBounds) {
        self.lines += u64::from(newline.count_ones());
        // The bits below the lowest: all of them where there is no line feed.
        let first = newline & newline.wrapping_neg();
        let width = self.row_columns + columns.of(first.wrapping_sub(1));
        if width > self.longest && newline != 0 {
            let end = at + first.trailing_zeros() as usize;
            self.longest = self.longest.max(measure(&bytes[self.row_start..end]));
        }
        // The rows within the block, only where one of them can be wider than all before.
        if columns.of(!0) > self.longest && newline != first {
            self.longest = measure_within(bytes, at, newline, columns, self.longest);
        }
        // No branch: whether 64 bytes hold a line feed is hard to predict.
        let after_last = BLOCK as u32 - newline.leading_zeros();
        let after = u64::MAX.checked_shl(after_last).unwrap_or(0);
        let (start, before) = if newline == 0 {
            (self.row_start, self.row_columns)
        } else {
            (at + after_last as usize, 0)
        };
        self.row_start = start;
        self.row_columns = before + columns.of(after);
    }
}

/// What the bytes of a block can add to the width of a row, by the masks of its bytes.
#[derive(Clone, Copy)]
struct ColumnBounds {
    /// First bytes of characters: a column.
    first: u64,
    /// First bytes of what may be a wide character: a second column.
    wide: u64,
    /// Tabs: seven more columns.
    tab: u64,
}

impl ColumnBounds {
    /// The most columns of the bytes in `bits`.
    #[inline(always)]
    fn of(self, bits: u64) -> u64 {
        let narrow = (self.first & bits).count_ones();
        let wide = (self.wide & bits).count_ones();
        u64::from(narrow + wide + 7 * (self.tab & bits).count_ones())
    }
}

/// The columns of one row.
#[cold]
fn measure(row: &[u8]) -> u64 {
    Rows::of(row).longest()
}

/// The widest of the rows between the line feeds of a block, or `longest`.
#[cold]
fn measure_within(
    bytes: &[u8],
    at: usize,
    newline: u64,
    columns: ColumnBounds,
    mut longest: u64,
) -> u64 {
    let mut begin = newline & newline.wrapping_neg();
    let mut rest = newline ^ begin;
    while rest != 0 {
        let end = rest & rest.wrapping_neg();
        if columns.of((end - 1) & !(begin | (begin - 1))) > longest {
            let row = at + begin.trailing_zeros() as usize + 1..at + end.trailing_zeros() as usize;
            longest = longest.max(measure(&bytes[row]));
        }
        begin = end;
        rest ^= end;
    }
    longest
}

/// The rows of a chunk, of which the widest that ends at a line feed is known.
fn rows(bytes: &[u8], longest: u64) -> Rows {
    let (Some(first), Some(last)) = (memchr::memchr(b'\n', bytes), memchr::memrchr(b'\n', bytes))
    else {
        return Rows::of(bytes);
    };
    let mut rows = Rows::of(&bytes[..first]);
    rows.end_row(longest);
    rows.then(Rows::of(&bytes[last + 1..]))
}

/// As [`tally`], by the code for processors without vectors that are known.
#[cfg(test)]
pub(super) fn portable_tally(bytes: &[u8]) -> Tally {
    finish(bytes, pass_portable(bytes, 0))
}
