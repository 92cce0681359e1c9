//! Writing the next versions into everything that names them.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    process::Command,
};

use semver::Version;
use serde::Serialize;

use self::requirement::Requirement;
use crate::{
    Error, FileEdit, Member, NextVersion, Repository, Runner, Workspace, apply_edits,
    runner::outcome,
    versions::{
        file_edits::splice,
        manifest::{Entry, Manifest, Text},
    },
    workspace::{cargo, metadata},
};

mod lock_file;
mod requirement;
mod snippets;

/// The edits that give members their next versions.
///
/// Everything around a version stays as it is: form, comments, line ends. Edited are the versions of packages and of the workspace; what members ask of each other, in all
/// tables of dependencies, under whatever name; the lock file; and instructions for users in Markdown files and in the documentation of code.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # std::fs::create_dir(folder.path().join("src"))?;
/// # std::fs::write(folder.path().join("src/lib.rs"), "")?;
/// # std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"toy\"\nversion = \"0.3.1\" # soon more\n")?;
/// use tuneup_packaging::{Bump, NextVersion, System, Workspace};
///
/// let workspace = Workspace::load(folder.path(), &System)?;
/// let next = NextVersion::new("toy", "0.3.1".parse()?, "0.4.0".parse()?);
/// let bump = Bump::compute(&workspace, &[next], &System)?;
/// assert!(bump.diff().ends_with("-version = \"0.3.1\" # soon more\n+version = \"0.4.0\" # soon more\n"));
/// bump.apply(&System)?;
/// # assert!(std::fs::read_to_string(folder.path().join("Cargo.toml"))?.contains("0.4.0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Bump {
    /// The workspace.
    pub root: PathBuf,
    /// The members that get another version; also those that take theirs from the workspace together with one that was asked for.
    pub versions: Vec<NextVersion>,
    /// Of each file one. Others may be added, such as that of a changelog, to be made together with these.
    pub edits: Vec<FileEdit>,
}

/// The members by what a manifest may call them.
struct Members<'a> {
    workspace: &'a Workspace,
    versions: &'a [NextVersion],
    /// The version of the workspace, if it gets another one.
    shared: Option<&'a Version>,
    /// Names of packages that `[patch]` puts into the place of published ones.
    patched: Vec<String>,
}

impl Bump {
    /// Reads the manifests, the lock file, and the texts in which git knows that the packages are named; without git, the READMEs beside the manifests. Nothing is written.
    ///
    /// # Errors
    ///
    /// [`Error::Requirement`] for what does not allow the new version and cannot be rewritten by rule, such as `>=0.1, <0.2`; [`Error::OutOfStep`] if members that have one version
    /// together are to get several; [`Error::NoMember`]; a file cannot be read.
    pub fn compute(
        workspace: &Workspace,
        versions: &[NextVersion],
        runner: &dyn Runner,
    ) -> Result<Self, Error> {
        let manifests = Manifest::all_of(workspace)?;
        let (versions, shared) = in_step(workspace, &manifests, versions)?;
        let patches = manifests.iter().flat_map(Manifest::patches);
        let members = Members {
            workspace,
            versions: &versions,
            shared: shared.as_ref(),
            patched: patches
                .filter(|entry| entry.path.is_some())
                .map(|entry| entry.package)
                .collect(),
        };
        let mut edits = Vec::new();
        for manifest in &manifests {
            edits.push(members.edit(manifest)?);
        }
        let lock = workspace.root.join("Cargo.lock");
        if let Some(text) = read(&lock)? {
            let after = lock_file::after(&lock, &text, &versions)?;
            edits.push(FileEdit::new(lock, Some(text), after));
        }
        for path in texts(workspace, runner)? {
            let is_code = path.extension().is_some_and(|extension| extension == "rs");
            // What is no text has no instructions.
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let after = snippets::after(&text, &versions, is_code);
            edits.push(FileEdit::new(path, Some(text), after));
        }
        edits.retain(|edit| !edit.is_empty());
        for edit in &mut edits {
            edit.path = fs::canonicalize(&edit.path).map_err(Error::file("read", &edit.path))?;
        }
        // Two names may lead to one file, by a link.
        edits.sort_by(|one, other| one.path.cmp(&other.path));
        edits.dedup_by(|one, other| one.path == other.path);
        Ok(Self {
            root: workspace.root.clone(),
            versions,
            edits,
        })
    }

    /// All edits as one diff, with names relative to the workspace.
    #[must_use]
    pub fn diff(&self) -> String {
        let root = self
            .root
            .canonicalize()
            .unwrap_or_else(|_| self.root.clone());
        self.edits.iter().map(|edit| edit.diff(&root)).collect()
    }

    /// Makes the edits, and has Cargo say that it takes the manifests and the lock file as they are now. If anything fails, every file is as it was.
    ///
    /// # Errors
    ///
    /// As [`apply_edits`]; [`Error::LockFileRefused`] with what Cargo does not like.
    pub fn apply(&self, runner: &dyn Runner) -> Result<(), Error> {
        apply_edits(&self.edits, || self.verify(runner))
    }

    fn verify(&self, runner: &dyn Runner) -> Result<(), Error> {
        if !self.root.join("Cargo.lock").is_file() {
            return metadata(&self.root, runner).map(drop);
        }
        let mut command = Command::new(cargo());
        // Resolves as a build would, and needs no source of any package for it.
        command
            .args(["update", "--workspace", "--locked", "--offline"])
            .current_dir(&self.root);
        let output = outcome(runner, &mut command)?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::LockFileRefused {
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }
}

/// The versions that are to be, with those of members that share one with them through the workspace, and that one.
fn in_step(
    workspace: &Workspace,
    manifests: &[Manifest],
    versions: &[NextVersion],
) -> Result<(Vec<NextVersion>, Option<Version>), Error> {
    let missing = versions
        .iter()
        .find(|next| workspace.member(&next.package).is_none());
    if let Some(missing) = missing {
        return Err(Error::NoMember {
            package: missing.package.clone(),
        });
    }
    let takers = workspace.members.iter().filter(|member| {
        let manifest = manifests.iter().find(|one| one.path == member.manifest);
        manifest.is_some_and(Manifest::takes_version)
    });
    let takers: Vec<&Member> = takers.collect();
    let is_taker = |next: &&NextVersion| takers.iter().any(|taker| taker.name == next.package);
    let mut shared = versions.iter().filter(is_taker);
    let mut all = versions.to_vec();
    let first = shared.next();
    if let Some(first) = first {
        if let Some(other) = shared.find(|next| next.to != first.to) {
            let both = [first, other];
            return Err(Error::OutOfStep {
                versions: both
                    .map(|next| format!("{} {}", next.package, next.to))
                    .to_vec(),
            });
        }
        let rest = takers
            .iter()
            .filter(|taker| versions.iter().all(|next| next.package != taker.name));
        all.extend(rest.map(|taker| NextVersion {
            package: taker.name.clone(),
            tag: None,
            reasons: vec![crate::Reason::InStep],
            ..first.clone()
        }));
    }
    all.retain(|next| next.from != next.to);
    Ok((all, first.map(|next| next.to.clone())))
}

impl Members<'_> {
    fn edit(&self, manifest: &Manifest) -> Result<FileEdit, Error> {
        let mut places: Vec<(Range<usize>, String)> = Vec::new();
        let own = self
            .workspace
            .members
            .iter()
            .find(|one| one.manifest == manifest.path);
        let own = own.and_then(|member| self.next(&member.name));
        if let (Some(next), Some(version)) = (own, manifest.package_version()) {
            places.push(in_place(manifest, &version, &next.to.to_string()));
        }
        if manifest.path == self.workspace.root.join("Cargo.toml")
            && let Some(version) = manifest.workspace_version()
            && let Some(to) = self.shared
        {
            places.push(in_place(manifest, &version, &to.to_string()));
        }
        for entry in manifest.entries() {
            let Some((next, asked)) = self.needed(manifest, &entry).zip(entry.version) else {
                continue;
            };
            match requirement::after(&asked.value, &next.from, &next.to) {
                Requirement::Stays => {}
                Requirement::Becomes(text) => places.push(in_place(manifest, &asked, &text)),
                Requirement::Refused(reason) => {
                    return Err(Error::Requirement {
                        path: manifest.path.clone(),
                        asked: format!("{} {}", next.package, asked.value),
                        version: next.to.clone(),
                        reason,
                    });
                }
            }
        }
        let before = manifest.text().to_owned();
        let after = splice(&before, places);
        Ok(FileEdit::new(&manifest.path, Some(before), after))
    }

    fn next(&self, package: &str) -> Option<&NextVersion> {
        self.versions.iter().find(|next| next.package == package)
    }

    /// The member that an entry means, if it gets another version. An entry for a published version of it, such as that of a test of compatibility, is none.
    fn needed(&self, manifest: &Manifest, entry: &Entry) -> Option<&NextVersion> {
        let next = self.next(&entry.package)?;
        let member = self.workspace.member(&entry.package)?;
        let is_member = match &entry.path {
            Some(path) => is_same(&folder_of(&manifest.path).join(path), member.folder()),
            None => !entry.is_elsewhere && self.patched.contains(&entry.package),
        };
        is_member.then_some(next)
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let found = one.canonicalize().ok().zip(other.canonicalize().ok());
    found.is_some_and(|(one, other)| one == other)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// A text in the quotes that the one in its place has.
fn in_place(manifest: &Manifest, text: &Text, other: &str) -> (Range<usize>, String) {
    let written = &manifest.text()[text.range.clone()];
    // If the text is not there letter for letter, it has escapes, and plain quotes do.
    let quoted = match written.split_once(&text.value[..]) {
        Some((open, close)) => format!("{open}{other}{close}"),
        None => format!("\"{other}\""),
    };
    (text.range.clone(), quoted)
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path)(error)),
    }
}

/// Files with instructions for users.
fn texts(workspace: &Workspace, runner: &dyn Runner) -> Result<Vec<PathBuf>, Error> {
    let repository = match Repository::open(&workspace.root, runner) {
        Ok(repository) => repository,
        Err(Error::NoRepository { .. }) => {
            let folders = workspace.members.iter().map(Member::folder);
            let readmes = folders.map(|folder| folder.join("README.md"));
            return Ok(readmes.filter(|path| path.is_file()).collect());
        }
        Err(error) => return Err(error),
    };
    let names = repository.files(&["*.md", "*.rs"])?;
    let paths = names
        .iter()
        .filter(|name| snippets::may_be_in(name))
        .map(|name| repository.root().join(name));
    Ok(paths.collect())
}
