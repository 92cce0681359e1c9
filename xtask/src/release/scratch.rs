//! The clone that a release is made of: the commit, and one more with the next version in all places.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result, bail};
use tuneup_packaging::{Bump, Changelog, ReleasePlan, Repository, System, Workspace, date_of};

use super::{Made, Next, advice, git::git, lock_step};

/// The commit of the release, as the clone calls it. It is there as soon as that commit is, and until another is begun.
pub(super) const MADE: &str = "refs/release/made";

/// What a clone is configured with, whatever git is told of all repositories: hooks of who commits elsewhere would change the message, and with it the hash, or
/// leave files behind; other ends of lines would be other artefacts of the same commit.
const SETTINGS: [[&str; 2]; 3] = [
    ["core.hooksPath", "/dev/null"],
    ["core.autocrlf", "false"],
    ["core.eol", "lf"],
];

pub(crate) struct Scratch {
    /// Of the checkout.
    root: PathBuf,
    /// Where all of a release is.
    pub(crate) place: PathBuf,
    /// Of the clone.
    pub(crate) folder: PathBuf,
    pub(crate) target: PathBuf,
}

impl Scratch {
    pub(crate) fn new(workspace: &Workspace, place: &Path) -> Self {
        Self {
            root: workspace.root.clone(),
            place: place.to_owned(),
            folder: place.join("checkout"),
            // Beside the clone, so that a clone that is made again finds it warm.
            target: place.join("target"),
        }
    }

    pub(crate) fn workspace(&self) -> Result<Workspace> {
        Ok(Workspace::load(&self.folder, &System)?)
    }

    /// Clones, raises, and commits; the hash of that commit.
    pub(super) fn make(&self, next: &Next) -> Result<Made<String>> {
        let before = self.raised_before();
        let message = format!("Release {}", next.version);
        // What was built of another version is never used again, and would pile up beside what is.
        let is_of_another = self.made_message().is_some_and(|made| made != message);
        if is_of_another || self.update().is_err() {
            self.clone_anew()?;
        }
        self.take_over_identity()?;
        let workspace = self.workspace()?;
        let plan = ReleasePlan::load(&workspace, &lock_step(), &System)?;
        let versions = plan.next(&next.version.parse()?)?;
        let mut bump = Bump::compute(&workspace, &versions, &System)?;
        let mut changelog = Changelog::open(&self.folder.join("CHANGELOG.md"))?;
        let version = next.version.parse().context("it was planned")?;
        changelog.release(&version, &date_of(now()?), &next.tag)?;
        bump.edits.push(changelog.edit());
        bump.apply(&System)?;
        for file in before {
            file.restore_time();
        }
        self.commit(&message)
    }

    /// Brings a clone that was made before to the commit of the checkout: what is built of it stays warm.
    fn update(&self) -> Result<()> {
        // Who has looked at it may have changed that.
        for setting in SETTINGS {
            self.git(["config"], |git| git.args(setting))?;
        }
        self.git(["update-ref", "-d", MADE], |git| git)?;
        self.git(["fetch", "--quiet", "--force", "--prune"], |git| {
            git.arg(&self.root).args([
                "+HEAD:refs/release/base",
                "+refs/heads/*:refs/remotes/origin/*",
                "+refs/tags/*:refs/tags/*",
            ])
        })?;
        let reset = ["reset", "--quiet", "--hard", "refs/release/base"];
        self.git(reset, |git| git)?;
        self.git(["clean", "--quiet", "--force", "-d"], |git| git)?;
        Ok(())
    }

    fn clone_anew(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)
                .with_context(|| format!("cannot remove `{}`", self.folder.display()))?;
        }
        git(
            Path::new("."),
            ["clone", "--quiet", "--no-hardlinks"],
            |git| {
                for setting in SETTINGS {
                    git.args(["--config", &setting.join("=")]);
                }
                git.args([&self.root, &self.folder])
            },
        )?;
        Ok(())
    }

    /// The files that a release of before has raised, as it has left them.
    fn raised_before(&self) -> Vec<Raised> {
        let Some(made) = self.made() else {
            return Vec::new();
        };
        let changed = ["diff", "--name-only", "-z"];
        let names = self.git(changed, |git| git.args([&format!("{made}^"), &made]));
        let names = names.unwrap_or_default();
        let names = names.split('\0').filter(|name| !name.is_empty());
        let raised = names.map(|name| Raised::read(self.folder.join(name)));
        raised.filter_map(Result::ok).collect()
    }

    /// Who commits may be said in the checkout alone, and a clone does not have that.
    fn take_over_identity(&self) -> Result<()> {
        for key in ["user.name", "user.email"] {
            match git(&self.root, ["config", "--get", key], |git| git) {
                Ok(value) => {
                    self.git(["config", key, value.trim_end()], |git| git)?;
                }
                // Where nobody says it, or no longer, git complains when it commits, and says how to go on. Not to have it in the clone either is no fault.
                Err(_) => drop(self.git(["config", "--unset-all", key], |git| git)),
            }
        }
        Ok(())
    }

    /// At the time of the commit before and without a signature, so that the same release of the same commit has the same hash.
    fn commit(&self, message: &str) -> Result<Made<String>> {
        let committed = Repository::open(&self.folder, &System)?.head()?.committed_s;
        let date = format!("@{committed} +0000");
        self.git(
            ["commit", "--quiet", "--all", "--no-verify", "--no-gpg-sign"],
            |git| {
                git.args(["--message", message])
                    .env("GIT_AUTHOR_DATE", &date)
                    .env("GIT_COMMITTER_DATE", &date)
            },
        )?;
        self.git(["update-ref", MADE, "HEAD"], |git| git)?;
        Ok(Made::of(self.made().context("it was just made")?))
    }

    /// The commit of the release, if there is a clone that has come so far.
    fn made(&self) -> Option<String> {
        self.ask(["rev-parse", "--verify", "--quiet", MADE])
    }

    /// The message of that commit.
    fn made_message(&self) -> Option<String> {
        self.ask([
            "log",
            "-1",
            "--no-show-signature",
            "--format=%s",
            MADE,
            "--",
        ])
    }

    /// What git prints in the clone; nothing if there is none, or git fails.
    fn ask<const N: usize>(&self, arguments: [&str; N]) -> Option<String> {
        let said = self.git(arguments, |git| git).ok()?;
        Some(said.trim().to_owned())
    }

    /// git for the clone and no other repository. A clone that was killed as it began is none: by itself, git would find the checkout around it.
    fn git<const N: usize>(
        &self,
        arguments: [&str; N],
        add: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<String> {
        git(&self.folder, arguments, |git| {
            add(git.env("GIT_DIR", self.folder.join(".git")))
        })
    }

    /// Whether the clone has made this commit, be it at another one by now.
    pub(super) fn has_made(&self, commit: &str) -> bool {
        self.made().is_some_and(|made| made == commit)
    }

    /// What tells how far publishing has come, while it goes on.
    pub(super) fn publication_state(&self) -> PathBuf {
        self.place.join("published.json")
    }

    /// Nothing, unless others follow the commit of a release whose publishing was begun and has not ended. From there neither way leads on: what was made is of
    /// another commit than the head, and another release would take its place.
    pub(super) fn require_none_left_behind(&self, head: &str) -> Result<()> {
        let Some(made) = self.made().filter(|made| made != head) else {
            return Ok(());
        };
        let follows = git(&self.root, ["merge-base", "--is-ancestor"], |git| {
            git.args([&made[..], head])
        });
        let state = self.publication_state();
        if follows.is_err() || !state.exists() {
            return Ok(());
        }
        bail!(
            "the checkout has commits after those of a release that may be published in part; go back to it by `git switch --detach {made}`, go on with --resume and the options that it was begun with, and come back by `git switch -`. If it is to stay as it is, remove `{}`",
            state.display()
        );
    }

    /// The commit that the clone was made of.
    pub(super) fn base(&self) -> Result<String> {
        let said = self.git(["rev-parse"], |git| git.arg(format!("{MADE}^")))?;
        Ok(said.trim().to_owned())
    }

    /// What goes on has to be what was made, for all that was proved was proved of that.
    pub(super) fn require_unchanged(&self, commit: &str, is_taken_over: bool) -> Result<()> {
        let folder = self.folder.display();
        let advice = advice::of_clone(&self.folder, is_taken_over);
        let head = self.ask(["rev-parse", "HEAD"]);
        if !self.has_made(commit) || head.as_deref() != Some(commit) {
            bail!(
                "the clone `{folder}` is no longer at the commit of the release, {commit}; {advice}"
            );
        }
        let changed = Repository::open(&self.folder, &System)?.changed_files()?;
        if let Some(first) = changed.first() {
            bail!(
                "the clone `{folder}` has changed since it was made: `{}` and {} more; {advice}",
                first.display(),
                changed.len() - 1
            );
        }
        Ok(())
    }

    /// The release notes of a version.
    pub(super) fn notes(&self, version: &str) -> Result<String> {
        let changelog = Changelog::open(&self.folder.join("CHANGELOG.md"))?;
        Ok(changelog.notes(&version.parse()?)?)
    }
}

/// A file with its time, by which Cargo knows whether it was changed.
struct Raised {
    path: PathBuf,
    contents: Vec<u8>,
    modified: SystemTime,
}

impl Raised {
    fn read(path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            contents: fs::read(&path)?,
            modified: fs::metadata(&path)?.modified()?,
            path,
        })
    }

    /// What has come out as it was keeps its time, and is not built again.
    fn restore_time(&self) {
        if fs::read(&self.path).is_ok_and(|now| now == self.contents) {
            // Else it is built again, which is no harm.
            let file = fs::File::options().write(true).open(&self.path);
            let _ = file.and_then(|file| file.set_modified(self.modified));
        }
    }
}

/// The last one of the year 9999. A later one has no date of four digits for the year, as changelogs have it.
const LAST_SECOND: u64 = 253_402_300_799;

/// The date of the release: today, or what the variable says that reproducible builds agree on.
fn now() -> Result<SystemTime> {
    match env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => {
            let seconds: u64 = seconds
                .parse()
                .context("SOURCE_DATE_EPOCH is no number of seconds")?;
            anyhow::ensure!(
                seconds <= LAST_SECOND,
                "SOURCE_DATE_EPOCH is after the year 9999; give seconds since 1970"
            );
            Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        }
        Err(_) => Ok(SystemTime::now()),
    }
}
