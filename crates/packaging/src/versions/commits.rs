//! What commits say of themselves, by Conventional Commits, and which members they touch.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{Commit, Impact, Workspace, versions::manifest::Manifest};

#[cfg(test)]
mod tests;

/// Kinds that tools for [Conventional Commits](https://www.conventionalcommits.org/en/v1.0.0/) know. A word before a colon alone makes no convention: many
/// write the name of a package or a file there, from which nothing follows for a version.
const KINDS: &[&str] = &[
    "build", "chore", "ci", "deps", "doc", "docs", "feat", "fix", "perf", "refactor", "revert",
    "security", "style", "test", "tests",
];

/// What a commit says of itself.
///
/// [`ReleasePlan::load`](crate::ReleasePlan::load) reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The whole hash of the commit.
    pub commit: String,
    /// `feat`, `fix` and so on, in small letters; none if the message follows no convention.
    pub kind: Option<String>,
    /// What stands in brackets behind the kind.
    pub scope: Option<String>,
    /// The rest of the first line; all of it if the message follows no convention.
    pub description: String,
    /// What breaks, where the message says that something does.
    pub breaking: Option<String>,
    /// Hashes of commits that it takes back, of a merge with those that it has brought; they may be abbreviated.
    pub reverts: Vec<String>,
    /// Names of the members that it touches.
    pub members: Vec<String>,
    /// Whether it touches something else than documentation, tests, examples and the settings of tools.
    pub is_about_code: bool,
    /// Whether it merely joins two histories, of which it says nothing.
    pub is_mere_merge: bool,
}

impl Change {
    /// Reads the message of a commit, and which of the members have its files.
    pub(crate) fn of(commit: &Commit, owners: &Owners) -> Self {
        let mut change = Self {
            commit: commit.hash.clone(),
            kind: None,
            scope: None,
            description: commit.subject.clone(),
            breaking: None,
            reverts: reverted_by_body(&commit.body),
            members: owners.of(&commit.files),
            is_about_code: commit.files.iter().any(|file| is_code(file)),
            is_mere_merge: commit.is_merge,
        };
        if !change.reverts.is_empty() {
            change.kind = Some("revert".to_owned());
        }
        let message = format!("{}\n\n{}", commit.subject, commit.body);
        // A body may be of another form than the convention has it; its first line counts nevertheless.
        let parsed = git_conventional::Commit::parse(message.trim_end())
            .or_else(|_| git_conventional::Commit::parse(&commit.subject));
        if let Ok(parsed) = parsed {
            change.read(&parsed);
        }
        change.is_mere_merge &= change.kind.is_none();
        change
    }

    fn read(&mut self, parsed: &git_conventional::Commit<'_>) {
        let kind = parsed.type_().as_str().to_ascii_lowercase();
        if !parsed.breaking() && !KINDS.contains(&&kind[..]) {
            return;
        }
        if kind == "revert" {
            let footers = parsed.footers().iter();
            let refs =
                footers.filter(|footer| footer.token().as_str().eq_ignore_ascii_case("refs"));
            self.reverts
                .extend(refs.flat_map(|footer| hashes(footer.value())));
        }
        self.kind = Some(kind);
        self.scope = parsed.scope().map(|scope| scope.to_string());
        self.description = parsed.description().to_owned();
        self.breaking = parsed
            .breaking()
            .then(|| {
                parsed
                    .breaking_description()
                    .unwrap_or(parsed.description())
            })
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    /// What it means for dependents: what breaks says so, `feat` is a feature, everything else a fix, as the least that a release can be. None if the message
    /// follows no convention and code has changed: then only somebody who knows the change can say.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let git = |arguments: &[&str]| assert!(std::process::Command::new("git").args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).current_dir(folder.path()).output().unwrap().status.success());
    /// # std::fs::create_dir(folder.path().join("src"))?;
    /// # std::fs::write(folder.path().join("src/lib.rs"), "")?;
    /// # std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"toy\"\nversion = \"0.3.1\"\n")?;
    /// # git(&["init", "-q"]);
    /// # git(&["add", "."]);
    /// # git(&["commit", "-qm", "feat(parser)!: read it all at once"]);
    /// use tuneup_packaging::{Impact, PlanOptions, ReleasePlan, System, Workspace};
    ///
    /// let workspace = Workspace::load(folder.path(), &System)?;
    /// let plan = ReleasePlan::load(&workspace, &PlanOptions::new(), &System)?;
    /// assert_eq!(plan.changes[0].scope.as_deref(), Some("parser"));
    /// assert_eq!(plan.changes[0].impact(), Some(Impact::Breaking));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn impact(&self) -> Option<Impact> {
        match self.kind.as_deref() {
            _ if self.breaking.is_some() => Some(Impact::Breaking),
            Some("feat") => Some(Impact::Feature),
            Some(_) => Some(Impact::Fix),
            None if self.is_about_code => None,
            None => Some(Impact::Fix),
        }
    }
}

/// The hashes in the sentence that `git revert` writes.
fn reverted_by_body(body: &str) -> Vec<String> {
    let sentences = body.split("This reverts commit ").skip(1);
    sentences.filter_map(|rest| hashes(rest).next()).collect()
}

/// The merges that `git revert --mainline` says to take back, each with the commit on whose side all stays.
pub(crate) fn reverted_merges(body: &str) -> impl Iterator<Item = (String, String)> {
    let sentences = body.split("This reverts commit ").skip(1);
    sentences.filter_map(|rest| {
        // Git breaks the line in the middle of the sentence.
        let words: Vec<&str> = rest.split_whitespace().collect();
        let words = words.join(" ");
        let (merge, side) = words.split_once("reversing changes made to ")?;
        Some((hashes(merge).next()?, hashes(side).next()?))
    })
}

/// Words of at least seven hexadecimal digits, which is how git abbreviates.
fn hashes(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_ascii_lowercase)
}

/// What is left of changes, given with the newest first: without those that a later one has taken back, and without the taking back. A commit that was
/// taken back takes nothing back.
pub(crate) fn in_force<'a>(changes: &[&'a Change]) -> Vec<&'a Change> {
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    for (at, change) in changes.iter().enumerate() {
        if gone.contains(&change.commit[..]) {
            continue;
        }
        let earlier = &changes[at + 1..];
        let undone = change.reverts.iter().filter_map(|hash| {
            let found = earlier.iter().find(|one| one.commit.starts_with(hash));
            found.map(|one| &one.commit[..])
        });
        let undone: Vec<&str> = undone.collect();
        // One that takes back something released as well is still a change.
        if !undone.is_empty() && undone.len() == change.reverts.len() {
            gone.insert(&change.commit);
        }
        gone.extend(undone);
    }
    let rest = changes.iter().copied();
    rest.filter(|change| !gone.contains(&change.commit[..]))
        .collect()
}

/// Folders in which nothing is part of what a package does.
const BESIDES: &[&str] = &["tests", "benches", "examples", "docs", "doc", "fuzz"];

/// Whether a file can change what a package does, by its name.
fn is_code(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let extension = file.extension().unwrap_or_default();
    let is_text = ["md", "rst", "adoc"]
        .iter()
        .any(|known| extension == *known);
    let is_legal = [
        "LICENSE",
        "LICENCE",
        "COPYING",
        "UNLICENSE",
        "AUTHORS",
        "NOTICE",
    ]
    .iter()
    .any(|known| name.starts_with(known));
    // Below `src`, a folder of any name is a module.
    let mut folders = file.parent().into_iter().flat_map(Path::components);
    let is_besides = folders
        .by_ref()
        .map(|folder| folder.as_os_str().to_string_lossy())
        .take_while(|folder| folder != "src")
        .any(|folder| BESIDES.contains(&&folder[..]) || folder.starts_with('.'));
    !(is_text || is_legal || is_besides || name.starts_with('.') || name == "tests.rs")
}

/// Which member a file belongs to.
pub(crate) struct Owners {
    /// Folders of members, relative to the root of the repository, the deepest first.
    folders: Vec<(PathBuf, String)>,
    /// The manifest of the workspace, and the members that take something from it.
    manifest: (PathBuf, Vec<String>),
    /// The lock file, and the members that are published with it: those with programs.
    lock: (PathBuf, Vec<String>),
}

impl Owners {
    /// Of the members of a workspace in the repository at `root`, which is a path without links. What lies outside has no owner.
    pub(crate) fn new(workspace: &Workspace, manifests: &[Manifest], root: &Path) -> Self {
        let relative = |path: &Path| {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            path.strip_prefix(root).ok().map(Path::to_owned)
        };
        let members = workspace.members.iter();
        let mut folders: Vec<(PathBuf, String)> = members
            .clone()
            .filter_map(|member| Some((relative(member.folder())?, member.name.clone())))
            .collect();
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.components().count()));
        let takers = members.clone().filter(|member| {
            let manifest = manifests.iter().find(|one| one.path == member.manifest);
            manifest.is_some_and(Manifest::takes_from_workspace)
        });
        let with_programs = members.clone().filter(|member| !member.programs.is_empty());
        let workspace_root = relative(&workspace.root).unwrap_or_default();
        Self {
            folders,
            manifest: (
                workspace_root.join("Cargo.toml"),
                takers.map(|member| member.name.clone()).collect(),
            ),
            lock: (
                workspace_root.join("Cargo.lock"),
                with_programs.map(|member| member.name.clone()).collect(),
            ),
        }
    }

    /// By name.
    fn of(&self, files: &[PathBuf]) -> Vec<String> {
        let mut names = BTreeSet::new();
        for file in files {
            if *file == self.lock.0 {
                names.extend(self.lock.1.iter().cloned());
                continue;
            }
            let owner = self
                .folders
                .iter()
                .find(|(folder, _)| file.starts_with(folder));
            names.extend(owner.map(|(_, name)| name.clone()));
            if *file == self.manifest.0 {
                names.extend(self.manifest.1.iter().cloned());
            }
        }
        names.into_iter().collect()
    }
}
