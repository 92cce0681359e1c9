use super::*;

fn owners() -> Owners {
    Owners {
        folders: vec![
            (PathBuf::from("crates/a/inner"), "inner".to_owned()),
            (PathBuf::from("crates/a"), "a".to_owned()),
            (PathBuf::from("crates/b"), "b".to_owned()),
        ],
        manifest: (PathBuf::from("Cargo.toml"), vec!["a".to_owned()]),
        lock: (PathBuf::from("Cargo.lock"), vec!["b".to_owned()]),
    }
}

fn commit(hash: &str, subject: &str, body: &str, files: &[&str]) -> Commit {
    Commit {
        hash: hash.to_owned(),
        authored_s: 0,
        is_merge: false,
        subject: subject.to_owned(),
        body: body.to_owned(),
        files: files.iter().map(PathBuf::from).collect(),
    }
}

fn change(subject: &str, body: &str) -> Change {
    Change::of(
        &commit("1", subject, body, &["crates/a/src/lib.rs"]),
        &owners(),
    )
}

#[test]
fn the_convention_is_read() {
    for (subject, body, kind, scope, description, breaking) in [
        ("feat: add it", "", "feat", None, "add it", None),
        ("FIX(Parser): it", "", "fix", Some("Parser"), "it", None),
        ("feat(api)!: go", "", "feat", Some("api"), "go", Some("go")),
        (
            "chore!: drop 1.60",
            "",
            "chore",
            None,
            "drop 1.60",
            Some("drop 1.60"),
        ),
        (
            "fix: it",
            "Why.\n\nBREAKING CHANGE: all is\n  other now\nRefs: 1",
            "fix",
            None,
            "it",
            Some("all is other now"),
        ),
        (
            "fix: it",
            "BREAKING-CHANGE: other",
            "fix",
            None,
            "it",
            Some("other"),
        ),
        // Any word will do where something breaks.
        (
            "parser!: read less",
            "",
            "parser",
            None,
            "read less",
            Some("read less"),
        ),
    ] {
        let change = change(subject, body);
        let read = (
            change.kind.as_deref(),
            change.scope.as_deref(),
            &change.description[..],
            change.breaking.as_deref(),
        );
        assert_eq!(
            read,
            (Some(kind), scope, description, breaking),
            "{subject}"
        );
    }
}

#[test]
fn what_follows_no_convention_says_nothing() {
    for subject in [
        "Add a thing",
        "",
        "Begin the crate: its workspace",
        "parser: read less",
        "Merge branch 'x'",
        "feat add",
        "feat:",
        ": x",
        "fixup! feat: x",
        "feat(: x",
    ] {
        let change = change(subject, "");
        assert_eq!(
            (change.kind.as_deref(), &change.description[..]),
            (None, subject)
        );
        assert_eq!(change.impact(), None, "{subject}");
    }
}

#[test]
fn an_impact_is_what_the_message_says_at_most() {
    for (subject, impact) in [
        ("feat: x", Impact::Feature),
        ("fix: x", Impact::Fix),
        ("perf: x", Impact::Fix),
        ("docs: x", Impact::Fix),
        ("refactor!: x", Impact::Breaking),
    ] {
        assert_eq!(change(subject, "").impact(), Some(impact));
    }
}

#[test]
fn code_is_told_from_what_is_beside_it() {
    for file in [
        "src/lib.rs",
        "build.rs",
        "Cargo.toml",
        "crates/a/src/docs/mod.rs",
        "assets/words.txt",
        "crates/a/src/tests/helper.rs",
    ] {
        assert!(is_code(Path::new(file)), "{file}");
    }
    for file in [
        "README.md",
        "docs/build.sh",
        "crates/a/tests/it.rs",
        "crates/a/src/parser/tests.rs",
        ".github/workflows/ci.yml",
        ".gitignore",
        "LICENSE-MIT",
        "benches/speed.rs",
    ] {
        assert!(!is_code(Path::new(file)), "{file}");
    }
}

#[test]
fn files_belong_to_the_nearest_member() {
    let of = |files: &[&str]| owners().of(&files.iter().map(PathBuf::from).collect::<Vec<_>>());
    assert_eq!(of(&["crates/a/inner/src/lib.rs"]), ["inner"]);
    assert_eq!(
        of(&["crates/a/src/lib.rs", "crates/b/x", "crates/b/y"]),
        ["a", "b"]
    );
    assert_eq!(of(&["crates/ab/src/lib.rs", "README.md"]), [] as [&str; 0]);
    assert_eq!(of(&["Cargo.toml"]), ["a"]);
    assert_eq!(of(&["Cargo.lock"]), ["b"]);
}

/// The hashes that are left of commits, given with the newest first, each with what it takes back.
fn left(commits: &[(&str, &str, &str)]) -> Vec<String> {
    let changes = commits.iter().map(|(hash, subject, body)| {
        Change::of(&commit(hash, subject, body, &["src/lib.rs"]), &owners())
    });
    let changes: Vec<Change> = changes.collect();
    let changes: Vec<&Change> = changes.iter().collect();
    in_force(&changes)
        .into_iter()
        .map(|change| change.commit.clone())
        .collect()
}

#[test]
fn what_is_taken_back_is_gone_with_the_taking_back() {
    let (one, two, three) = ("1111111aaa", "2222222bbb", "3333333ccc");
    let by_git = "This reverts commit 1111111aaa.";
    assert_eq!(
        left(&[(two, "Revert \"feat: x\"", by_git), (one, "feat: x", "")]),
        [] as [&str; 0]
    );
    assert_eq!(
        left(&[
            (two, "revert: feat: x", "Refs: 1111111"),
            (one, "feat: x", "")
        ]),
        [] as [&str; 0]
    );
    // Taken back, and taken back again.
    let again = "This reverts commit 2222222bbb.";
    let all = [
        (three, "Reapply \"feat: x\"", again),
        (two, "Revert \"feat: x\"", by_git),
        (one, "feat: x", ""),
    ];
    assert_eq!(left(&all), [one]);
    // Of something that is not among them.
    assert_eq!(left(&[(two, "Revert \"feat: x\"", by_git)]), [two]);
    // One of two that are taken back at once.
    assert_eq!(
        left(&[
            (two, "revert: both", "Refs: 1111111, 9999999"),
            (one, "feat: x", "")
        ]),
        [two]
    );
    // Nothing takes back what comes later, nor itself.
    assert_eq!(
        left(&[(one, "feat: x", ""), (two, "Revert \"x\"", by_git)]),
        [one, two]
    );
}
