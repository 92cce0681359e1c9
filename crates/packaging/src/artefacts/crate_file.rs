//! `.crate` files by the real Cargo, looked at before and after.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use glob::{MatchOptions, Pattern};
use semver::Version;
use serde::Serialize;

use crate::{
    Error, Member, Runner, Workspace,
    artefacts::archive::read_archive,
    runner::answer,
    whole_file::{read, write_whole},
    workspace::cargo,
};

mod sources;

/// A `.crate` file that was packaged.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CrateFile {
    /// The name of the package.
    pub package: String,
    /// Its version.
    pub version: Version,
    /// Where the file is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The length of all that is in it.
    pub unpacked_bytes: u64,
    /// Its SHA-256, in small hexadecimal digits: what a registry calls `cksum`.
    pub sha256: String,
    /// What is in it, by path in the package.
    pub files: BTreeSet<String>,
}

/// What registries take at most, mostly.
const LARGEST: u64 = 10 << 20;

/// What Cargo puts into each package by itself.
const BY_CARGO: &[&str] = &[
    "Cargo.toml",
    "Cargo.toml.orig",
    "Cargo.lock",
    ".cargo_vcs_info.json",
];

/// Packages members of a workspace, all in one run of `cargo package`, so that they find each other.
///
/// Before Cargo compresses anything, the list of files is compared with what may and what must be in it, and with what the sources name:
/// a file of `include_str!`, `include_bytes!`, `include!`, `#[path]`, or of a build script, that is in the checkout and not in the package would be missed
/// by nobody but who depends on it.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{Packager, System, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let crates = Packager::new()
///     .allow("src/**")
///     .allow("*.md")
///     .want("LICENSE-*")
///     .largest_bytes(200_000)
///     .package(&workspace, &[], Path::new("dist"), &System)?;
/// println!("{} packages", crates.len());
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is packaged before `package`"]
pub struct Packager {
    allowed: Vec<(Option<String>, String)>,
    wanted: Vec<(Option<String>, String)>,
    skipped: Vec<(Option<String>, String)>,
    largest_bytes: u64,
    flags: Vec<&'static str>,
    registry: Option<String>,
    target: Option<PathBuf>,
}

impl Default for Packager {
    fn default() -> Self {
        Self::new()
    }
}

impl Packager {
    /// Any file is allowed, none is wanted, 10 MiB are enough, and each package is built from its file.
    pub fn new() -> Self {
        Self {
            allowed: Vec::new(),
            wanted: Vec::new(),
            skipped: Vec::new(),
            largest_bytes: LARGEST,
            flags: Vec::new(),
            registry: None,
            target: None,
        }
    }

    /// Files that match may be in a package. With one such pattern, no others may, but those that Cargo adds by itself. `*` stays within a folder, `**`
    /// does not.
    pub fn allow(mut self, pattern: impl Into<String>) -> Self {
        self.allowed.push((None, pattern.into()));
        self
    }

    /// As [`allow`](Self::allow), for one package alone.
    pub fn allow_in(mut self, package: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.allowed.push((Some(package.into()), pattern.into()));
        self
    }

    /// Some file that matches has to be in each package.
    pub fn want(mut self, pattern: impl Into<String>) -> Self {
        self.wanted.push((None, pattern.into()));
        self
    }

    /// As [`want`](Self::want), of one package alone.
    pub fn want_in(mut self, package: impl Into<String>, pattern: impl Into<String>) -> Self {
        self.wanted.push((Some(package.into()), pattern.into()));
        self
    }

    /// Sources that match may name files that are not packaged: tests, say, that need the whole repository.
    pub fn skip_sources(mut self, pattern: impl Into<String>) -> Self {
        self.skipped.push((None, pattern.into()));
        self
    }

    /// What each file may have at most; 10 MiB by default, which is what registries take.
    pub fn largest_bytes(mut self, bytes: u64) -> Self {
        self.largest_bytes = bytes;
        self
    }

    /// Does not build what was packaged: `--no-verify`.
    pub fn without_build(mut self) -> Self {
        self.flags.push("--no-verify");
        self
    }

    /// Lets Cargo use no network: `--offline`.
    pub fn offline(mut self) -> Self {
        self.flags.push("--offline");
        self
    }

    /// The lock file must not change: `--locked`.
    pub fn locked(mut self) -> Self {
        self.flags.push("--locked");
        self
    }

    /// Packages what is not committed too: `--allow-dirty`.
    pub fn allow_dirty(mut self) -> Self {
        self.flags.push("--allow-dirty");
        self
    }

    /// The registry that the packages are for, as Cargo calls it; Cargo's own by default. It matters where packages need each other and none is there yet, and where another registry stands for
    /// Cargo's own.
    pub fn registry(mut self, name: impl Into<String>) -> Self {
        self.registry = Some(name.into());
        self
    }

    /// Where Cargo builds, instead of where the workspace does.
    pub fn target(mut self, folder: impl Into<PathBuf>) -> Self {
        self.target = Some(folder.into());
        self
    }

    /// Packages members, and copies their files to a folder, which is made. Without names: all that are published, in the order in which they
    /// can be.
    ///
    /// Costs the build of each package with its dependencies, but for [`without_build`](Self::without_build). The same sources give the same bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Faulty`] names each file that should not be there, is wanted, or is named by a source and missing, and each package that is too large;
    /// what Cargo refuses is told in its own words. Nothing is copied before all is well.
    pub fn package(
        &self,
        workspace: &Workspace,
        members: &[&str],
        folder: &Path,
        runner: &dyn Runner,
    ) -> Result<Vec<CrateFile>, Error> {
        let members = self.members(workspace, members)?;
        let mut problems = Vec::new();
        let mut lists = Vec::new();
        for member in &members {
            let list = self.list(workspace, member, runner)?;
            let found = self.problems_of(member, &list)?;
            problems.extend(
                found
                    .into_iter()
                    .map(|problem| format!("`{}`: {problem}", member.name)),
            );
            lists.push(list);
        }
        Error::unless_empty(&workspace.root, problems)?;

        let target = self.target.as_ref().unwrap_or(&workspace.target);
        let mut command = self.cargo_package(workspace);
        command.arg("--target-dir").arg(target);
        if let Some(name) = &self.registry {
            command.args(["--registry", name]);
        }
        for member in &members {
            command.args(["--package", &member.name]);
        }
        answer(runner, &mut command)?;

        let mut packaged = Vec::new();
        for (member, list) in members.into_iter().zip(lists) {
            let name = format!("{}-{}.crate", member.name, member.version);
            packaged.push(self.packaged(member, list, &target.join("package").join(name))?);
        }
        for file in &mut packaged {
            let to = folder.join(file.path.file_name().unwrap_or_default());
            write_whole(&to, &read(&file.path)?)?;
            file.path = to;
        }
        Ok(packaged)
    }

    fn members<'a>(
        &self,
        workspace: &'a Workspace,
        names: &[&str],
    ) -> Result<Vec<&'a Member>, Error> {
        if names.is_empty() {
            return workspace.publish_order();
        }
        let members = names.iter().map(|name| {
            workspace.member(name).ok_or_else(|| {
                let reason = format!(
                    "the workspace in `{}` has no package of this name",
                    workspace.root.display()
                );
                Error::unfit(format!("`{name}`"), reason)
            })
        });
        members.collect()
    }

    fn cargo_package(&self, workspace: &Workspace) -> Command {
        let mut command = Command::new(cargo());
        command.arg("package").args(&self.flags);
        command.current_dir(&workspace.root);
        command
    }

    /// What Cargo would package.
    fn list(
        &self,
        workspace: &Workspace,
        member: &Member,
        runner: &dyn Runner,
    ) -> Result<BTreeSet<String>, Error> {
        let mut command = self.cargo_package(workspace);
        command.args(["--list", "--package", &member.name]);
        let said = answer(runner, &mut command)?;
        Ok(said.lines().map(|line| line.replace('\\', "/")).collect())
    }

    fn problems_of(&self, member: &Member, list: &BTreeSet<String>) -> Result<Vec<String>, Error> {
        let patterns = |of: &[(Option<String>, String)]| patterns_of(member, of);
        let allowed = patterns(&self.allowed)?;
        let strange = list.iter().filter(|name| {
            !allowed.is_empty()
                && !BY_CARGO.contains(&name.as_str())
                && !matches_any(&allowed, name)
        });
        let mut problems: Vec<_> = strange
            .map(|name| format!("`{name}` is packaged, and no pattern allows it; leave it out by `exclude` in the manifest"))
            .collect();
        let wanted = patterns(&self.wanted)?;
        let missing = wanted.iter().filter(|pattern| {
            !list
                .iter()
                .any(|name| matches_any(&[(*pattern).clone()], name))
        });
        problems
            .extend(missing.map(|pattern| format!("nothing that matches `{pattern}` is packaged")));
        let skipped = patterns(&self.skipped)?;
        problems.extend(sources::problems(member, list, |name| {
            matches_any(&skipped, name)
        })?);
        Ok(problems)
    }

    /// Looks at what Cargo has written.
    fn packaged(
        &self,
        member: &Member,
        list: BTreeSet<String>,
        path: &Path,
    ) -> Result<CrateFile, Error> {
        let archive = read_archive(path)?;
        let root = format!("{}-{}/", member.name, member.version);
        let mut problems = Vec::new();
        let mut files = BTreeSet::new();
        for name in archive.files.keys() {
            match name.strip_prefix(&root) {
                Some(name) => _ = files.insert(name.to_owned()),
                None => problems.push(format!("`{name}` is not below `{root}`")),
            }
        }
        problems.extend(
            list.difference(&files)
                .map(|name| format!("`{name}` is missing")),
        );
        problems.extend(
            files
                .difference(&list)
                .map(|name| format!("`{name}` came in unseen")),
        );
        if archive.bytes > self.largest_bytes {
            problems.push(format!(
                "it has {} bytes, more than {}; its largest files are {}",
                archive.bytes,
                self.largest_bytes,
                largest(
                    &archive
                        .files
                        .iter()
                        .map(|(name, file)| (file.bytes, &name[..]))
                        .collect::<Vec<_>>()
                )
            ));
        }
        Error::unless_empty(path, problems)?;
        Ok(CrateFile {
            package: member.name.clone(),
            version: member.version.clone(),
            path: path.to_owned(),
            bytes: archive.bytes,
            unpacked_bytes: archive.files.values().map(|file| file.bytes).sum(),
            sha256: archive.sha256,
            files,
        })
    }
}

fn patterns_of(
    member: &Member,
    patterns: &[(Option<String>, String)],
) -> Result<Vec<Pattern>, Error> {
    let of_it = patterns.iter().filter(|(package, _)| {
        package
            .as_ref()
            .is_none_or(|package| *package == member.name)
    });
    let compiled = of_it.map(|(_, pattern)| {
        Pattern::new(pattern)
            .map_err(|error| Error::unfit(format!("the pattern `{pattern}`"), error.to_string()))
    });
    compiled.collect()
}

fn matches_any(patterns: &[Pattern], name: &str) -> bool {
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::default()
    };
    patterns
        .iter()
        .any(|pattern| pattern.matches_with(name, options))
}

/// The three largest files.
fn largest(files: &[(u64, &str)]) -> String {
    let mut files = files.to_vec();
    files.sort_unstable_by(|one, other| other.cmp(one));
    let first = files.iter().take(3);
    let first: Vec<_> = first
        .map(|(bytes, name)| format!("`{name}` ({bytes})"))
        .collect();
    first.join(", ")
}

#[cfg(test)]
mod tests;
