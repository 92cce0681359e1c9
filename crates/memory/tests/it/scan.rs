//! The verbs of both scanners against the same on a slice, with edges of chunks everywhere.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;
use tuneup_memory::{Chunks, Error, FileScanner, Lines};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// Few different pieces, so that lines, patterns and edges meet often; many edges lie within characters.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces: &[&str] = &[
        "\n",
        "\n\n",
        "a",
        "ab",
        "aa",
        "é",
        "日本",
        "😀",
        "\r\n",
        "a longer piece",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..60)
        .prop_map(|pieces| pieces.concat().into_bytes())
}

fn pattern() -> impl Strategy<Value = Vec<u8>> {
    let patterns: &[&str] = &[
        "a",
        "aa",
        "aaa",
        "ab",
        "\n",
        "\na",
        "日本",
        "本日",
        "😀é",
        "a longer piece",
        "piecea",
    ];
    prop::sample::select(patterns).prop_map(|pattern| pattern.as_bytes().to_vec())
}

type Found = Vec<(u64, Vec<u8>)>;

fn lines_of(text: &[u8]) -> Found {
    let mut offset = 0;
    let lines = text.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let begin = offset;
        offset += line.len() as u64;
        (begin, line.strip_suffix(b"\n").unwrap_or(line).to_vec())
    });
    lines.collect()
}

fn read_lines(mut lines: Lines<'_>) -> Result<Found, Error> {
    let mut read = Vec::new();
    while let Some(line) = lines.next_line()? {
        let line = line.to_vec();
        read.push((lines.offset_bytes(), line));
    }
    assert_eq!(lines.next_line()?, None, "after the end");
    Ok(read)
}

fn read_chunks(mut chunks: Chunks<'_>) -> Result<Found, Error> {
    let mut read = Vec::new();
    while let Some(chunk) = chunks.next_chunk()? {
        let chunk = chunk.to_vec();
        read.push((chunks.offset_bytes(), chunk));
    }
    Ok(read)
}

/// Where `pattern` begins; matches do not overlap.
fn places_of(text: &[u8], pattern: &[u8]) -> Vec<u64> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(pattern) {
            places.push(at as u64);
            at += pattern.len();
        } else {
            at += 1;
        }
    }
    places
}

/// The same for both types, which have the same methods and no trait.
macro_rules! check_verbs {
    ($scanner:expr, $text:expr, $pattern:expr, $parts:expr) => {{
        let (scanner, text, pattern) = ($scanner, $text, $pattern);
        prop_assert_eq!(read_lines(scanner.lines()).unwrap(), lines_of(text));
        let chunks = read_chunks(scanner.chunks()).unwrap();
        let mut end = 0;
        for (offset, chunk) in &chunks {
            prop_assert_eq!(*offset, end);
            prop_assert!(!chunk.is_empty());
            prop_assert_eq!(chunk, &text[end as usize..][..chunk.len()]);
            end += chunk.len() as u64;
        }
        prop_assert_eq!(end, text.len() as u64);
        let places: Result<Vec<u64>, Error> = scanner.find_all(pattern).unwrap().collect();
        prop_assert_eq!(places.unwrap(), places_of(text, pattern));
        prop_assert_eq!(
            scanner.count(pattern).unwrap(),
            places_of(text, pattern).len() as u64
        );

        let parts = scanner.par_ranges($parts).unwrap();
        prop_assert!(parts.len() <= $parts.max(1));
        let mut end = 0;
        let mut lines = Vec::new();
        for part in &parts {
            prop_assert_eq!(part.range().start, end);
            end = part.range().end;
            prop_assert!(!part.range().is_empty());
            prop_assert!(end == text.len() as u64 || text[end as usize - 1] == b'\n');
            lines.extend(read_lines(part.lines()).unwrap());
            let bytes = &text[part.range().start as usize..end as usize];
            let places: Result<Vec<u64>, Error> = part.find_all(pattern).unwrap().collect();
            let expected = places_of(bytes, pattern);
            let expected: Vec<u64> = expected
                .into_iter()
                .map(|at| at + part.range().start)
                .collect();
            prop_assert_eq!(places.unwrap(), expected);
        }
        prop_assert_eq!(end, text.len() as u64);
        prop_assert_eq!(lines, lines_of(text));
    }};
}

proptest! {
    #[test]
    fn a_scanner_finds_what_is_in_the_slice(
        text in text(), pattern in pattern(), chunk_bytes in 1..40_usize, parts in 0..9_usize,
    ) {
        let (_folder, path) = file(&text);
        let scanner = FileScanner::open(&path).unwrap().with_chunk_bytes(chunk_bytes);
        check_verbs!(&scanner, &text, &pattern, parts);
    }

    #[cfg(feature = "mapped")]
    #[test]
    fn a_mapping_finds_what_is_in_the_slice(text in text(), pattern in pattern(), parts in 0..9_usize) {
        let (_folder, path) = file(&text);
        // SAFETY: the folder is of this test alone, and nothing writes to the file from here on.
        let mapped = unsafe { tuneup_memory::MappedFile::open(&path).unwrap() };
        prop_assert_eq!(mapped.bytes(), &text);
        check_verbs!(&mapped, &text, &pattern, parts);
    }
}

#[cfg(feature = "mapped")]
#[test]
fn a_mapping_of_several_chunks_is_walked_whole() -> Outcome {
    let text = "日本語のテキスト\n".repeat(20_000);
    let (_folder, path) = file(&text);
    // SAFETY: the folder is of this test alone, and nothing writes to the file from here on.
    let mapped = unsafe { tuneup_memory::MappedFile::open(&path)? };
    assert_eq!(
        read_chunks(mapped.chunks())?.len(),
        text.len().div_ceil(64 * 1024)
    );
    assert_eq!(read_lines(mapped.lines())?, lines_of(text.as_bytes()));
    assert_eq!(mapped.count("本語のテキスト\n日")?, 19_999);
    // SAFETY: nothing is mapped, for a folder has no bytes.
    let folder = unsafe { tuneup_memory::MappedFile::open(path.parent().unwrap_or(&path)) };
    assert!(matches!(folder, Err(Error::NotRegular { .. })));
    Ok(())
}

#[test]
fn parts_are_sent_to_threads() -> Outcome {
    let (_folder, path) = file("key=value\n".repeat(100_000));
    let parts = FileScanner::open(&path)?.par_ranges(4)?;
    assert_eq!(parts.len(), 4);
    let threads: Vec<_> = parts
        .into_iter()
        .map(|part| std::thread::spawn(move || part.count("key=")))
        .collect();
    let mut count = 0;
    for thread in threads {
        count += thread.join().unwrap()?;
    }
    assert_eq!(count, 100_000);
    Ok(())
}

#[test]
fn a_line_longer_than_allowed_is_an_error_and_stays_one() -> Outcome {
    let (_folder, path) = file(format!("short\n{}\nlast", "x".repeat(1000)));
    let scanner = FileScanner::open(&path)?.with_chunk_bytes(16);
    assert_eq!(
        read_lines(scanner.lines())?.len(),
        3,
        "by default there is room"
    );
    let scanner = scanner.with_longest_line_bytes(500);
    let mut lines = scanner.lines();
    assert_eq!(lines.next_line()?, Some(&b"short"[..]));
    for _ in 0..2 {
        match lines.next_line() {
            Err(Error::LineTooLong {
                offset_bytes: 6,
                limit_bytes: 500,
                ..
            }) => {}
            other => panic!("{other:?}"),
        }
    }
    // Neither the other verbs nor the parts have a limit.
    assert_eq!(scanner.count("x")?, 1000);
    assert_eq!(scanner.par_ranges(3)?.len(), 2);
    Ok(())
}

#[test]
fn a_file_truncated_while_it_is_scanned_is_an_error() -> Outcome {
    let text = "a line of text\n".repeat(1000);
    let (_folder, path) = file(&text);
    let scanner = FileScanner::open(&path)?.with_chunk_bytes(100);
    let (mut lines, mut chunks) = (scanner.lines(), scanner.chunks());
    let mut matches = scanner.find_all("line")?;
    assert!(lines.next_line()?.is_some() && chunks.next_chunk()?.is_some());
    assert_eq!(matches.next().transpose()?, Some(2));

    fs::File::options().write(true).open(&path)?.set_len(450)?;

    let is_shrunk = |error: &Error| {
        matches!(
            error,
            Error::Shrunk {
                expected_bytes: 15_000,
                found_bytes: 450,
                ..
            }
        )
    };
    let error = std::iter::from_fn(|| Some(lines.next_line().map(|line| line.map(<[u8]>::len))))
        .find_map(Result::err)
        .unwrap();
    assert!(is_shrunk(&error), "{error:?}");
    let error =
        std::iter::from_fn(|| Some(chunks.next_chunk().map(|chunk| chunk.map(<[u8]>::len))))
            .find_map(Result::err)
            .unwrap();
    assert!(is_shrunk(&error), "{error:?}");
    let places: Vec<_> = matches.collect();
    assert!(
        is_shrunk(places.last().unwrap().as_ref().unwrap_err()),
        "the last item"
    );
    assert!(places[..places.len() - 1].iter().all(Result::is_ok));
    assert!(is_shrunk(&scanner.count("line").unwrap_err()));
    assert!(is_shrunk(&scanner.par_ranges(2).unwrap_err()));
    Ok(())
}

#[test]
fn a_file_that_grows_is_read_to_its_old_length() -> Outcome {
    let (_folder, path) = file("one\ntwo\n");
    let scanner = FileScanner::open(&path)?;
    fs::write(&path, "one\ntwo\nthree\n")?;
    assert_eq!(read_lines(scanner.lines())?.len(), 2);
    assert_eq!(scanner.range(), 0..8);
    Ok(())
}

#[test]
fn odd_files_and_patterns_are_refused() -> Outcome {
    let (folder, path) = file("");
    assert!(FileScanner::open(&path)?.par_ranges(3)?.is_empty());
    assert!(matches!(
        FileScanner::open(folder.path().join("missing")),
        Err(Error::Open { .. })
    ));
    if cfg!(unix) {
        assert!(matches!(
            FileScanner::open(folder.path()),
            Err(Error::NotRegular { .. })
        ));
    }
    let scanner = FileScanner::open(&path)?;
    assert!(matches!(
        scanner.find_all(""),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        scanner.count(vec![0; (1 << 20) + 1]),
        Err(Error::OutOfRange { .. })
    ));
    assert_eq!(scanner.count(vec![0; 1 << 20])?, 0);
    Ok(())
}

#[test]
#[should_panic(expected = "chunk_bytes is 0")]
fn a_chunk_of_nothing_is_refused() {
    let (_folder, path) = file("");
    let _ = FileScanner::open(path).unwrap().with_chunk_bytes(0);
}
