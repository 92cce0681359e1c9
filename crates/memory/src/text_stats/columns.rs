//! Widths of rows, for parts of a file whose first column is not known yet.

use unicode_width::UnicodeWidthChar as _;

/// A tab goes to the next multiple of this.
const TAB_STOP: u64 = 8;

/// The width of a stretch of text without a row's end.
///
/// The column at its end depends on the column at its start, but only up to the first tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Columns before the first tab.
    before_tab: u64,
    /// Columns after the first tab, counted from the tab stop that it led to.
    after_tab: Option<u64>,
}

impl Stretch {
    fn add(&mut self, columns: u64) {
        match &mut self.after_tab {
            Some(after) => *after += columns,
            None => self.before_tab += columns,
        }
    }

    fn tab(&mut self) {
        self.after_tab = Some(self.after_tab.map_or(0, next_stop));
    }

    /// `self` and then `next`.
    fn then(self, next: Self) -> Self {
        match self.after_tab {
            None => Self {
                before_tab: self.before_tab + next.before_tab,
                after_tab: next.after_tab,
            },
            Some(after) => Self {
                before_tab: self.before_tab,
                after_tab: Some(match next.after_tab {
                    None => after + next.before_tab,
                    Some(more) => next_stop(after + next.before_tab) + more,
                }),
            },
        }
    }

    /// The column at the end, from column zero at the start.
    fn columns(self) -> u64 {
        match self.after_tab {
            None => self.before_tab,
            Some(after) => next_stop(self.before_tab) + after,
        }
    }
}

fn next_stop(column: u64) -> u64 {
    (column / TAB_STOP + 1) * TAB_STOP
}

/// The rows of a part of a file: a row ends at a line feed, a carriage return or a form feed.
///
/// A monoid: what is known of two adjacent parts gives exactly what is known of the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rows {
    /// Up to the first end of a row, or all of the part.
    head: Stretch,
    /// After the first end of a row, if there is one.
    rest: Option<Rest>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Rest {
    /// The widest of the rows that begin and end within the part.
    longest: u64,
    /// After the last end of a row.
    tail: Stretch,
}

impl Rows {
    /// Reads `bytes`. O(bytes): by the group where they are printable ASCII, else by the character.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut rows = Self::default();
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => rows.read(text),
            Err(_) => {
                for chunk in bytes.utf8_chunks() {
                    rows.read(chunk.valid()); // invalid bytes have no width
                }
            }
        }
        rows
    }

    fn read(&mut self, mut text: &str) {
        loop {
            let (plain, rest) = text.split_at(printable_prefix(text.as_bytes()));
            self.current().add(plain.len() as u64);
            // A group that is not all printable ASCII: its characters one by one.
            let mut characters = rest.chars();
            while let Some(character) = characters.next() {
                self.character(character);
                if rest.len() - characters.as_str().len() >= GROUP {
                    break;
                }
            }
            text = characters.as_str();
            if text.is_empty() {
                return;
            }
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '\n' | '\r' | '\x0C' => self.end_row(0),
            '\t' => self.current().tab(),
            _ => self.current().add(width(character)),
        }
    }

    fn current(&mut self) -> &mut Stretch {
        self.rest
            .as_mut()
            .map_or(&mut self.head, |rest| &mut rest.tail)
    }

    /// The current row ends here; rows of at most `longest` columns have followed it.
    pub(super) fn end_row(&mut self, longest: u64) {
        *self = self.then(Self {
            head: Stretch::default(),
            rest: Some(Rest {
                longest,
                tail: Stretch::default(),
            }),
        });
    }

    /// `self` and then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        let Some(rest) = self.rest else {
            return Self {
                head: self.head.then(next.head),
                rest: next.rest,
            };
        };
        let joined = rest.tail.then(next.head);
        let rest = match next.rest {
            None => Rest {
                longest: rest.longest,
                tail: joined,
            },
            Some(last) => Rest {
                longest: rest.longest.max(joined.columns()).max(last.longest),
                tail: last.tail,
            },
        };
        Self {
            head: self.head,
            rest: Some(rest),
        }
    }

    /// The widest row, if the part begins at column zero; otherwise the least that it can be.
    pub(super) fn longest(&self) -> u64 {
        let rest = self
            .rest
            .map_or(0, |rest| rest.longest.max(rest.tail.columns()));
        self.head.columns().max(rest)
    }
}

/// Bytes that are looked at together.
const GROUP: usize = 32;

/// How many leading bytes are printable ASCII, in whole groups.
fn printable_prefix(bytes: &[u8]) -> usize {
    let (groups, _) = bytes.as_chunks::<GROUP>();
    let plain = groups.iter().take_while(|group| {
        group
            .iter()
            .fold(true, |all, byte| all & (0x20..0x7F).contains(byte))
    });
    plain.count() * GROUP
}

/// Columns of a character on a terminal, at most two; nothing for what is not printable.
#[inline]
pub(super) fn width(character: char) -> u64 {
    match character {
        ' '..='~' => 1,
        // Latin, Greek and Cyrillic; kana, ideographs and Hangul: the tables would say the same, slower.
        '\u{AE}'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}' => 1,
        '\u{3041}'..='\u{3096}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => 2,
        _ => width_by_tables(character),
    }
}

#[inline(never)]
pub(super) fn width_by_tables(character: char) -> u64 {
    match character.width() {
        None => 0,
        Some(1) => 1,
        Some(2) => 2,
        Some(_) => u64::from(has_one_column_in_glibc(character)),
    }
}

/// Vowel signs and other spacing marks of Indic scripts, the soft hyphen, signs that enclose numbers, one
/// Khmer sign: they move the cursor by one for `wcwidth` of glibc 2.36, though not for `unicode-width`.
///
/// Bengali, Tamil, Kannada and Malayalam use some of them in every other word.
fn has_one_column_in_glibc(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{605}' | '\u{70F}' | '\u{890}'..='\u{891}' | '\u{8E2}' | '\u{9BE}' | '\u{9D7}' | '\u{B3E}' | '\u{B57}' | '\u{BBE}' | '\u{BD7}' | '\u{CC0}' | '\u{CC2}' | '\u{CC7}'..='\u{CC8}' | '\u{CCA}'..='\u{CCB}' | '\u{CD5}'..='\u{CD6}' | '\u{D3E}' | '\u{D4E}' | '\u{D57}' | '\u{DCF}' | '\u{DDF}' | '\u{1715}' | '\u{1734}' | '\u{1B35}' | '\u{1B3B}' | '\u{1B3D}' | '\u{1B43}'..='\u{1B44}' | '\u{1BAA}' | '\u{1BF2}'..='\u{1BF3}' | '\u{A8FA}' | '\u{A953}' | '\u{A9C0}' | '\u{FFA0}' | '\u{111C0}' | '\u{111C2}'..='\u{111C3}' | '\u{11235}' | '\u{1133E}' | '\u{1134D}' | '\u{11357}' | '\u{114B0}' | '\u{114BD}' | '\u{115AF}' | '\u{116B6}' | '\u{11930}' | '\u{1193D}' | '\u{1193F}' | '\u{11941}' | '\u{11A84}'..='\u{11A89}' | '\u{11D46}' | '\u{1D165}'..='\u{1D166}' | '\u{1D16D}'..='\u{1D172}' | '\u{17D8}'
    )
}
