//! Making the tag of a release, taking it back, and giving it to others.

use std::{fs, path::PathBuf};

use serde::Serialize;

use crate::{Error, Repository, runner::answer};

/// Whether a tag is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagSignature {
    /// It is not, whatever git is configured to do.
    Unsigned,
    /// By the key and the program that git is configured with (`user.signingkey`, `gpg.format`).
    Configured,
}

/// A tag that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreatedTag {
    /// Its name.
    pub name: String,
    /// Hash of the tag itself.
    pub object: String,
    /// Hash of the commit that it is a tag of.
    pub commit: String,
    /// Whether it is signed.
    pub is_signed: bool,
}

/// Makes an annotated tag of the head. Its message is its name, and below that the notes of the release.
///
/// # Errors
///
/// [`Error::DirtyTree`]; [`Error::TagExists`]; [`Error::TagName`]; [`Error::NoSigningKey`]; [`Error::NoCommits`]; git fails, as it does if it does not know who makes the tag. There is
/// no tag then.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let git = |arguments: &[&str]| assert!(std::process::Command::new("git").args(arguments).current_dir(folder.path()).output().unwrap().status.success());
/// # git(&["init", "-q"]);
/// # git(&["config", "user.name", "a"]);
/// # git(&["config", "user.email", "a@b"]);
/// # git(&["commit", "-q", "--allow-empty", "-m", "begin"]);
/// use tuneup_packaging::{Repository, System, TagSignature, create_tag, remove_tag};
///
/// let repository = Repository::open(folder.path(), &System)?;
/// let tag = create_tag(&repository, "v0.1.0", "### Added\n\n- All of it.\n", TagSignature::Unsigned)?;
/// assert_eq!(tag.commit, repository.head()?.hash);
/// remove_tag(&repository, &tag)?;
/// assert_eq!(repository.tags()?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn create_tag(
    repository: &Repository<'_>,
    name: &str,
    notes: &str,
    signature: TagSignature,
) -> Result<CreatedTag, Error> {
    let head = repository.head()?;
    repository.require_clean()?;
    let reference = format!("refs/tags/{name}");
    let checked = repository.ask(&["check-ref-format", &reference])?;
    if !checked.status.success() || name.starts_with('-') {
        return Err(Error::TagName {
            name: name.to_owned(),
        });
    }
    if let Some(tag) = repository.tag(name)? {
        return Err(Error::TagExists {
            name: tag.name,
            target: tag.target,
        });
    }
    let is_signed = signature == TagSignature::Configured;
    if is_signed {
        repository.require_signing_key()?;
    }
    let message = Message::write(repository, &format!("{name}\n\n{}\n", notes.trim()))?;
    let mut command = repository.command(&["tag", "--annotate"]);
    // Lines that begin with `#` are headings here, not comments.
    command
        .args([
            if is_signed { "--sign" } else { "--no-sign" },
            "--cleanup=whitespace",
        ])
        .arg("--file")
        .arg(&message.path)
        .args([name, &head.hash]);
    repository.run(&mut command)?;
    let tag = repository.tag(name)?;
    let tag = tag.ok_or_else(|| Error::Answer {
        command: format!("git tag {name}"),
        reason: "there is no such tag".to_owned(),
    })?;
    Ok(CreatedTag {
        name: tag.name,
        object: tag.object,
        commit: tag.target,
        is_signed,
    })
}

/// Takes back a tag that was made here and is on no remote repository. Each remote is asked over the network.
///
/// # Errors
///
/// [`Error::TagPushed`]; [`Error::TagMoved`] if it is another one by now, or gone; a remote cannot be asked. The tag stays then.
pub fn remove_tag(repository: &Repository<'_>, tag: &CreatedTag) -> Result<(), Error> {
    let found = repository.tag(&tag.name)?;
    if found.is_none_or(|found| found.object != tag.object) {
        return Err(Error::TagMoved {
            name: tag.name.clone(),
        });
    }
    let remotes = repository.bytes(&["remote"])?;
    let reference = format!("refs/tags/{}", tag.name);
    for remote in String::from_utf8_lossy(&remotes).lines() {
        let there = repository.bytes(&["ls-remote", "--tags", remote, &reference])?;
        if !there.is_empty() {
            return Err(Error::TagPushed {
                name: tag.name.clone(),
                remote: remote.to_owned(),
            });
        }
    }
    // Only if it is still the one that was made.
    repository.bytes(&["update-ref", "-d", &reference, &tag.object])?;
    Ok(())
}

/// Gives tags to a remote repository, and with them a branch, if one is named: all of them or none. What is there already is left. This is the step after
/// which a release is no longer private.
///
/// # Errors
///
/// git fails: there is no such remote, it cannot be reached, it has another tag of this name or commits that are not here. Passwords in an address are not told.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let git = |arguments: &[&str]| assert!(std::process::Command::new("git").args(arguments).current_dir(folder.path()).output().unwrap().status.success());
/// # git(&["init", "-q", "-b", "main"]);
/// # git(&["init", "-q", "--bare", "server"]);
/// # std::fs::write(folder.path().join(".gitignore"), "server\n")?;
/// # git(&["remote", "add", "origin", "server"]);
/// # git(&["config", "user.name", "a"]);
/// # git(&["config", "user.email", "a@b"]);
/// # git(&["add", "."]);
/// # git(&["commit", "-qm", "begin"]);
/// use tuneup_packaging::{Repository, System, TagSignature, create_tag, push_tags};
///
/// let repository = Repository::open(folder.path(), &System)?;
/// create_tag(&repository, "v0.1.0", "All of it.", TagSignature::Unsigned)?;
/// push_tags(&repository, "origin", &["v0.1.0"], Some("main"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn push_tags(
    repository: &Repository<'_>,
    remote: &str,
    tags: &[&str],
    branch: Option<&str>,
) -> Result<(), Error> {
    let mut command = repository.command(&[
        "push",
        "--porcelain",
        "--atomic",
        "--no-follow-tags",
        "--",
        remote,
    ]);
    command.args(
        tags.iter()
            .map(|name| format!("refs/tags/{name}:refs/tags/{name}")),
    );
    command.args(branch.map(|name| format!("HEAD:refs/heads/{name}")));
    repository.run(&mut command)
}

/// The message of a tag in a file, for it may be longer than an argument can be. It is in git's own folder, so that the checkout stays as it is; removed
/// when this is dropped.
struct Message {
    path: PathBuf,
}

impl Message {
    fn write(repository: &Repository<'_>, text: &str) -> Result<Self, Error> {
        let name = format!("TAG_MESSAGE_{}", std::process::id());
        let mut command = repository.command(&["rev-parse", "--git-path", &name]);
        let said = answer(repository.runner(), &mut command)?;
        let message = Self {
            path: repository.root().join(said.trim_end_matches('\n')),
        };
        fs::write(&message.path, text).map_err(Error::file("write", &message.path))?;
        Ok(message)
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // What stays is a text in git's folder that nobody reads.
        let _ = fs::remove_file(&self.path);
    }
}
