//! The versions of `batches` agree.

use std::io::{self, Write};

use proptest::prelude::*;
use tuneup_benches::cookbook::batches::{write_buffered, write_each, write_once};

type Version = fn(&mut Counting, &[String]) -> io::Result<()>;

const VERSIONS: [Version; 3] = [
    |out, lines| write_each(out, lines),
    |out, lines| write_buffered(out, lines),
    |out, lines| write_once(out, lines),
];

/// Keeps what is written, and how many calls it took.
#[derive(Default)]
struct Counting {
    bytes: Vec<u8>,
    calls: usize,
}

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_calls_are_what_the_page_says() {
    let lines = vec![String::from("0123456789abcdef0123456789abcdef"); 1_000];
    let calls = VERSIONS.map(|version| {
        let mut out = Counting::default();
        version(&mut out, &lines).unwrap();
        out.calls
    });
    // Two a line; one per 8 KiB of 33000 bytes; one.
    assert_eq!(calls, [2_000, 5, 1]);
}

#[test]
fn the_last_write_can_fail() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let lines = [String::from("a")];
    for result in [
        write_each(Full, &lines),
        write_buffered(Full, &lines),
        write_once(Full, &lines),
    ] {
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}

proptest! {
    #[test]
    fn write_the_same_bytes(lines in prop::collection::vec("\\PC{0,5}", 0..30)) {
        let expected: String = lines.iter().map(|line| format!("{line}\n")).collect();
        for version in VERSIONS {
            let mut out = Counting::default();
            version(&mut out, &lines).unwrap();
            prop_assert_eq!(&out.bytes, expected.as_bytes());
        }
    }
}
