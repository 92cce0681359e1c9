//! Counting lines, words and characters of a file.

use std::{fs::File, io::Read, path::PathBuf};

use tuneup_benchmarking::harness::Suite;
use tuneup_memory::{FileScanner, TextStats, text_stats};

use crate::corpus;

/// Enough that two threads are worth it.
const BYTES: usize = 64 << 20;

pub(super) fn register(suite: &mut Suite) {
    let counts = suite
        .group("memory/text_stats")
        .about("lines, words, characters, bytes and the longest line of a file of 64 MiB in the page cache")
        .size(BYTES)
        .bytes(|n| n as u64)
        .input(text_file)
        .case("tuneup, one thread", |path: &PathBuf| counted(path, 1))
        .case("tuneup", |path| counted(path, 0));
    #[cfg(all(feature = "peers", unix))]
    let counts = peers::wc(counts);
    counts.finish();
    suite
        .group("memory/text_sum")
        .about(
            "the least that looking at each byte of the same file costs: their sum, by two threads",
        )
        .size(BYTES)
        .bytes(|n| n as u64)
        .input(text_file)
        .case("text_stats", |path: &PathBuf| {
            counted(path, 0);
        })
        .at_most(4.0, "two threads add up")
        .case("two threads add up", |path| {
            std::hint::black_box(summed(path, 2));
        })
        .finish();
    suite
        .group("memory/scan")
        .about("find a word in a file of 64 MiB")
        .size(BYTES)
        .bytes(|n| n as u64)
        .input(text_file)
        .case("FileScanner", |path: &PathBuf| {
            let scanner = FileScanner::open(path).expect("the file is there");
            scanner.count("unsafe").expect("nobody writes to it")
        })
        .case("the whole file in memory", |path| {
            let text = std::fs::read(path).expect("the file is there");
            memchr::memmem::find_iter(&text, "unsafe").count() as u64
        })
        .finish();
}

/// Real text, as often as it takes.
fn text_file(bytes: usize) -> PathBuf {
    let corpus = corpus::shared_or_exit();
    let mut text = corpus.text().repeat(bytes / corpus.text().len() + 1);
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    corpus::scratch_file(&text)
}

/// What all of them say: lines, words and characters.
type Counts = (u64, u64, u64);

fn counted(path: &PathBuf, threads: usize) -> Counts {
    let stats = match threads {
        0 => text_stats(path),
        threads => {
            let counter = TextStats::builder().threads(threads).build();
            counter.and_then(|mut counter| counter.count_file(path))
        }
    };
    let stats = stats.expect("nobody writes to the file");
    (stats.lines, stats.words, stats.characters)
}

/// The sum of all bytes, each thread reading its part into a small buffer.
fn summed(path: &PathBuf, threads: u64) -> u64 {
    let length = path.metadata().expect("the file is there").len();
    let part = length.div_ceil(threads);
    let sum = |number: u64| {
        let mut file = File::open(path).expect("the file is there");
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(number * part))
            .expect("a file can be positioned");
        let mut rest = file.take(part);
        let mut buffer = vec![0; 64 << 10];
        let mut sum = 0;
        loop {
            let len = rest.read(&mut buffer).expect("nobody writes to the file");
            if len == 0 {
                return sum;
            }
            sum += buffer[..len]
                .iter()
                .map(|byte| u64::from(*byte))
                .sum::<u64>();
        }
    };
    std::thread::scope(|scope| {
        let threads = (0..threads).map(|number| scope.spawn(move || sum(number)));
        let threads = threads.collect::<Vec<_>>();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it reads"))
            .sum()
    })
}

#[cfg(all(feature = "peers", unix))]
mod peers {
    use std::process::Command;

    use tuneup_benchmarking::harness::Cases;

    use super::*;

    /// The program of the machine, if that is GNU's and there is a locale of UTF-8: a process for each count, which matters little
    /// beside 64 MiB.
    pub(super) fn wc(cases: Cases<'_, PathBuf, Counts>) -> Cases<'_, PathBuf, Counts> {
        if run(&PathBuf::from("/dev/null")) != Some((0, 0, 0)) {
            return cases;
        }
        cases
            .at_most(1.0 / 24.0, "GNU wc")
            .peer("GNU wc", |path| run(path).expect("it ran before"))
    }

    fn run(path: &PathBuf) -> Option<Counts> {
        let wc = Command::new("wc")
            .arg("-lwm")
            .arg(path)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .ok()?;
        let output = String::from_utf8(wc.stdout).ok()?;
        let mut numbers = output
            .split_whitespace()
            .map_while(|number| number.parse().ok());
        Some((numbers.next()?, numbers.next()?, numbers.next()?))
    }
}
