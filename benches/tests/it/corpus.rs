//! The text of the corpus: order, limit, what is passed over, and the errors.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use tuneup_benches::corpus::{Corpus, Error, LEAST_BYTES, keep_file, scratch_directory, shared};

#[test]
fn takes_files_in_the_order_of_their_paths_and_passes_over_what_is_not_text() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("b")).unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    fs::write(root.path().join("c.txt"), "last\n").unwrap();
    fs::write(root.path().join("b/z.md"), "second\n").unwrap();
    fs::write(root.path().join("b/binary"), b"\xFF\xFE\x00").unwrap();
    fs::write(root.path().join("a.rs"), "first\n").unwrap();
    fs::write(root.path().join("empty.txt"), "").unwrap();
    fs::write(root.path().join(".git/config"), "hidden\n").unwrap();

    let corpus = Corpus::read(root.path(), 1 << 20).unwrap();

    assert_eq!(corpus.text(), "first\nsecond\nlast\n");
    assert_eq!((corpus.files, corpus.bytes), (3, 18));
    assert_eq!(
        corpus.to_string(),
        format!("{}: 3 files, 18 B, hash f4a57c05", root.path().display())
    );
}

#[test]
fn texts_of_one_length_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    // The first two are test vectors of its authors.
    for (text, hash) in [
        ("a", 0xe40c_292c),
        ("foobar", 0xbf9c_f968),
        ("foobaz", 0xb79c_ecd0_u32),
    ] {
        fs::write(root.path().join("a"), text).unwrap();
        assert_eq!(
            Corpus::read(root.path(), 1 << 20).unwrap().hash(),
            hash,
            "{text}"
        );
    }
}

#[test]
fn ends_at_the_limit_and_never_inside_a_character() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "äöü").unwrap();
    fs::write(root.path().join("b"), "never read").unwrap();

    for (limit, text) in [(6, "äöü"), (5, "äö"), (2, "ä"), (8, "äöüne")] {
        assert_eq!(Corpus::read(root.path(), limit).unwrap().text(), text);
    }
}

fn of_thousand_lines() -> Corpus {
    let root = tempfile::tempdir().unwrap();
    let lines: String = (0..1_000).map(|i| format!("line{i:03}\n")).collect();
    fs::write(root.path().join("a"), lines).unwrap();
    Corpus::read(root.path(), 1 << 20).unwrap()
}

#[test]
fn an_excerpt_comes_in_whole_lines_from_all_over_the_text() {
    let corpus = of_thousand_lines();
    let excerpt = corpus.excerpt(640);
    let lines: Vec<&str> = excerpt.lines().collect();
    // 32 places, 20 bytes for each: two lines of eight. Every 250 bytes, then from the next start
    // of a line.
    assert_eq!(lines.len(), 64);
    assert_eq!(
        lines[..6],
        [
            "line000", "line001", "line032", "line033", "line063", "line064"
        ]
    );
    assert_eq!(lines[62..], ["line969", "line970"]);

    assert_eq!(corpus.excerpt(0), "");
    assert_eq!(corpus.excerpt(8_000), corpus.text());
    assert_eq!(corpus.excerpt(usize::MAX), corpus.text());
}

#[test]
fn an_excerpt_of_one_long_line_never_ends_inside_a_character() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "ä".repeat(1_000)).unwrap();
    let corpus = Corpus::read(root.path(), 1 << 20).unwrap();
    // Three bytes for each of 32 places hold one character of two.
    assert_eq!(corpus.excerpt(100), "ä".repeat(32));
}

#[test]
fn words_come_from_all_over_the_text_too() {
    let corpus = of_thousand_lines();
    assert_eq!(corpus.words(0).len(), 0);
    assert_eq!(corpus.words(32)[..3], ["line000", "line032", "line063"]);
    assert_eq!(corpus.words(100).len(), 100);
}

#[test]
fn says_what_to_do_about_an_empty_or_missing_directory() {
    let root = tempfile::tempdir().unwrap();
    let empty = Corpus::read(root.path(), 1 << 20).unwrap_err();
    assert!(matches!(&empty, Error::Empty { root: named } if named == root.path()));
    assert!(empty.to_string().contains("TUNEUP_CORPUS"));

    let missing = Corpus::read(&root.path().join("gone"), 1 << 20).unwrap_err();
    assert!(
        matches!(&missing, Error::Unreadable { path, .. } if *path == root.path().join("gone"))
    );
    assert!(missing.to_string().contains("TUNEUP_CORPUS"));
}

#[test]
fn a_kept_file_is_found_again_and_goes_after_a_day() {
    let directory = tempfile::tempdir().unwrap();
    let write = |text| keep_file(directory.path(), text).unwrap();
    let first = write("one");
    let age = |path, hours| {
        let then = SystemTime::now() - Duration::from_hours(hours);
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(then).unwrap();
        fs::metadata(path).unwrap().modified().unwrap()
    };
    let written = age(&first, 1);
    assert_eq!(write("one"), first);
    assert_eq!(
        fs::metadata(&first).unwrap().modified().unwrap(),
        written,
        "not written again"
    );

    let second = write("two");
    assert_ne!(first, second);
    assert_eq!(fs::read_to_string(&first).unwrap(), "one");
    assert_eq!(fs::read_to_string(&second).unwrap(), "two");

    age(&first, 25);
    let own = directory.path().join("somebody's own");
    fs::write(&own, "").unwrap();
    age(&own, 25);
    write("three");
    assert!(!first.exists() && second.exists() && own.exists());
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
}

/// The variable is read by a process of its own, which this test starts with itself and the name of
/// the next test.
#[test]
fn a_directory_named_by_the_environment_is_checked() {
    let root = tempfile::tempdir().unwrap();
    let said = |text: &str| {
        fs::write(root.path().join("a"), text).unwrap();
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "corpus::says_what_the_corpus_is", "--nocapture"])
            .env("TUNEUP_CORPUS", root.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let name = root.path().display();
    let small = said("too little");
    assert!(small.contains(&format!(
        "the corpus {name} has 10 B, and the benchmarks need 1 MiB"
    )));
    let enough = said(&"a line of text\n".repeat(100_000));
    assert!(
        enough.contains(&format!("{name}: 1 files, 1.43 MiB, hash 5354e325")),
        "{enough}"
    );
}

/// In a process of its own, too, for the variable.
#[test]
fn scratch_files_lie_beside_the_program_or_where_the_environment_says() {
    let said = |directory: Option<&std::path::Path>| {
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "corpus::says_where_it_scratches", "--nocapture"]);
        match directory {
            Some(directory) => process.env("TUNEUP_SCRATCH", directory),
            None => process.env_remove("TUNEUP_SCRATCH"),
        };
        String::from_utf8(process.output().unwrap().stdout).unwrap()
    };
    let program = std::env::current_exe().unwrap();
    let beside = program.with_file_name("tuneup-scratch");
    assert!(said(None).contains(&format!("scratch: {}\n", beside.display())));

    let root = tempfile::tempdir().unwrap();
    let named = root.path().join("named");
    assert!(said(Some(&named)).contains(&format!("scratch: {}\n", named.display())));
    assert!(named.is_dir());
}

#[test]
fn says_where_it_scratches() {
    let directory = scratch_directory();
    println!("scratch: {}", directory.display());
    assert!(directory.is_dir());
}

#[test]
fn says_what_the_corpus_is() {
    match shared() {
        Ok(corpus) => {
            println!("{corpus}");
            assert!(corpus.bytes >= LEAST_BYTES);
        }
        Err(error) => println!("{error}"),
    }
}
