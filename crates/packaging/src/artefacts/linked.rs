//! Which packages become part of a program.

use std::{path::Path, process::Command};

use cargo_metadata::{Metadata, Package};

use crate::{
    Error, Member, Runner, Workspace,
    runner::{answer, line},
    workspace::{cargo, read_metadata},
};

/// Which program of a workspace is meant: that of a package, with features, for a target.
///
/// ```
/// use tuneup_packaging::Selection;
///
/// let selection = Selection::new("tool")
///     .features(["color"])
///     .without_default_features()
///     .target("x86_64-unknown-linux-musl");
/// # let _ = selection;
/// ```
#[derive(Clone, Debug)]
pub struct Selection {
    pub(crate) package: String,
    flags: Vec<String>,
    target: Option<String>,
    is_offline: bool,
}

impl Selection {
    /// A package with its default features, for this machine.
    pub fn new(package: impl Into<String>) -> Self {
        Self {
            package: package.into(),
            flags: Vec::new(),
            target: None,
            is_offline: false,
        }
    }

    /// With these features too.
    #[must_use]
    pub fn features<F: Into<String>>(mut self, features: impl IntoIterator<Item = F>) -> Self {
        for feature in features {
            self.flags.extend(["--features".to_owned(), feature.into()]);
        }
        self
    }

    /// With all features.
    #[must_use]
    pub fn all_features(mut self) -> Self {
        self.flags.push("--all-features".to_owned());
        self
    }

    /// Without the default features.
    #[must_use]
    pub fn without_default_features(mut self) -> Self {
        self.flags.push("--no-default-features".to_owned());
        self
    }

    /// For a target, as rustc names it.
    #[must_use]
    pub fn target(mut self, triple: impl Into<String>) -> Self {
        self.target = Some(triple.into());
        self
    }

    /// Lets Cargo use no network. Otherwise it downloads the sources of packages that it does not have.
    #[must_use]
    pub fn offline(mut self) -> Self {
        self.is_offline = true;
        self
    }

    /// The package in a workspace.
    pub(crate) fn member<'a>(&self, workspace: &'a Workspace) -> Result<&'a Member, Error> {
        workspace.member(&self.package).ok_or_else(|| {
            let reason = format!(
                "the workspace in `{}` has no package of this name",
                workspace.root.display()
            );
            Error::unfit(format!("`{}`", self.package), reason)
        })
    }

    fn command(&self, name: &str, member: &Member) -> Command {
        let mut command = Command::new(cargo());
        command
            .args([name, "--locked", "--manifest-path"])
            .arg(&member.manifest);
        command.current_dir(member.folder());
        if self.is_offline {
            command.arg("--offline");
        }
        command
    }

    /// Cargo's word on all packages of the lock file.
    pub(crate) fn all_packages(
        &self,
        member: &Member,
        runner: &dyn Runner,
    ) -> Result<Metadata, Error> {
        let mut command = self.command("metadata", member);
        command.args(["--format-version", "1", "--all-features"]);
        metadata(&mut command, runner)
    }

    /// Cargo's word on the packages of this selection, and some more of its workspace.
    pub(crate) fn packages(&self, member: &Member, runner: &dyn Runner) -> Result<Metadata, Error> {
        let target = match &self.target {
            Some(target) => target.clone(),
            None => host(member.folder(), runner)?,
        };
        let mut command = self.command("metadata", member);
        command.args(["--format-version", "1", "--filter-platform", &target]);
        command.args(&self.flags);
        metadata(&mut command, runner)
    }

    /// The packages that are built into the program or its build scripts, each with a path to it. Dev-dependencies are not among them.
    ///
    /// Cargo itself resolves the features, so that a feature which only a test switches on does not count.
    pub(crate) fn linked(
        &self,
        member: &Member,
        runner: &dyn Runner,
    ) -> Result<Vec<Linked>, Error> {
        let mut command = self.command("tree", member);
        command.args([
            "--edges",
            "normal,build",
            "--prefix",
            "depth",
            "--format",
            "\t{p}",
        ]);
        command.args(&self.flags);
        if let Some(target) = &self.target {
            command.args(["--target", target]);
        }
        let said = answer(runner, &mut command)?;
        parse_tree(&said).map_err(|reason| Error::Answer {
            command: line(&command),
            reason,
        })
    }
}

fn metadata(command: &mut Command, runner: &dyn Runner) -> Result<Metadata, Error> {
    let said = answer(runner, command)?;
    read_metadata(command, &said)
}

/// The target that Cargo builds for if none is named.
pub(crate) fn host(folder: &Path, runner: &dyn Runner) -> Result<String, Error> {
    let mut command = Command::new(cargo());
    command.arg("-vV").current_dir(folder);
    let said = answer(runner, &mut command)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Answer {
        command: line(&command),
        reason: "it does not name its host".to_owned(),
    })
}

/// A package that becomes part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Linked {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where it comes from, if Cargo says so: an address, or a folder.
    origin: Option<String>,
    /// From the program on, `name version` each; the last is the package itself.
    pub(crate) path: Vec<String>,
}

impl Linked {
    /// Whether it is this package of Cargo's list.
    pub(crate) fn is(&self, package: &Package) -> bool {
        if *package.name != self.name || package.version.to_string() != self.version {
            return false;
        }
        let source = package.source.as_ref().map(|source| &source.repr[..]);
        match (&self.origin, source) {
            (None, Some(source)) => !source.starts_with("git+"),
            (Some(origin), None) => package
                .manifest_path
                .parent()
                .is_some_and(|folder| folder == origin.as_str()),
            (Some(origin), Some(source)) => match source.strip_prefix("git+") {
                // The commit is shortened there.
                Some(address) => address.starts_with(origin.as_str()),
                None => origin.starts_with("registry "),
            },
            (None, None) => false,
        }
    }
}

/// Reads lines of depth and package; a package that was shown before is not shown with what it needs.
fn parse_tree(text: &str) -> Result<Vec<Linked>, String> {
    let mut path: Vec<String> = Vec::new();
    let mut linked: Vec<Linked> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let strange = || format!("`{line}` is no depth and package");
        let (depth, package) = line.split_once('\t').ok_or_else(strange)?;
        let depth: usize = depth.parse().map_err(|_| strange())?;
        let (name, rest) = package.split_once(" v").ok_or_else(strange)?;
        let (version, notes) = rest.split_once(' ').unwrap_or((rest, ""));
        if depth > path.len() {
            return Err(strange());
        }
        path.truncate(depth);
        path.push(format!("{name} {version}"));
        let found = Linked {
            name: name.to_owned(),
            version: version.to_owned(),
            origin: origin(notes).map(str::to_owned),
            path: path.clone(),
        };
        let is_known = linked.iter().any(|other| {
            (&other.name, &other.version, &other.origin)
                == (&found.name, &found.version, &found.origin)
        });
        if !is_known {
            linked.push(found);
        }
    }
    Ok(linked)
}

/// Of `(proc-macro) (/folder/of/it) (*)`, the one in the middle, in whose name there may be brackets too.
fn origin(notes: &str) -> Option<&str> {
    let notes = notes.strip_prefix("(proc-macro)").unwrap_or(notes);
    let notes = notes.strip_suffix("(*)").unwrap_or(notes);
    notes.trim().strip_prefix('(')?.strip_suffix(')')
}

#[cfg(test)]
mod tests;
