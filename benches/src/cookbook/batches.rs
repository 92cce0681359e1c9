//! A fixed price per call, paid for each item or for many at once. Here the call is a `write` to a
//! file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};

use tuneup_benchmarking::harness::Suite;

use crate::corpus;

/// Writes each line to the file: two system calls a line, one for the text and one for its end.
///
/// # Errors
/// When the writer fails.
// ANCHOR: slow
pub fn write_each(mut out: impl Write, lines: &[String]) -> io::Result<()> {
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
// ANCHOR_END: slow

/// The same through a buffer: a system call every 8 KiB.
///
/// # Errors
/// When the writer fails.
// ANCHOR: fast
pub fn write_buffered(out: impl Write, lines: &[String]) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    // Dropping the buffer would write the rest as well, and lose the error.
    out.flush()
}
// ANCHOR_END: fast

/// Everything in memory, one system call.
///
/// # Errors
/// When the writer fails.
// ANCHOR: once
pub fn write_once(mut out: impl Write, lines: &[String]) -> io::Result<()> {
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    out.write_all(text.as_bytes())
}
// ANCHOR_END: once

/// Lines, and the file they go to.
pub struct Output {
    /// The lines.
    pub lines: Vec<String>,
    /// Open for writing; already without a name.
    pub file: File,
}

/// `n` lines of 32 bytes and a file in the scratch directory.
///
/// # Panics
/// When the file cannot be made.
pub fn input(n: usize) -> Output {
    let mut random = fastrand::Rng::with_seed(18);
    let lines = (0..n)
        .map(|_| (0..32).map(|_| random.alphanumeric()).collect())
        .collect();
    let path = corpus::scratch_directory().join(format!("batches-{}-{n}.txt", std::process::id()));
    let file = File::create(&path)
        .unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
    // Where the system allows it, the file has no name any more and goes when it is closed.
    if cfg!(unix) {
        fs::remove_file(&path)
            .unwrap_or_else(|error| panic!("cannot remove {}: {error}", path.display()));
    }
    Output { lines, file }
}

/// Writes from the start of the file and says where that ended.
fn written(output: &Output, write: impl Fn(&File, &[String]) -> io::Result<()>) -> u64 {
    let mut file = &output.file;
    file.rewind()
        .and_then(|()| write(file, &output.lines))
        .and_then(|()| file.stream_position())
        .expect("the scratch file can be written")
}

/// Registers the three ways into a file. No fit over sizes: what counts is the price of a call,
/// which has nothing to do with n.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/batches")
        .about("n lines written to a file")
        .size(512)
        .elements(|n| n as u64)
        .input(input)
        .case("write each", |output: &Output| {
            written(output, |file, lines| write_each(file, lines))
        })
        .case("buffered", |output: &Output| {
            written(output, |file, lines| write_buffered(file, lines))
        })
        .case("once", |output: &Output| {
            written(output, |file, lines| write_once(file, lines))
        })
        .finish();
}
