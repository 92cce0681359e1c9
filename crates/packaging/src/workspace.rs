//! What is to be released: the packages of a workspace, and in which order they can be published.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use semver::{Op, Version, VersionReq};
use serde::Serialize;

use crate::{
    Error, Runner,
    runner::{answer, line},
};

#[cfg(test)]
pub(crate) mod tests;

/// A workspace as Cargo sees it, without third-party packages.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{System, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let order = workspace.publish_order()?;
/// assert!(order.iter().all(|member| member.is_published));
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Workspace {
    /// Where the manifest of the workspace is.
    pub root: PathBuf,
    /// Where Cargo builds.
    pub target: PathBuf,
    /// In the order of their names.
    pub members: Vec<Member>,
}

/// A package of a workspace.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// As it is published.
    pub name: String,
    /// In its manifest, or in that of the workspace.
    pub version: Version,
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// Whether some registry may have it (`publish` in the manifest).
    pub is_published: bool,
    /// On other packages of the workspace, found by path.
    pub siblings: Vec<Sibling>,
    /// Names of its programs.
    pub programs: Vec<String>,
    /// Its README, which need not lie in its folder (`readme` in the manifest).
    pub readme: Option<PathBuf>,
}

/// That a package needs another one of the same workspace.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Sibling {
    /// The package that is needed.
    pub package: String,
    /// What the one that needs it calls it.
    pub alias: String,
    /// Whether it is needed for tests, examples and benches alone.
    pub is_development: bool,
    /// The version that is asked for; `*` for a dependency by path alone.
    pub requirement: VersionReq,
}

impl Sibling {
    /// Whether the registry has to have it before the package that needs it. A dev-dependency by path alone is not published.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// for sibling in workspace.members.iter().flat_map(|member| &member.siblings) {
    ///     assert!(sibling.comes_first() || sibling.is_development);
    /// }
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn comes_first(&self) -> bool {
        !self.is_development || self.requirement != VersionReq::STAR
    }
}

impl Workspace {
    /// Asks Cargo for the workspace around a folder. Takes some ten milliseconds; no network is used.
    ///
    /// # Errors
    ///
    /// [`Error::NoFolder`]; there is no workspace, or a manifest cannot be read: what Cargo says of it is in the error.
    pub fn load(folder: &Path, runner: &dyn Runner) -> Result<Self, Error> {
        Ok(Self::of(&metadata(folder, runner)?))
    }

    fn of(metadata: &Metadata) -> Self {
        let packages = metadata.workspace_packages();
        let mut members: Vec<Member> = packages
            .iter()
            .map(|package| Member::of(package, &packages))
            .collect();
        members.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.clone().into_std_path_buf(),
            members,
        }
    }

    /// The member of this name.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// assert!(workspace.member("tuneup-packaging").is_some());
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The members that some registry may have, by name.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Member> + Clone {
        self.members.iter().filter(|member| member.is_published)
    }

    /// Whether the published members have one version, and ask for no other of each other; `0.1` asks for 0.1.0 as well. What is asked for by path alone does
    /// not count.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfStep`] names those that have or ask for another version than most.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{System, Workspace};
    /// let workspace = Workspace::load(Path::new("."), &System)?;
    /// workspace.require_lock_step()?;
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn require_lock_step(&self) -> Result<(), Error> {
        let published = || self.published();
        let mut counts: BTreeMap<&Version, usize> = BTreeMap::new();
        for member in published() {
            *counts.entry(&member.version).or_default() += 1;
        }
        // What is asked for tells which of two is the one that somebody has changed alone.
        for asked in published().flat_map(|member| &member.siblings) {
            let mut named = counts.iter_mut();
            let named = named.find(|(version, _)| asks_for(&asked.requirement, version));
            if let Some((_, count)) = named {
                *count += 1;
            }
        }
        let Some((usual, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else {
            return Ok(());
        };
        let mut others = Vec::new();
        for member in published() {
            if member.version != *usual {
                others.push(format!("{} has {}", member.name, member.version));
            }
            let asked = member.siblings.iter().filter(|one| {
                one.requirement != VersionReq::STAR && !asks_for(&one.requirement, usual)
            });
            others.extend(asked.map(|one| {
                format!(
                    "{} asks for {} {}",
                    member.name, one.package, one.requirement
                )
            }));
        }
        if others.is_empty() {
            return Ok(());
        }
        others.push(format!("otherwise it is {usual}"));
        Err(Error::OutOfStep { versions: others })
    }

    /// The published members, each after those that it needs; by name where it does not matter.
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`] names packages that need each other.
    pub fn publish_order(&self) -> Result<Vec<&Member>, Error> {
        let mut order: Vec<&Member> = Vec::new();
        let mut rest: Vec<&Member> = self.published().collect();
        while !rest.is_empty() {
            let names: BTreeSet<&str> = rest.iter().map(|member| &member.name[..]).collect();
            let next = rest
                .iter()
                .position(|member| waits_for(member, &names).is_none());
            let Some(next) = next else {
                return Err(cycle(&rest));
            };
            order.push(rest.remove(next));
        }
        Ok(order)
    }
}

/// Whether a requirement names this version, in full or shortened, and no range.
fn asks_for(requirement: &VersionReq, version: &Version) -> bool {
    let [only] = &requirement.comparators[..] else {
        return false;
    };
    matches!(only.op, Op::Exact | Op::Caret | Op::Tilde)
        && only.major == version.major
        && only.minor.is_none_or(|minor| minor == version.minor)
        && only.patch.is_none_or(|patch| patch == version.patch)
        && (only.patch.is_none() || only.pre == version.pre)
}

/// The first of these names that has to be published before a member.
fn waits_for<'a>(member: &'a Member, names: &BTreeSet<&str>) -> Option<&'a str> {
    let needed = member
        .siblings
        .iter()
        .filter(|sibling| sibling.comes_first());
    needed
        .map(|sibling| &sibling.package[..])
        .find(|name| names.contains(name))
}

/// Follows what each waits for, until a package is met again. Each of these waits for another one of them.
fn cycle(waiting: &[&Member]) -> Error {
    let names: BTreeSet<&str> = waiting.iter().map(|member| &member.name[..]).collect();
    let mut path: Vec<&str> = Vec::new();
    let mut next = names.first().copied();
    while let Some(name) = next {
        if let Some(begin) = path.iter().position(|before| *before == name) {
            path.drain(..begin);
            path.push(name);
            break;
        }
        path.push(name);
        let member = waiting.iter().find(|member| member.name == name);
        next = member.and_then(|member| waits_for(member, &names));
    }
    Error::Cycle {
        packages: path.into_iter().map(str::to_owned).collect(),
    }
}

impl Member {
    fn of(package: &Package, packages: &[&Package]) -> Self {
        let siblings = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some())
            .filter(|dependency| packages.iter().any(|other| *other.name == dependency.name))
            .map(|dependency| Sibling {
                package: dependency.name.clone(),
                alias: dependency
                    .rename
                    .clone()
                    .unwrap_or_else(|| dependency.name.clone()),
                is_development: dependency.kind == DependencyKind::Development,
                requirement: dependency.req.clone(),
            });
        let programs = package.targets.iter().filter(|target| target.is_bin());
        let folder = package.manifest_path.parent();
        let readme = folder.zip(package.readme.as_ref());
        Self {
            name: package.name.to_string(),
            version: package.version.clone(),
            readme: readme.map(|(folder, name)| folder.join(name).into_std_path_buf()),
            manifest: package.manifest_path.clone().into_std_path_buf(),
            is_published: package
                .publish
                .as_ref()
                .is_none_or(|registries| !registries.is_empty()),
            siblings: siblings.collect(),
            programs: programs.map(|target| target.name.clone()).collect(),
        }
    }

    /// The folder of its manifest.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// assert!(workspace.members.iter().all(|member| member.folder().join("Cargo.toml").is_file()));
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

/// What Cargo says of the members of the workspace around a folder.
pub(crate) fn metadata(folder: &Path, runner: &dyn Runner) -> Result<Metadata, Error> {
    let mut command = Command::new(cargo());
    metadata_from(command.current_dir(folder), runner)
}

/// The same of a Cargo that is made ready where and how it is to run.
pub(crate) fn metadata_from(command: &mut Command, runner: &dyn Runner) -> Result<Metadata, Error> {
    command.args([
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ]);
    let said = answer(runner, command)?;
    read_metadata(command, &said)
}

/// What a `cargo metadata` has answered.
pub(crate) fn read_metadata(command: &Command, said: &str) -> Result<Metadata, Error> {
    MetadataCommand::parse(said).map_err(|error| Error::Answer {
        command: line(command),
        reason: error.to_string(),
    })
}

/// The Cargo that has started this process, as an xtask is; otherwise the first in PATH.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
