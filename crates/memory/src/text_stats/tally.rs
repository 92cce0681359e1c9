//! What is known of a part of a file, and how two adjacent parts become one.

use super::{TextStats, columns::Rows};

/// The counts of a part of a file, with what its edges need.
///
/// A monoid. The part must begin and end between characters; [`cut`](super::sequences::cut) and
/// [`leading_continuations`](super::sequences::leading_continuations) find such places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) words: u64,
    pub(super) characters: u64,
    pub(super) bytes: u64,
    /// Whether the first character belongs to a word.
    pub(super) begins_in_word: bool,
    /// Whether the last character belongs to a word.
    pub(super) ends_in_word: bool,
    pub(super) rows: Rows,
}

impl Tally {
    /// `self` and then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        if self.bytes == 0 {
            return next;
        }
        if next.bytes == 0 {
            return self;
        }
        let same_word = self.ends_in_word && next.begins_in_word;
        Self {
            lines: self.lines + next.lines,
            words: self.words + next.words - u64::from(same_word),
            characters: self.characters + next.characters,
            bytes: self.bytes + next.bytes,
            begins_in_word: self.begins_in_word,
            ends_in_word: next.ends_in_word,
            rows: self.rows.then(next.rows),
        }
    }

    pub(super) fn stats(&self) -> TextStats {
        TextStats {
            lines: self.lines,
            words: self.words,
            characters: self.characters,
            bytes: self.bytes,
            longest_line: self.rows.longest(),
        }
    }
}
