//! Lines, words, characters, bytes and the longest line of a text, as `wc` counts them.

mod blocks;
mod columns;
mod counter;
mod masks;
mod parallel;
mod sequences;
mod tally;

use std::{io::Read, path::Path};

use crate::Error;

pub use counter::{Progress, TextCounter, TextCounterBuilder};

/// What `wc` tells of a text, in a UTF-8 locale.
///
/// The counts are those of GNU `wc` 9.5 and later with `LC_ALL=C.utf8`, without `POSIXLY_CORRECT`; from
/// reading its `src/wc.c` and from experiments with every code point and with random bytes.
///
/// | text | counts |
/// |---|---|
/// | U+0009 to U+000D, U+0020 | separate words |
/// | U+1680, U+2000 to U+200A, U+2028, U+2029, U+205F, U+3000 | separate words, as `iswspace` of glibc says |
/// | U+00A0, U+2007, U+202F, U+2060 | separate words too, though they forbid a line break |
/// | everything else, control characters (U+0085 too) and invalid bytes included | belongs to a word |
/// | a byte that is no part of valid UTF-8 | a byte, no character, and no column |
/// | a sequence of UTF-8 as in RFC 2279, beyond U+10FFFF and of up to six bytes | a character, as for glibc |
/// | a last line without a line feed | no line, but its words and columns count |
///
/// Before 9.5, `wc` did not see a word where there were only control characters, unassigned code points or
/// invalid bytes, and did not separate words at U+2028 and U+2029. Which code points are unassigned changes
/// with the version of the C library, so that its answers did too; those of today's rule do not. The two
/// agree on all texts in which each word has a printable character, and U+2028 and U+2029 do not occur.
///
/// ```
/// use tuneup_memory::TextStats;
///
/// let stats = TextStats::of("naïve café\n\t日本\n".as_bytes());
/// assert_eq!((stats.lines, stats.words, stats.characters, stats.bytes), (2, 3, 15, 21));
/// assert_eq!(stats.longest_line, 12); // a tab to column 8, then two characters of two columns
/// ```
#[doc(alias = "wc")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextStats {
    /// Line feeds: `wc -l`.
    pub lines: u64,
    /// Longest runs of characters and bytes that do not separate words: `wc -w`.
    pub words: u64,
    /// Characters: `wc -m`.
    #[doc(alias = "chars")]
    pub characters: u64,
    /// Bytes: `wc -c`.
    pub bytes: u64,
    /// Columns of the longest line on a terminal: `wc -L`.
    ///
    /// A carriage return and a form feed go back to column zero, a tab goes to the next multiple of 8, other
    /// control characters and invalid bytes take no column. The width of a character beyond ASCII is that of
    /// the crate [`unicode-width`](https://docs.rs/unicode-width), but for the spacing marks of Indic scripts
    /// and a few signs, which have one column as for `wcwidth` of glibc. What still differs from glibc 2.36:
    /// code points that it does not know yet, symbols that Unicode 16 has made wide, a few fillers, tone marks
    /// and format characters.
    #[doc(alias = "max_line_length")]
    pub longest_line: u64,
}

impl TextStats {
    /// Counts bytes in memory, on the calling thread; allocates nothing. O(bytes).
    ///
    /// ```
    /// let stats = tuneup_memory::TextStats::of(b"one two\nthree");
    /// assert_eq!((stats.lines, stats.words, stats.longest_line), (1, 3, 7));
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        counter::count_bytes(bytes).stats()
    }

    /// The options of a count: threads, buffer and progress.
    ///
    /// ```
    /// let mut counter = tuneup_memory::TextStats::builder().threads(1).chunk_bytes(4096).build()?;
    /// assert_eq!(counter.count_reader(&b"one two\n"[..])?.words, 2);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn builder<'p>() -> TextCounterBuilder<'p> {
        TextCounterBuilder::default()
    }
}

/// Counts a file as `wc` does, streaming and on all processors.
///
/// Each thread reads with positioned reads into 64 KiB of its own; memory does not grow with the file or
/// its lines. The file is read up to the length that it had when it was opened. What has no length, such as
/// a pipe or a file of `/proc`, is read to its end on the calling thread. For other options, see
/// [`TextStats::builder`].
///
/// O(bytes). A pass over 64 bytes at a time, by AVX2 where the processor has it, costs less than adding up
/// all bytes does where they are ASCII, and about twice as much elsewhere; most of the time goes into copying
/// from the page cache. The longest line costs little, since lines that cannot be the longest are not measured; a
/// file that is one line of multibyte characters is measured character by character. Invalid bytes cost more,
/// within 16 KiB of them.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("poem.txt");
/// std::fs::write(&path, "Über allen Gipfeln\nist Ruh\n")?;
/// let stats = tuneup_memory::text_stats(&path)?;
/// assert_eq!((stats.lines, stats.words, stats.characters, stats.bytes), (2, 5, 27, 28));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Open`] and [`Error::Read`] with the system's reason; [`Error::Shrunk`] if the file became shorter
/// meanwhile.
#[doc(alias = "wc")]
pub fn text_stats(path: impl AsRef<Path>) -> Result<TextStats, Error> {
    TextStats::builder().build()?.count_file(path)
}

/// Counts what a reader gives as `wc` does, on the calling thread and with 64 KiB of memory.
///
/// ```
/// let stats = tuneup_memory::text_stats_of(&b"one two\n"[..])?;
/// assert_eq!((stats.lines, stats.words), (1, 2));
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Input`] with the failure of the reader.
pub fn text_stats_of(reader: impl Read) -> Result<TextStats, Error> {
    TextStats::builder().build()?.count_reader(reader)
}

#[cfg(test)]
mod tests;
