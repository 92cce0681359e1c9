//! What git knows of a checkout: its head, what is not committed, its tags, and the commits since one of them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde::{Serialize, Serializer};

use crate::{
    Error, Runner,
    runner::{answer, answer_bytes, failure, git_in, line, outcome, path_of_bytes},
};

mod log;

#[cfg(test)]
mod tests;

/// Variables by which git looks elsewhere than in the repository around a folder. A hook has them, and so have the programs that it starts;
/// all of this crate takes them away from the git that it runs.
///
/// ```
/// let mut command = std::process::Command::new("git");
/// for name in tuneup_packaging::GIT_REDIRECTIONS {
///     command.env_remove(name);
/// }
/// ```
pub const GIT_REDIRECTIONS: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_LITERAL_PATHSPECS",
];

/// A checkout, asked by the `git` of this machine. Each method runs git once or twice, some milliseconds each; none but
/// those of tags that are pushed uses the network.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use tuneup_packaging::{Error, Repository, System};
///
/// match Repository::open(folder.path(), &System) {
///     Err(Error::NoRepository { .. }) => {}
///     other => panic!("{:?}", other.map(|found| found.root().to_owned())),
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Repository<'a> {
    root: PathBuf,
    runner: &'a dyn Runner,
}

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Head {
    /// The whole hash.
    pub hash: String,
    /// The branch; none if the head is detached.
    pub branch: Option<String>,
    /// When it was committed, in seconds since 1970: what `SOURCE_DATE_EPOCH` is for a reproducible build.
    pub committed_s: i64,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tag {
    /// Without `refs/tags/`.
    pub name: String,
    /// The hash of the tag itself if it is annotated; of the commit if it is not.
    pub object: String,
    /// The hash of what it is a tag of.
    pub target: String,
    /// Whether it has a message of its own.
    pub is_annotated: bool,
}

/// A commit, and what it has touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Commit {
    /// The whole hash.
    pub hash: String,
    /// When it was written, in seconds since 1970.
    pub authored_s: i64,
    /// Whether it has more than one parent.
    pub is_merge: bool,
    /// The first paragraph of its message, on one line.
    pub subject: String,
    /// The rest of its message.
    pub body: String,
    /// Files that it has added, changed, moved (from where and to where) or removed, relative to the root of the repository. Of a merge, those that
    /// are as in none of its parents.
    #[serde(serialize_with = "as_texts")]
    pub files: Vec<PathBuf>,
}

/// A name that is no text is told as near as can be.
fn as_texts<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| path.to_string_lossy()))
}

impl<'a> Repository<'a> {
    /// The checkout around a folder.
    ///
    /// # Errors
    ///
    /// [`Error::NoRepository`]; git is not there; the folder belongs to somebody else, of which git says what to do.
    pub fn open(folder: &Path, runner: &'a dyn Runner) -> Result<Self, Error> {
        let mut command = git(folder);
        command.args(["rev-parse", "--show-toplevel"]);
        let output = outcome(runner, &mut command)?;
        if output.status.success() {
            let root = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
            let root = path_of_bytes(root);
            return Ok(Self { root, runner });
        }
        if String::from_utf8_lossy(&output.stderr).contains("not a git repository") {
            let folder = folder.to_owned();
            return Err(Error::NoRepository { folder });
        }
        Err(failure(&command, &output))
    }

    /// The folder of the checkout, without links in its path.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Repository, System};
    /// if let Ok(repository) = Repository::open(Path::new("."), &System) {
    ///     assert!(repository.root().is_absolute());
    /// }
    /// ```
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    ///
    /// [`Error::NoCommits`] in a repository that was just begun.
    pub fn head(&self) -> Result<Head, Error> {
        let verified = self.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
        if !verified.status.success() {
            let folder = self.root.clone();
            return Err(Error::NoCommits { folder });
        }
        let mut command = self.command(&["log", "-1", "--no-show-signature", "--format=%H %ct"]);
        let said = answer(self.runner, &mut command)?;
        let fields = said.trim_end().split_once(' ');
        let fields = fields.and_then(|(hash, time)| Some((hash.to_owned(), time.parse().ok()?)));
        let (hash, committed_s) = fields.ok_or_else(|| unreadable(&command, &said))?;
        let branch = self.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let name = String::from_utf8_lossy(&branch.stdout);
        Ok(Head {
            hash,
            branch: branch.status.success().then(|| name.trim_end().to_owned()),
            committed_s,
        })
    }

    /// Files that are not as in the last commit, or are not in it and not ignored: relative to the root, in git's order. A folder of such files is
    /// one entry.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn changed_files(&self) -> Result<Vec<PathBuf>, Error> {
        let said = self.bytes(&[
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--ignore-submodules=none",
        ])?;
        // Two letters of what has happened, a space, the name.
        let entries = said.split(|byte| *byte == 0);
        Ok(entries
            .filter_map(|entry| entry.get(3..))
            .map(path_of_bytes)
            .collect())
    }

    /// Nothing if all is committed.
    ///
    /// # Errors
    ///
    /// [`Error::DirtyTree`] names the files.
    pub fn require_clean(&self) -> Result<(), Error> {
        let files = self.changed_files()?;
        if files.is_empty() {
            return Ok(());
        }
        Err(Error::DirtyTree { files })
    }

    /// Whether the beginning of the history is missing, as after `git clone --depth 1`.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn is_shallow(&self) -> Result<bool, Error> {
        let said = self.bytes(&["rev-parse", "--is-shallow-repository"])?;
        Ok(said.starts_with(b"true"))
    }

    /// Nothing if the whole history is there.
    ///
    /// # Errors
    ///
    /// [`Error::ShallowClone`] says how to get the rest.
    pub fn require_history(&self) -> Result<(), Error> {
        if self.is_shallow()? {
            let folder = self.root.clone();
            return Err(Error::ShallowClone { folder });
        }
        Ok(())
    }

    /// Nothing if git is told which key signs tags.
    ///
    /// # Errors
    ///
    /// [`Error::NoSigningKey`] says how to tell it; git fails.
    pub fn require_signing_key(&self) -> Result<(), Error> {
        for setting in ["user.signingkey", "gpg.ssh.defaultKeyCommand"] {
            if self.ask(&["config", "--get", setting])?.status.success() {
                return Ok(());
            }
        }
        Err(Error::NoSigningKey)
    }

    /// The tag of this name.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn tag(&self, name: &str) -> Result<Option<Tag>, Error> {
        let tags = self.tags()?;
        Ok(tags.into_iter().find(|tag| tag.name == name))
    }

    /// All tags, by name.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn tags(&self) -> Result<Vec<Tag>, Error> {
        self.tags_by(&[])
    }

    /// The tags of the commits from which the head follows.
    ///
    /// # Errors
    ///
    /// git fails; there is no commit yet.
    pub fn reachable_tags(&self) -> Result<Vec<Tag>, Error> {
        self.tags_by(&["--merged=HEAD"])
    }

    fn tags_by(&self, options: &[&str]) -> Result<Vec<Tag>, Error> {
        let mut command = self.command(&[
            "for-each-ref",
            "--format=%(refname)%00%(objectname)%00%(*objectname)",
        ]);
        command.args(options).arg("refs/tags");
        let said = answer_bytes(self.runner, &mut command)?;
        let said = String::from_utf8_lossy(&said);
        let tags = said.lines().map(|entry| {
            let mut fields = entry.split('\0');
            let name = fields.next()?.strip_prefix("refs/tags/")?.to_owned();
            let object = fields.next()?.to_owned();
            let target = fields.next()?;
            Some(Tag {
                name,
                is_annotated: !target.is_empty(),
                target: if target.is_empty() { &object } else { target }.to_owned(),
                object,
            })
        });
        let tags: Option<Vec<Tag>> = tags.collect();
        tags.ok_or_else(|| unreadable(&command, &said))
    }

    /// The commits of the head's history that are not in that of a tag, or all of them; the newest first.
    ///
    /// # Errors
    ///
    /// git fails; there is no such tag, or no commit yet.
    pub fn commits_since(&self, tag: Option<&str>) -> Result<Vec<Commit>, Error> {
        let range = tag.map_or("HEAD".to_owned(), |name| format!("refs/tags/{name}..HEAD"));
        let mut command = self.command(log::OPTIONS);
        command.args([&range[..], "--"]);
        let said = answer_bytes(self.runner, &mut command)?;
        log::read(&said).ok_or_else(|| unreadable(&command, "a log of another form"))
    }

    /// The hashes of the commits that a merge has brought to one side, with its own; none if git does not know the two.
    pub(crate) fn brought_by(&self, merge: &str, side: &str) -> Result<Vec<String>, Error> {
        let output = self.ask(&["rev-list", &format!("{side}..{merge}"), "--"])?;
        if !output.status.success() {
            return Ok(Vec::new());
        }
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(said.lines().map(str::to_owned).collect())
    }

    /// Files that git knows, of those that match one of these patterns (`*.md`), as they are named from the root.
    ///
    /// # Errors
    ///
    /// git fails.
    pub(crate) fn files(&self, patterns: &[&str]) -> Result<Vec<PathBuf>, Error> {
        let mut command = self.command(&["ls-files", "-z", "--cached", "--"]);
        command.args(patterns);
        let said = answer_bytes(self.runner, &mut command)?;
        let names = said.split(|byte| *byte == 0);
        Ok(names
            .filter(|name| !name.is_empty())
            .map(path_of_bytes)
            .collect())
    }

    /// What git has written; an error if it has failed.
    pub(crate) fn bytes(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        answer_bytes(self.runner, &mut self.command(arguments))
    }

    /// What git has done, be it that it has failed.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Output, Error> {
        outcome(self.runner, &mut self.command(arguments))
    }

    /// Runs a command of this repository; an error if it has failed.
    pub(crate) fn run(&self, command: &mut Command) -> Result<(), Error> {
        answer_bytes(self.runner, command).map(drop)
    }

    pub(crate) fn runner(&self) -> &dyn Runner {
        self.runner
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = git(&self.root);
        command.args(arguments);
        command
    }
}

/// git in a folder, with nothing between: no pager, no translation, no question to a terminal, no lock that an editor's git would meet, and no
/// repository but the one around the folder, even if a hook has started this process.
fn git(folder: &Path) -> Command {
    let mut command = git_in(folder);
    command
        .arg("--no-pager")
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0");
    command
}

fn unreadable(command: &Command, said: &str) -> Error {
    Error::Answer {
        command: line(command),
        reason: format!("{:?}", said.chars().take(200).collect::<String>()),
    }
}
