//! The versions of `lines` agree.

use std::io;
use std::path::Path;

use proptest::prelude::*;
use tuneup_benches::cookbook::lines::{LineStats, blocks, lines, mapped, read_until, whole_file};

type Version = fn(&Path) -> io::Result<LineStats>;

const VERSIONS: [(&str, Version); 5] = [
    ("lines", lines),
    ("whole_file", whole_file),
    ("read_until", read_until),
    ("blocks", blocks),
    ("mapped", |path| {
        // SAFETY: the tests' files are in directories of their own, written before and not meanwhile.
        unsafe { mapped(path) }
    }),
];

fn check(text: &str) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    std::fs::write(&path, text).unwrap();
    let expected = LineStats {
        lines: text.lines().count() as u64,
        longest: text.lines().map(str::len).max().unwrap_or(0),
    };
    for (name, version) in VERSIONS {
        assert_eq!(
            version(&path).unwrap(),
            expected,
            "{name} of {} bytes",
            text.len()
        );
    }
}

#[test]
fn all_kinds_of_ends() {
    for text in [
        "",
        "\n",
        "\r\n",
        "\r",
        "a",
        "a\n",
        "a\r\n",
        "a\r",
        "a\r\r\n",
        "\n\n",
        "a\n\nbc",
        "ä\nß\r\nlönger\r",
    ] {
        check(text);
    }
}

#[test]
fn lines_that_cross_from_one_block_to_the_next() {
    const BLOCK: usize = 64 << 10;
    for length in BLOCK - 2..=BLOCK + 2 {
        for end in ["", "\n", "\r\n", "\r", "\r\n\n", "\nb", "\r\nb\r\n"] {
            check(&format!("{}{end}", "a".repeat(length)));
        }
    }
    check(&"a".repeat(3 * BLOCK));
    check(&format!(
        "{}\r\n{}\n",
        "a".repeat(3 * BLOCK - 1),
        "b".repeat(BLOCK)
    ));
}

#[test]
fn a_file_that_is_not_there() {
    for (name, version) in VERSIONS {
        let error = version(Path::new("/there/is/no/such/file")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agree_with_str_lines(text in "[aä\r\n]{0,40}") {
        check(&text);
    }
}
