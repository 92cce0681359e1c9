//! Tags, made, taken back and given to a repository on disk.

use std::{fs, process::Command};

use tuneup_packaging::{
    CreatedTag, Error, Repository, System, TagSignature, create_tag, push_tags, remove_tag,
};

use crate::{
    programs::skip,
    toy::{Toy, run},
};

const NOTES: &str = "### Added\n\n- A thing.\n# not a comment\n";

fn create(toy: &Toy, name: &str) -> Result<CreatedTag, Error> {
    create_tag(&toy.repository(), name, NOTES, TagSignature::Unsigned)
}

/// With a bare repository beside it, as `origin`.
fn with_remote() -> (Toy, tempfile::TempDir) {
    let toy = Toy::single("0.1.0");
    let server = tempfile::tempdir().unwrap();
    run(
        server.path(),
        "git",
        &["init", "--quiet", "--bare", "--initial-branch=main"],
    );
    let url = format!("file://{}", server.path().display());
    toy.git(&["remote", "add", "origin", &url]);
    (toy, server)
}

#[test]
fn a_tag_has_the_notes_as_its_message() {
    let toy = Toy::single("0.1.0");
    // What a user may have set must not sign, nor eat headings.
    toy.git(&["config", "tag.gpgSign", "true"]);
    toy.git(&["config", "core.commentChar", "-"]);
    let tag = create(&toy, "toy-v0.1.0").unwrap();
    assert_eq!(
        toy.git(&["tag", "-l", "--format=%(contents)", "toy-v0.1.0"])
            .trim_end(),
        format!("toy-v0.1.0\n\n{}", NOTES.trim_end())
    );
    assert_eq!(tag.commit, toy.repository().head().unwrap().hash);
    assert_eq!(
        toy.git(&["rev-parse", "refs/tags/toy-v0.1.0"]).trim(),
        tag.object
    );
    assert!(!tag.is_signed);
    toy.repository().require_clean().unwrap();
    let left = fs::read_dir(toy.path().join(".git")).unwrap();
    let left = left.filter(|file| {
        file.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("MESSAGE")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn notes_may_be_long() {
    let toy = Toy::single("0.1.0");
    let notes = "- An entry of a long list.\n".repeat(20_000);
    create_tag(&toy.repository(), "v0.1.0", &notes, TagSignature::Unsigned).unwrap();
    assert!(toy.git(&["tag", "-l", "--format=%(contents)"]).len() > 500_000);
}

#[test]
fn what_is_not_committed_or_exists_already_is_refused() {
    let toy = Toy::single("0.1.0");
    create(&toy, "v0.1.0").unwrap();
    let error = create(&toy, "v0.1.0").unwrap_err().to_string();
    assert!(
        error.contains("the tag `v0.1.0` exists already") && error.contains("git tag -d v0.1.0"),
        "{error}"
    );
    for name in ["-d", "a..b", "with blank", "end.lock", ""] {
        let error = create(&toy, name).unwrap_err();
        assert!(matches!(error, Error::TagName { .. }), "{name}: {error}");
    }
    toy.touch("src/lib.rs");
    let error = create(&toy, "v0.1.1").unwrap_err();
    assert!(matches!(error, Error::DirtyTree { .. }), "{error}");
    assert!(matches!(
        create(&Toy::empty(), "v0.1.0"),
        Err(Error::NoCommits { .. })
    ));
    assert_eq!(toy.repository().tags().unwrap().len(), 1);
}

#[test]
fn a_maker_without_a_name_is_told_so_by_git() {
    let toy = Toy::single("0.1.0");
    toy.git(&["config", "user.useConfigOnly", "true"]);
    toy.git(&["config", "user.name", ""]);
    let error = create(&toy, "v0.1.0").unwrap_err().to_string();
    assert!(error.contains("`git") && error.contains("name"), "{error}");
    assert_eq!(toy.repository().tags().unwrap(), []);
}

#[test]
fn a_tag_is_signed_if_git_can_and_somebody_asks() {
    let toy = Toy::single("0.1.0");
    toy.git(&["config", "gpg.format", "ssh"]);
    toy.git(&["config", "user.signingkey", ""]);
    toy.git(&["config", "--unset", "user.signingkey"]);
    let ask = || create_tag(&toy.repository(), "v0.1.0", NOTES, TagSignature::Configured);
    if !has_global_key() {
        let error = ask().unwrap_err();
        assert!(matches!(error, Error::NoSigningKey), "{error}");
    }
    let keys = tempfile::tempdir().unwrap();
    let key = keys.path().join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    if made.is_err() {
        return skip(
            "a_tag_is_signed_if_git_can_and_somebody_asks",
            "ssh-keygen is not installed",
        );
    }
    toy.git(&["config", "user.signingkey", key.to_str().unwrap()]);
    let tag = ask().unwrap();
    assert!(tag.is_signed);
    assert!(
        toy.git(&["cat-file", "-p", "v0.1.0"])
            .contains("BEGIN SSH SIGNATURE")
    );
}

/// Whether the user of this machine signs.
fn has_global_key() -> bool {
    let mut command = Command::new("git");
    command.args(["config", "--global", "--get", "user.signingkey"]);
    command.output().unwrap().status.success()
}

#[test]
fn a_tag_is_taken_back_while_nobody_else_has_it() {
    let (toy, _server) = with_remote();
    let tag = create(&toy, "v0.1.0").unwrap();
    remove_tag(&toy.repository(), &tag).unwrap();
    assert_eq!(toy.repository().tags().unwrap(), []);
    assert!(matches!(
        remove_tag(&toy.repository(), &tag),
        Err(Error::TagMoved { .. })
    ));
    // Somebody has made another one of this name.
    toy.git(&["tag", "v0.1.0"]);
    assert!(matches!(
        remove_tag(&toy.repository(), &tag),
        Err(Error::TagMoved { .. })
    ));
    assert_eq!(toy.repository().tags().unwrap().len(), 1);
}

#[test]
fn a_tag_that_others_may_have_stays() {
    let (toy, server) = with_remote();
    let tag = create(&toy, "v0.1.0").unwrap();
    push_tags(&toy.repository(), "origin", &["v0.1.0"], Some("main")).unwrap();
    let there = run(
        server.path(),
        "git",
        &["for-each-ref", "--format=%(refname) %(objectname)"],
    );
    let expected = format!(
        "refs/heads/main {}\nrefs/tags/v0.1.0 {}\n",
        tag.commit, tag.object
    );
    assert_eq!(there, expected);
    // Once more changes nothing.
    push_tags(&toy.repository(), "origin", &["v0.1.0"], Some("main")).unwrap();
    let error = remove_tag(&toy.repository(), &tag).unwrap_err().to_string();
    assert!(
        error.contains("the tag `v0.1.0` is on `origin` already"),
        "{error}"
    );
    // A remote that cannot be asked may have it.
    fs::remove_dir_all(server.path()).unwrap();
    assert!(remove_tag(&toy.repository(), &tag).is_err());
    assert_eq!(toy.repository().tags().unwrap().len(), 1);
}

#[test]
fn all_tags_are_pushed_or_none() {
    let (toy, server) = with_remote();
    push_tags(&toy.repository(), "origin", &[], Some("main")).unwrap();
    let other = tempfile::tempdir().unwrap();
    run(
        other.path(),
        "git",
        &["clone", "--quiet", server.path().to_str().unwrap(), "."],
    );
    run(
        other.path(),
        "git",
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=b",
            "tag",
            "-a",
            "-m",
            "theirs",
            "b-v0.1.0",
        ],
    );
    run(
        other.path(),
        "git",
        &["push", "--quiet", "origin", "b-v0.1.0"],
    );
    for name in ["a-v0.1.0", "b-v0.1.0", "c-v0.1.0"] {
        create(&toy, name).unwrap();
    }
    toy.change(&["src/lib.rs"], "fix: it");
    let tags = ["a-v0.1.0", "b-v0.1.0", "c-v0.1.0"];
    let error = push_tags(&toy.repository(), "origin", &tags, Some("main"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("git --no-pager push"), "{error}");
    let there = Repository::open(other.path(), &System).unwrap();
    run(other.path(), "git", &["fetch", "--quiet", "--tags"]);
    assert_eq!(there.tags().unwrap().len(), 1);
}

#[test]
fn a_password_in_an_address_is_not_told() {
    let toy = Toy::single("0.1.0");
    create(&toy, "v0.1.0").unwrap();
    let remote = "http://somebody:hunter2@127.0.0.1:1/toy.git";
    toy.git(&["remote", "add", "secret", remote]);
    for remote in [remote, "secret"] {
        let error = push_tags(&toy.repository(), remote, &["v0.1.0"], None).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}
