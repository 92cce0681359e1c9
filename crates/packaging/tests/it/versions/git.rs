//! What git knows, asked of real repositories.

use std::path::{Path, PathBuf};

use tuneup_packaging::{Error, Repository, System};

use crate::toy::{Toy, run};

fn names(files: &[PathBuf]) -> Vec<&str> {
    files.iter().map(|file| file.to_str().unwrap()).collect()
}

#[test]
fn a_commit_is_told_with_what_it_has_touched() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "v0.1.0"]);
    toy.write("odd \"name\"\nwith ünicode.txt", "x");
    toy.write("\nbegins with a line end", "x");
    toy.write("plain", "x");
    let hash = toy.commit("feat: a subject\nin two lines\n\nA body.\n\nRefs: #1\n\n");
    let empty = toy.commit("");
    assert_eq!(toy.git(&["log", "-1", "--format=%s"]).trim(), "");
    let commits = toy.repository().commits_since(Some("v0.1.0")).unwrap();
    assert_eq!(commits.len(), 2);
    assert_eq!((&commits[0].hash, &commits[0].subject[..]), (&empty, ""));
    assert_eq!(commits[0].files, [] as [PathBuf; 0]);
    let commit = &commits[1];
    assert_eq!(commit.hash, hash);
    assert_eq!(commit.subject, "feat: a subject in two lines");
    assert_eq!(commit.body, "A body.\n\nRefs: #1");
    assert_eq!(
        names(&commit.files),
        [
            "\nbegins with a line end",
            "odd \"name\"\nwith ünicode.txt",
            "plain"
        ]
    );
    assert!(!commit.is_merge);
    assert_eq!(
        commit.authored_s.to_string(),
        toy.git(&["log", "-1", "--format=%at", &hash]).trim()
    );
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_a_path_nevertheless() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let toy = Toy::single("0.1.0");
    let name = OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(toy.path().join(name), "x").unwrap();
    assert_eq!(toy.repository().changed_files().unwrap(), [Path::new(name)]);
    toy.commit("fix: coffee");
    let commits = toy.repository().commits_since(None).unwrap();
    assert_eq!(commits[0].files, [Path::new(name)]);
    let told = serde_json::to_string(&commits[0]).unwrap();
    assert!(told.contains("caf\u{fffd}.txt"), "{told}");
}

#[test]
fn settings_for_people_change_nothing() {
    let toy = Toy::single("0.1.0");
    let read = || {
        let repository = toy.repository();
        (
            repository.commits_since(None).unwrap(),
            repository.changed_files().unwrap(),
        )
    };
    toy.write("src/other.rs", "x\ny\nz\n");
    toy.commit("fix: add");
    toy.git(&["mv", "src/other.rs", "src/moved.rs"]);
    toy.commit("fix: move");
    toy.write("untracked/file", "x");
    toy.git(&["mv", "src/moved.rs", "src/again.rs"]);
    let before = read();
    assert_eq!(names(&before.0[0].files), ["src/moved.rs", "src/other.rs"]);
    assert_eq!(
        names(&before.1),
        ["src/again.rs", "src/moved.rs", "untracked/"]
    );
    for (key, value) in [
        ("log.showRoot", "false"),
        ("log.showSignature", "true"),
        ("log.decorate", "full"),
        ("log.follow", "true"),
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("status.showUntrackedFiles", "no"),
        ("status.branch", "true"),
        ("status.short", "false"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("format.pretty", "oneline"),
        ("core.pager", "false"),
        ("tag.sort", "-version:refname"),
    ] {
        toy.git(&["config", key, value]);
    }
    assert_eq!(read(), before);
}

#[test]
fn a_merge_has_what_is_of_neither_side() {
    let toy = Toy::single("0.1.0");
    toy.git(&["checkout", "--quiet", "-b", "side"]);
    toy.write("both", "side\n");
    toy.commit("feat: side");
    toy.git(&["checkout", "--quiet", "main"]);
    toy.write("both", "main\n");
    toy.write("mine", "main\n");
    toy.commit("feat: main");
    toy.git(&["merge", "--quiet", "-s", "ours", "--no-commit", "side"]);
    toy.write("both", "main and side\n");
    toy.commit("Merge branch 'side'");
    let commits = toy.repository().commits_since(None).unwrap();
    assert!(commits[0].is_merge);
    assert_eq!(names(&commits[0].files), ["both"]);
    assert_eq!(commits.iter().filter(|commit| commit.is_merge).count(), 1);
    assert_eq!(commits.len(), 4);
}

#[test]
fn the_head_may_have_no_branch() {
    let toy = Toy::single("0.1.0");
    let head = toy.repository().head().unwrap();
    assert_eq!(head.branch.as_deref(), Some("main"));
    toy.git(&["checkout", "--quiet", "--detach"]);
    let detached = toy.repository().head().unwrap();
    assert_eq!((detached.branch, &detached.hash), (None, &head.hash));
    assert_eq!(
        head.committed_s.to_string(),
        toy.git(&["log", "-1", "--format=%ct"]).trim()
    );
}

#[test]
fn tags_are_those_of_the_history() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "light"]);
    toy.git(&["tag", "-a", "-m", "message", "heavy/one"]);
    toy.git(&["checkout", "--quiet", "-b", "side"]);
    toy.commit("fix: side");
    toy.git(&["tag", "elsewhere"]);
    toy.git(&["checkout", "--quiet", "main"]);
    // A branch of the same name must not confuse.
    toy.git(&["branch", "light"]);
    let repository = toy.repository();
    let head = repository.head().unwrap().hash;
    let tags = repository.reachable_tags().unwrap();
    let told: Vec<_> = tags
        .iter()
        .map(|tag| (&tag.name[..], tag.target == head, tag.is_annotated))
        .collect();
    assert_eq!(told, [("heavy/one", true, true), ("light", true, false)]);
    assert_ne!(tags[0].object, head);
    assert_eq!(repository.tags().unwrap().len(), 3);
    assert_eq!(repository.tag("light").unwrap().unwrap().target, head);
    assert_eq!(repository.commits_since(Some("light")).unwrap(), []);
}

#[test]
fn what_is_not_there_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let error = Repository::open(folder.path(), &System).err().unwrap();
    assert!(error.to_string().contains("`git init`"), "{error}");
    let toy = Toy::empty();
    let error = toy.repository().head().unwrap_err();
    assert!(matches!(error, Error::NoCommits { .. }), "{error}");
    assert!(error.to_string().contains("has no commit yet"), "{error}");
}

#[test]
fn a_dirty_tree_is_told_by_its_files() {
    let toy = Toy::single("0.1.0");
    toy.repository().require_clean().unwrap();
    toy.touch("src/lib.rs");
    toy.write("staged", "x");
    toy.git(&["add", "staged"]);
    for number in 0..6 {
        toy.write(&format!("untracked-{number}"), "x");
    }
    let error = toy.repository().require_clean().unwrap_err().to_string();
    assert!(
        error.contains(
            "`src/lib.rs`, `staged`, `untracked-0`, `untracked-1`, `untracked-2` and 3 more"
        ),
        "{error}"
    );
    assert!(error.contains("git stash"), "{error}");
    toy.git(&["add", "--all"]);
    toy.git(&["reset", "--quiet", "--hard"]);
    toy.write(".gitignore", "ignored\n");
    toy.commit("chore: ignore");
    toy.write("ignored", "x");
    toy.repository().require_clean().unwrap();
}

#[test]
fn a_shallow_clone_is_no_base_for_a_release() {
    let toy = Toy::single("0.1.0");
    toy.change(&["src/lib.rs"], "fix: more");
    let (_folder, clone) = toy.shallow_clone();
    let repository = Repository::open(&clone, &System).unwrap();
    assert!(repository.is_shallow().unwrap());
    let error = repository.require_history().unwrap_err().to_string();
    assert!(error.contains("git fetch --unshallow --tags"), "{error}");
    run(
        &clone,
        "git",
        &["fetch", "--quiet", "--unshallow", "--tags"],
    );
    repository.require_history().unwrap();
}

#[test]
fn a_folder_below_the_root_is_in_the_repository() {
    let toy = Toy::single("0.1.0");
    let repository = Repository::open(&toy.path().join("src"), &System).unwrap();
    assert_eq!(repository.root(), toy.path().canonicalize().unwrap());
    toy.write("beside", "x");
    assert_eq!(repository.changed_files().unwrap(), [Path::new("beside")]);
}
