//! Counting through the API: options, progress, what fails.

use std::{
    error::Error as _,
    fs,
    io::{self, Read},
};

use proptest::prelude::*;
use tuneup_memory::{Error, TextStats, text_stats, text_stats_of};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Gives a few bytes at a time, and is interrupted now and then.
struct Slow<'a> {
    bytes: &'a [u8],
    most: usize,
    calls: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = self.most.min(buffer.len());
        self.bytes.read(&mut buffer[..most])
    }
}

proptest! {
    #[test]
    fn a_reader_gives_the_counts_of_its_bytes(text in "(\\PC|[ \t\r\n\u{A0}\u{3000}]){0,200}", most in 1..9_usize) {
        let slow = Slow { bytes: text.as_bytes(), most, calls: 0 };
        prop_assert_eq!(text_stats_of(slow).unwrap(), TextStats::of(text.as_bytes()));
    }
}

/// Some MiB, so that several threads get their part; every character has three bytes, so that the edges
/// of the parts lie within characters.
fn long_text() -> String {
    let line = "日本語のテキスト　文字\n";
    line.repeat(3 * 1024 * 1024 / line.len() + 1)
}

#[test]
fn threads_and_chunks_do_not_change_the_counts() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("text");
    let text = long_text();
    fs::write(&path, &text)?;
    let expected = TextStats::of(text.as_bytes());
    assert_eq!(expected.characters, text.chars().count() as u64);
    assert_eq!(expected.longest_line, 22);
    assert_eq!(text_stats(&path)?, expected);
    for threads in [1, 2, 5] {
        for chunk_bytes in [64, 4099, 1 << 20] {
            let mut counter = TextStats::builder()
                .threads(threads)
                .chunk_bytes(chunk_bytes)
                .build()?;
            assert_eq!(counter.count_file(&path)?, expected);
        }
    }
    Ok(())
}

#[test]
fn progress_rises_to_the_length() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("text");
    let text = long_text();
    fs::write(&path, &text)?;
    let calling = std::thread::current().id();
    let mut seen = Vec::new();
    let mut counter = TextStats::builder()
        .progress(|progress| {
            assert_eq!(std::thread::current().id(), calling);
            assert_eq!(progress.total_bytes, Some(text.len() as u64));
            seen.push(progress.done_bytes);
        })
        .build()?;
    counter.count_file(&path)?;
    drop(counter);
    assert!(seen.is_sorted());
    assert_eq!(seen.last(), Some(&(text.len() as u64)));
    Ok(())
}

#[test]
fn a_progress_callback_that_panics_ends_the_count() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("text");
    fs::write(&path, long_text())?;
    let mut counter = TextStats::builder()
        .threads(2)
        .progress(|_| panic!("enough"))
        .build()?;
    let count = std::panic::AssertUnwindSafe(|| counter.count_file(&path));
    assert!(std::panic::catch_unwind(count).is_err());
    Ok(())
}

#[test]
fn a_file_truncated_while_it_is_counted_is_an_error() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("text");
    for threads in [1, 3] {
        let text = long_text();
        fs::write(&path, &text)?;
        let mut truncated = false;
        let mut counter = TextStats::builder()
            .threads(threads)
            .progress(|_| {
                if !std::mem::replace(&mut truncated, true) {
                    fs::File::options()
                        .write(true)
                        .open(&path)
                        .unwrap()
                        .set_len(1000)
                        .unwrap();
                }
            })
            .build()?;
        match counter.count_file(&path) {
            Err(Error::Shrunk {
                expected_bytes,
                found_bytes,
                ..
            }) => {
                assert_eq!((expected_bytes, found_bytes), (text.len() as u64, 1000));
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

#[test]
fn a_file_that_grows_is_counted_to_its_old_length() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("text");
    let text = long_text();
    fs::write(&path, &text)?;
    let mut grown = false;
    let mut counter = TextStats::builder()
        .progress(|_| {
            if !std::mem::replace(&mut grown, true) {
                let mut file = fs::File::options().append(true).open(&path).unwrap();
                io::Write::write_all(&mut file, b"more\n").unwrap();
            }
        })
        .build()?;
    assert_eq!(counter.count_file(&path)?, TextStats::of(text.as_bytes()));
    Ok(())
}

#[test]
fn empty_missing_and_odd_files() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("empty");
    fs::write(&path, "")?;
    assert_eq!(text_stats(&path)?, TextStats::default());
    let missing = text_stats(folder.path().join("missing")).unwrap_err();
    assert!(matches!(missing, Error::Open { .. }));
    assert!(missing.source().is_some());
    if cfg!(target_os = "linux") {
        assert!(
            matches!(text_stats(folder.path()), Err(Error::Read { .. })),
            "a folder"
        );
        // It has no length, and yet something to read.
        assert!(text_stats("/proc/self/status")?.lines > 10);
    }
    Ok(())
}

#[test]
fn a_reader_that_fails_is_named() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let failed = text_stats_of((&b"12345"[..]).chain(Failing));
    match failed {
        Err(Error::Input {
            offset_bytes: 5,
            source,
        }) => {
            assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn options_out_of_range_are_refused() {
    for builder in [
        TextStats::builder().threads(0),
        TextStats::builder().threads(257),
        TextStats::builder().chunk_bytes(63),
        TextStats::builder().chunk_bytes((64 << 20) + 1),
    ] {
        assert!(matches!(builder.build(), Err(Error::OutOfRange { .. })));
    }
}
