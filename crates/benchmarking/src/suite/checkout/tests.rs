//! Checkouts of a small repository.

use std::fs;

use super::*;

/// A repository with two commits; `member` is a workspace below its root.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write("Cargo.toml", "first");
        repository.write("member/Cargo.toml", "member");
        repository.commit("first");
        repository.write("Cargo.toml", "second");
        repository.commit("second");
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where checkouts go: ignored by nobody, so outside the repository.
    fn output(&self) -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.org"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    fn worktrees(&self) -> usize {
        self.git(&["worktree", "list"]).lines().count()
    }
}

fn manifest(checkout: &Checkout) -> String {
    fs::read_to_string(checkout.folder.join("Cargo.toml")).unwrap()
}

#[test]
fn a_revision_is_checked_out_and_removed_again() {
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    let first = repository.git(&["rev-parse", "HEAD~1"]);
    let checkout = Checkout::of(repository.path(), "HEAD~1", output.path()).unwrap();
    assert_eq!(manifest(&checkout), "first");
    assert_eq!(checkout.label, format!("HEAD~1 ({})", &first[..12]));
    assert_eq!(repository.worktrees(), 2);
    let folder = checkout.folder.clone();
    drop(checkout);
    assert!(!folder.exists());
    assert_eq!(repository.worktrees(), 1);
}

#[test]
fn branches_tags_and_commits_are_revisions() {
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    repository.git(&["tag", "--annotate", "--message", "tagged", "v1", "HEAD~1"]);
    let short = repository.git(&["rev-parse", "--short", "HEAD"]);
    for (revision, text) in [("main", "second"), ("v1", "first"), (&short, "second")] {
        let checkout = Checkout::of(repository.path(), revision, output.path()).unwrap();
        assert_eq!(manifest(&checkout), text, "{revision}");
    }
}

#[test]
fn the_folder_is_always_the_same() {
    // Its path is part of what is built; another one would build everything anew.
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    let of = |revision| {
        Checkout::of(repository.path(), revision, output.path())
            .unwrap()
            .folder
            .clone()
    };
    assert_eq!(of("HEAD"), of("HEAD~1"));
}

#[test]
fn a_workspace_below_the_root_of_its_repository_stays_there() {
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    let member = repository.path().join("member");
    let checkout = Checkout::of(&member, "HEAD", output.path()).unwrap();
    assert_eq!(manifest(&checkout), "member");
    drop(checkout);
    assert_eq!(repository.worktrees(), 1);
}

#[test]
fn a_folder_is_taken_as_it_is_and_left_there() {
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("Cargo.toml"), "other").unwrap();
    let revision = other.path().to_str().unwrap();
    let checkout = Checkout::of(repository.path(), revision, output.path()).unwrap();
    assert_eq!(manifest(&checkout), "other");
    assert_eq!(
        checkout.folder,
        fs::canonicalize(other.path()).unwrap(),
        "absolute, as Cargo runs elsewhere"
    );
    drop(checkout);
    assert!(other.path().join("Cargo.toml").exists());
    assert_eq!(repository.worktrees(), 1);
}

#[test]
fn what_is_neither_is_refused_by_name() {
    let repository = Repository::new();
    let output = repository.output();
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    // A tree is no commit; an option is no revision.
    for revision in ["nowhere", "HEAD~7", "", empty, "HEAD:member", "--all", "-h"] {
        let error = Checkout::of(repository.path(), revision, output.path()).unwrap_err();
        assert!(error.is_usage());
        assert!(
            matches!(error, Error::UnknownRevision { revision: said } if said == revision),
            "{revision}"
        );
    }
    assert_eq!(repository.worktrees(), 1);
}

#[test]
fn a_checkout_that_a_killed_run_left_is_replaced() {
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    // Not dropped: a killed process cleans nothing up.
    let _left = std::mem::ManuallyDrop::new(
        Checkout::of(repository.path(), "HEAD~1", output.path()).unwrap(),
    );
    assert_eq!(repository.worktrees(), 2);
    let checkout = Checkout::of(repository.path(), "HEAD", output.path()).unwrap();
    assert_eq!(manifest(&checkout), "second");
    drop(checkout);
    assert_eq!(repository.worktrees(), 1);
}

#[test]
fn a_checkout_that_cannot_be_written_says_what_git_said() {
    let repository = Repository::new();
    let output = repository.output();
    std::fs::write(output.path().join("against"), "in the way").unwrap();
    let error = Checkout::of(repository.path(), "HEAD", output.path()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Checkout { .. }), "{text}");
    assert!(text.starts_with("cannot check out `HEAD`: "), "{text}");
    assert!(text.contains("against"), "{text}");
}

#[test]
fn a_folder_that_git_has_forgotten_is_replaced() {
    let (repository, output) = (Repository::new(), tempfile::tempdir().unwrap());
    let left = output.path().join("against/tree/left");
    fs::create_dir_all(&left).unwrap();
    let checkout = Checkout::of(repository.path(), "HEAD", output.path()).unwrap();
    assert_eq!(manifest(&checkout), "second");
    assert!(!left.exists());
}

#[test]
fn the_commit_says_whether_there_are_changes() {
    let repository = Repository::new();
    let head = repository.git(&["rev-parse", "HEAD"]);
    assert_eq!(commit(repository.path()), head[..12]);
    // Notes and results lie about in many work trees: files that git does not know do not count.
    repository.write("notes.txt", "");
    assert_eq!(commit(repository.path()), head[..12]);
    repository.write("Cargo.toml", "third");
    assert_eq!(commit(repository.path()), format!("{}-dirty", &head[..12]));
    assert_eq!(
        commit(&repository.path().join("member")),
        format!("{}-dirty", &head[..12])
    );
}

#[test]
fn outside_a_repository_there_is_no_commit() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(commit(folder.path()), "");
    assert_eq!(commit(&folder.path().join("nowhere")), "");
}
