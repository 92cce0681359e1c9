//! Where the dependencies come from, and whether the lock file says so.

use std::{fs, path::Path, process::Command};

use cargo_metadata::Metadata;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Runner,
    lock_file::LockFile,
    runner::{git_in, outcome},
    workspace::{cargo, read_metadata},
};

/// What [`audit_sources`] has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourcesReport {
    /// Packages of the lock file.
    pub packages: u64,
    /// Those that come from a registry with a checksum.
    pub verified: u64,
    /// Packages from elsewhere that are allowed, with the reason.
    pub allowed: Vec<String>,
    /// What is wrong, a line each, with what to do.
    pub problems: Vec<String>,
}

/// A source that is neither crates.io nor the workspace, and may be used.
///
/// ```
/// use tuneup_packaging::AllowedSource;
///
/// let source = AllowedSource::new("git+https://example.org/fork.git", "until our change is released");
/// assert!(source.reason.contains("released"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AllowedSource {
    /// The beginning of the source as the lock file has it, or `path+` and a folder.
    pub begin: String,
    /// Why.
    pub reason: String,
}

impl AllowedSource {
    /// Allows sources that begin like this.
    ///
    /// ```
    /// # use tuneup_packaging::AllowedSource;
    /// let source = AllowedSource::new("path+/srv/shared", "built by the same people");
    /// assert_eq!(source.begin, "path+/srv/shared");
    /// ```
    #[must_use]
    pub fn new(begin: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            begin: begin.into(),
            reason: reason.into(),
        }
    }
}

/// Looks whether the lock file of a workspace is committed and complete, and where every package comes from: crates.io with a checksum,
/// or the workspace itself, or what is allowed.
///
/// Runs `git ls-files` and `cargo metadata --locked`, which fetches packages that this machine has not seen.
///
/// # Errors
///
/// Git or Cargo cannot be started; the lock file cannot be read.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{System, Workspace, audit_sources};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let report = audit_sources(&workspace.root, &[], &System)?;
/// assert!(report.packages > 0);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn audit_sources(
    root: &Path,
    allowed: &[AllowedSource],
    runner: &dyn Runner,
) -> Result<SourcesReport, Error> {
    let mut report = SourcesReport::default();
    let lock = root.join("Cargo.lock");
    if !lock.is_file() {
        let problem =
            "Cargo.lock is missing; make it with `cargo generate-lockfile`, and commit it";
        report.problems.push(problem.to_owned());
        return Ok(report);
    }
    report.problems.extend(uncommitted(root, runner)?);
    let mut command = Command::new(cargo());
    command
        .args([
            "metadata",
            "--locked",
            "--all-features",
            "--format-version",
            "1",
        ])
        .current_dir(root);
    let output = outcome(runner, &mut command)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        report.problems.push(format!(
            "`cargo metadata --locked` has failed; if the lock file is behind the manifests, run `cargo update --workspace` and commit it: {}",
            said.trim()
        ));
        return Ok(report);
    }
    let metadata = read_metadata(&command, &String::from_utf8_lossy(&output.stdout))?;
    packages(&lock, &mut report, allowed)?;
    paths(&metadata, &mut report, allowed);
    Ok(report)
}

fn uncommitted(root: &Path, runner: &dyn Runner) -> Result<Option<String>, Error> {
    let mut command = git_in(root);
    command.args(["ls-files", "--error-unmatch", "Cargo.lock"]);
    if !outcome(runner, &mut command)?.status.success() {
        return Ok(Some("Cargo.lock is not in Git, so that nobody else builds what was tested; take it out of .gitignore and commit it".to_owned()));
    }
    let mut command = git_in(root);
    command.args(["diff", "--quiet", "HEAD", "--", "Cargo.lock"]);
    // Without a commit there is no `HEAD`, which is a failure as well.
    let is_committed = outcome(runner, &mut command)?.status.success();
    Ok((!is_committed).then(|| {
        "Cargo.lock has changes that are not committed, so that nobody else builds what was tested; commit it".to_owned()
    }))
}

/// What the lock file says of packages that are no folders.
fn packages(
    lock: &Path,
    report: &mut SourcesReport,
    allowed: &[AllowedSource],
) -> Result<(), Error> {
    for package in LockFile::read(lock)?.packages {
        report.packages += 1;
        let Some(source) = &package.source else {
            continue;
        };
        let name = format!("{} {}", package.package, package.version);
        if !package.is_from_public_registry() && !is_allowed(&name, source, report, allowed) {
            report.problems.push(format!(
                "{name} comes from {source}; take it from crates.io, or allow the source with a reason"
            ));
        } else if package.is_from_registry() && package.checksum.is_none() {
            report.problems.push(format!(
                "{name} has no checksum in Cargo.lock; make the lock file anew with `cargo generate-lockfile`"
            ));
        } else if package.is_from_registry() {
            report.verified += 1;
        }
    }
    Ok(())
}

/// Folders outside of the workspace are on this machine alone.
fn paths(metadata: &Metadata, report: &mut SourcesReport, allowed: &[AllowedSource]) {
    let root = metadata.workspace_root.as_std_path();
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let folders = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none());
    for package in folders {
        let folder = package
            .manifest_path
            .parent()
            .map_or(Path::new(""), |path| path.as_std_path());
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if folder.starts_with(&root) {
            continue;
        }
        let name = format!("{} {}", package.name, package.version);
        let source = format!("path+{}", folder.display());
        if !is_allowed(&name, &source, report, allowed) {
            report.problems.push(format!(
                "{name} comes from the folder {}, outside of the workspace; move it inside, publish it, or allow the source with a reason",
                folder.display()
            ));
        }
    }
}

fn is_allowed(
    name: &str,
    source: &str,
    report: &mut SourcesReport,
    allowed: &[AllowedSource],
) -> bool {
    let found = allowed
        .iter()
        .find(|allowed| source.starts_with(&allowed.begin) && !allowed.reason.trim().is_empty());
    report
        .allowed
        .extend(found.map(|found| format!("{name} from {source}: {}", found.reason)));
    found.is_some()
}
