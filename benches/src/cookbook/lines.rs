//! How many lines has a large file, and how long is the longest? On real text, in a file on disk
//! that the page cache holds.
//!
//! A line ends with `\n` or `\r\n`, neither of which counts towards its length; what follows the
//! last end is a line unless it is empty. That is what [`BufRead::lines`] says.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use tuneup_benchmarking::harness::Suite;

use crate::corpus;

/// How much [`blocks`] reads at a time: 64 KiB.
const BLOCK_BYTES: usize = 64 << 10;

/// What the file was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineStats {
    /// How many lines there are.
    pub lines: u64,
    /// The length of the longest in bytes.
    pub longest: usize,
}

impl LineStats {
    fn add(&mut self, length: usize) {
        self.lines += 1;
        self.longest = self.longest.max(length);
    }
}

/// The whole file in memory, and a vector of its lines.
///
/// # Errors
/// When the file cannot be read or is not UTF-8.
// ANCHOR: whole
pub fn whole_file(path: &Path) -> io::Result<LineStats> {
    let text = fs::read_to_string(path)?;
    let lines: Vec<&str> = text.lines().collect();
    let longest = lines.iter().map(|line| line.len()).max().unwrap_or(0);
    Ok(LineStats {
        lines: lines.len() as u64,
        longest,
    })
}
// ANCHOR_END: whole

/// A new `String` for each line, checked for UTF-8.
///
/// # Errors
/// When the file cannot be read or is not UTF-8.
// ANCHOR: slow
pub fn lines(path: &Path) -> io::Result<LineStats> {
    let mut stats = LineStats::default();
    for line in BufReader::new(File::open(path)?).lines() {
        stats.add(line?.len());
    }
    Ok(stats)
}
// ANCHOR_END: slow

/// One buffer for all lines, and bytes instead of text.
///
/// # Errors
/// When the file cannot be read.
// ANCHOR: read_until
pub fn read_until(path: &Path) -> io::Result<LineStats> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut stats = LineStats::default();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        stats.add(content(&line).len());
        line.clear();
    }
    Ok(stats)
}

/// The line without its end.
fn content(line: &[u8]) -> &[u8] {
    let Some(content) = line.strip_suffix(b"\n") else {
        return line;
    };
    content.strip_suffix(b"\r").unwrap_or(content)
}
// ANCHOR_END: read_until

/// Large blocks, in which memchr finds the ends; only a line that crosses from one block to the
/// next needs care.
///
/// # Errors
/// When the file cannot be read.
// ANCHOR: fast
pub fn blocks(path: &Path) -> io::Result<LineStats> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK_BYTES];
    let mut stats = LineStats::default();
    // The unfinished line: its length in earlier blocks, and whether they end with `\r`.
    let (mut before, mut before_ends_with_cr) = (0, false);
    loop {
        let length = file.read(&mut block)?;
        let block = &block[..length];
        if block.is_empty() {
            break;
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', block) {
            let ends_with_cr = if end > start {
                block[end - 1] == b'\r'
            } else {
                before_ends_with_cr
            };
            stats.add(before + end - start - usize::from(ends_with_cr));
            (start, before, before_ends_with_cr) = (end + 1, 0, false);
        }
        if start < block.len() {
            before += block.len() - start;
            before_ends_with_cr = block.ends_with(b"\r");
        }
    }
    if before > 0 {
        stats.add(before);
    }
    Ok(stats)
}
// ANCHOR_END: fast

/// The file as a slice: no copy out of the page cache, and a page fault for every few pages
/// instead.
///
/// # Errors
/// When the file cannot be mapped.
///
/// # Safety
/// Until it returns, no process may write to the file or shorten it. Bytes that are written change
/// under a `&[u8]`, which is undefined behaviour; a page beyond the new end kills the program with
/// SIGBUS.
// ANCHOR: mapped
pub unsafe fn mapped(path: &Path) -> io::Result<LineStats> {
    let file = File::open(path)?;
    // SAFETY: the caller promises that nobody writes to the file or shortens it meanwhile.
    let bytes = unsafe { Mmap::map(&file)? };
    let mut stats = LineStats::default();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', &bytes) {
        stats.add(content(&bytes[start..=end]).len());
        start = end + 1;
    }
    if start < bytes.len() {
        stats.add(bytes.len() - start);
    }
    Ok(stats)
}
// ANCHOR_END: mapped

/// A file with `bytes` of the corpus.
pub fn input(bytes: usize) -> PathBuf {
    corpus::scratch_file(&corpus::shared_or_exit().excerpt(bytes))
}

/// Registers the five ways on a large and on a small file; the size is in bytes. No fit over sizes:
/// the steps between the caches would bend any curve.
pub fn register(suite: &mut Suite) {
    register_at(suite, "cookbook/lines", 1 << 20);
    register_at(suite, "cookbook/lines-small", 4 << 10);
}

fn register_at(suite: &mut Suite, name: &str, bytes: usize) {
    // Nothing to do about a file that vanishes under a benchmark.
    let read = |stats: io::Result<LineStats>| stats.expect("the scratch file can be read");
    suite
        .group(name)
        .about("the number of lines and the longest one in a file of n bytes of real text")
        .size(bytes)
        .bytes(|n| n as u64)
        .input(input)
        .case("lines()", move |path: &PathBuf| read(lines(path)))
        .case("whole file", move |path: &PathBuf| read(whole_file(path)))
        .case("read_until", move |path: &PathBuf| read(read_until(path)))
        .case("blocks", move |path: &PathBuf| read(blocks(path)))
        .case("mapped", move |path: &PathBuf| {
            // SAFETY: the file is a scratch file of this cookbook. It is written aside and renamed,
            // so never written under this name; it is only ever removed, which leaves a mapping
            // alone; and the directory is the user's own.
            read(unsafe { mapped(path) })
        })
        .finish();
}
