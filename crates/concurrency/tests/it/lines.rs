//! Lines of files, by threads.

use std::{
    collections::HashMap,
    env, fs,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tuneup_concurrency::{Error, ParallelLines, lines_parallel, reduce_lines};

use super::parallel::within_a_minute;

struct TextFile {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

fn file(text: &[u8]) -> TextFile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    fs::write(&path, text).unwrap();
    TextFile {
        _folder: folder,
        path,
    }
}

fn numbers(count: usize) -> TextFile {
    let text: String = (0..count)
        .map(|number| format!("{number} {}\n", number % 7))
        .collect();
    file(text.as_bytes())
}

fn small_blocks(text: &TextFile) -> ParallelLines {
    ParallelLines::builder(&text.path)
        .workers(NonZeroUsize::new(3).unwrap())
        .block_bytes(500)
        .build()
        .unwrap()
}

#[test]
fn results_come_in_the_order_of_the_lines() {
    within_a_minute("results_come_in_the_order_of_the_lines", || {
        let text = numbers(20_000);
        let first = |line: &[u8]| {
            let text = str::from_utf8(line).unwrap();
            text.split(' ').next().unwrap().parse::<usize>().unwrap()
        };
        let ordered: Result<Vec<_>, _> = small_blocks(&text).map(first).collect();
        assert!(ordered.unwrap().into_iter().eq(0..20_000));
        let unordered: Result<Vec<_>, _> = small_blocks(&text).map_unordered(first).collect();
        let mut unordered = unordered.unwrap();
        unordered.sort_unstable();
        assert!(unordered.into_iter().eq(0..20_000));
        assert_eq!(lines_parallel(&text.path, first).unwrap().count(), 20_000);
    });
}

#[test]
fn each_line_is_reduced_once() {
    within_a_minute("each_line_is_reduced_once", || {
        let text = numbers(20_000);
        let count = |counts: &mut HashMap<Vec<u8>, usize>, line: &[u8]| {
            let last = line.split(|byte| *byte == b' ').next_back().unwrap();
            *counts.entry(last.to_vec()).or_default() += 1;
        };
        let merge = |counts: &mut HashMap<Vec<u8>, usize>, others: HashMap<Vec<u8>, usize>| {
            for (word, count) in others {
                *counts.entry(word).or_default() += count;
            }
        };
        let small = small_blocks(&text).reduce(count, merge).unwrap();
        let whole = reduce_lines(&text.path, count, merge).unwrap();
        assert_eq!(small, whole);
        assert_eq!(small.len(), 7);
        assert_eq!(small[&b"0"[..]], 20_000_usize.div_ceil(7));
    });
}

#[test]
fn odd_files_have_their_lines() {
    for (text, expected) in [
        (&b""[..], 0),
        (b"\n", 1),
        (b"no end", 1),
        (b"\r\n\r\n", 2),
        (b"\r", 1),
        (b"\xFF\x00\n\xFE", 2),
    ] {
        let text = file(text);
        let count = |lines: &mut usize, _: &[u8]| *lines += 1;
        let add = |lines: &mut usize, others: usize| *lines += others;
        assert_eq!(small_blocks(&text).reduce(count, add).unwrap(), expected);
        assert_eq!(small_blocks(&text).map(<[u8]>::to_vec).count(), expected);
    }
}

#[test]
fn a_carriage_return_is_part_of_a_line_end_only_before_a_line_feed() {
    let text = file(b"\r\na\rb\r\r\nc\r");
    let lines: Result<Vec<_>, _> = small_blocks(&text).map(<[u8]>::to_vec).collect();
    assert_eq!(lines.unwrap(), [&b""[..], b"a\rb\r", b"c\r"]);
}

#[test]
fn progress_ends_at_the_whole() {
    let text = numbers(5_000);
    let len = fs::metadata(&text.path).unwrap().len();
    let most = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&most);
    ParallelLines::builder(&text.path)
        .block_bytes(1_000)
        .progress(move |progress| {
            assert_eq!(progress.total_bytes, len);
            seen.fetch_max(progress.done_bytes as usize, Relaxed);
        })
        .build()
        .unwrap()
        .reduce(|(): &mut (), _| (), |(), ()| ())
        .unwrap();
    assert_eq!(most.load(Relaxed) as u64, len);
}

#[test]
fn a_panic_is_passed_on_and_stops_the_others() {
    within_a_minute("a_panic_is_passed_on_and_stops_the_others", || {
        let text = numbers(200_000);
        let calls = AtomicUsize::new(0);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            small_blocks(&text).reduce(
                |(): &mut (), line| {
                    calls.fetch_add(1, Relaxed);
                    assert!(!line.starts_with(b"500 "), "at line 500");
                },
                |(), ()| (),
            )
        }));
        let message = *panicked.unwrap_err().downcast::<&str>().unwrap();
        assert_eq!(message, "at line 500");
        assert!(calls.load(Relaxed) < 200_000, "the others have stopped");

        let mut lines = small_blocks(&text).map(|line| assert!(!line.starts_with(b"500 ")));
        let panicked = catch_unwind(AssertUnwindSafe(|| lines.by_ref().count()));
        assert!(panicked.is_err());
        drop(lines);
    });
}

#[test]
fn a_line_that_is_too_long_is_named() {
    let text = file(
        &[
            b"short\n".to_vec(),
            vec![b'x'; 1_000],
            b"\nshort\n".to_vec(),
        ]
        .concat(),
    );
    let lines = || {
        ParallelLines::builder(&text.path)
            .block_bytes(100)
            .max_line_bytes(200)
            .build()
            .unwrap()
    };
    let error = lines()
        .reduce(|(): &mut (), _| (), |(), ()| ())
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::LineTooLong {
                offset: 6,
                max_bytes: 200,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("at byte 6; is it text?"),
        "{error}"
    );
    let results: Vec<_> = lines().map(<[u8]>::len).collect();
    assert!(matches!(
        results[..],
        [Ok(5), Err(Error::LineTooLong { .. })]
    ));
}

/// However many of them are in one block with the one that is too long.
#[test]
fn lines_before_one_that_is_too_long_are_worked_on() {
    within_a_minute("lines_before_one_that_is_too_long_are_worked_on", || {
        let good = 1_000;
        let text = file(
            &[
                b"short\n".repeat(good),
                vec![b'x'; 1_000],
                b"\nnever\n".to_vec(),
            ]
            .concat(),
        );
        for (workers, block_bytes) in [(1, 100), (3, 100), (1, 1 << 20), (3, 1 << 20)] {
            let lines = || {
                ParallelLines::builder(&text.path)
                    .workers(NonZeroUsize::new(workers).unwrap())
                    .block_bytes(block_bytes)
                    .max_line_bytes(200)
                    .build()
                    .unwrap()
            };
            let offset = |error: Error| match error {
                Error::LineTooLong { offset, .. } => offset,
                other => panic!("{other}"),
            };
            let seen = AtomicUsize::new(0);
            let count = |(): &mut (), line: &[u8]| {
                assert_eq!(line, b"short");
                seen.fetch_add(1, Relaxed);
            };
            let error = lines().reduce(count, |(), ()| ()).unwrap_err();
            assert_eq!((seen.into_inner(), offset(error)), (good, 6 * good as u64));
            for mut results in [
                lines().map(<[u8]>::to_vec),
                lines().map_unordered(<[u8]>::to_vec),
            ] {
                for _ in 0..good {
                    assert_eq!(results.next().unwrap().unwrap(), b"short");
                }
                assert_eq!(
                    offset(results.next().unwrap().unwrap_err()),
                    6 * good as u64
                );
                assert!(results.next().is_none());
            }
        }
    });
}

/// The consumer works on the only block, while another thread finds the error.
#[test]
fn without_order_the_error_is_the_last_too() {
    within_a_minute("without_order_the_error_is_the_last_too", || {
        let text = file(&[b"slow\n".to_vec(), vec![b'x'; 1_000]].concat());
        let results = ParallelLines::builder(&text.path)
            .workers(NonZeroUsize::new(2).unwrap())
            .block_bytes(100)
            .max_line_bytes(200)
            .build()
            .unwrap()
            .map_unordered(|line| {
                thread::sleep(Duration::from_millis(50)); // long enough for the other thread to be done before
                line.len()
            });
        let results: Vec<_> = results.collect();
        assert!(
            matches!(results[..], [Ok(4), Err(Error::LineTooLong { .. })]),
            "{results:?}"
        );
    });
}

#[test]
fn sizes_and_workers_out_of_range_are_refused() {
    let text = file(b"");
    for builder in [
        ParallelLines::builder(&text.path).block_bytes(0),
        ParallelLines::builder(&text.path).max_line_bytes(0),
        ParallelLines::builder(&text.path).block_bytes(usize::MAX),
        ParallelLines::builder(&text.path).workers(NonZeroUsize::MAX),
    ] {
        assert!(matches!(builder.build(), Err(Error::OutOfRange { .. })));
    }
    let most = NonZeroUsize::new(1 << 16).unwrap();
    let lines = ParallelLines::builder(&text.path).workers(most).build();
    assert_eq!(lines.unwrap().map(<[u8]>::len).count(), 0);
}

#[test]
fn who_drops_the_lines_early_stops_the_work() {
    within_a_minute("who_drops_the_lines_early_stops_the_work", || {
        let text = numbers(200_000);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let lines = small_blocks(&text).map(move |_| counted.fetch_add(1, Relaxed));
        assert_eq!(lines.take(10).count(), 10);
        assert!(
            calls.load(Relaxed) < 2_000,
            "no more than the blocks in hand"
        );
    });
}

/// In a process of its own, in which no thread can be had: its stack would have to be larger than all addresses.
#[cfg(target_os = "linux")]
#[test]
fn a_reduce_that_is_given_no_thread_does_all_by_itself() {
    let too_large = (1_u64 << 47).to_string();
    if env::var("RUST_MIN_STACK").as_ref() != Ok(&too_large) {
        let test = "lines::a_reduce_that_is_given_no_thread_does_all_by_itself";
        let run = Command::new(env::current_exe().unwrap())
            .args(["--exact", test])
            .env("RUST_MIN_STACK", too_large)
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
        return;
    }
    assert!(thread::Builder::new().spawn(|| ()).is_err());
    let text = numbers(2_000);
    let lines = small_blocks(&text).reduce(
        |lines: &mut usize, _| *lines += 1,
        |lines, others| *lines += others,
    );
    assert_eq!(lines.unwrap(), 2_000);
}
