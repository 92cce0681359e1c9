//! Versions that their authors have taken back after the lock file was made.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Runner, index_path::index_path, lock_file::LockFile, runner::outcome, workspace::cargo,
};

#[cfg(test)]
mod tests;

/// What [`find_yanked`] has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct YankedReport {
    /// Versions of the lock file that come from a registry and were found in its index.
    pub checked: u64,
    /// Those that were taken back, as `name version`.
    pub yanked: Vec<String>,
    /// Those that the index on this machine does not know, as `name version`.
    pub missing: Vec<String>,
    /// Whether Cargo has asked the registries just now; otherwise the answer is as old as what Cargo has last seen of each package.
    pub is_fresh: bool,
}

/// Looks for yanked versions in the lock file of a workspace.
///
/// First has Cargo bring its copy of the index up to date, by `cargo update --dry-run`, which changes nothing in the workspace; without
/// a network the copy stays as it is. Then reads that copy in the folder of Cargo (`cargo_home`): the form of sparse registries and that
/// of local ones. Versions are found by name, version and checksum, so that it does not matter under what name a registry is configured.
///
/// # Errors
///
/// The lock file cannot be read; Cargo cannot be started.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{System, Workspace, cargo_home, find_yanked};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let report = find_yanked(&workspace.root, &cargo_home(), &System)?;
/// assert!(report.checked > 0);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn find_yanked(
    root: &Path,
    cargo_home: &Path,
    runner: &dyn Runner,
) -> Result<YankedReport, Error> {
    let mut update = Command::new(cargo());
    update
        .args(["update", "--dry-run", "--quiet"])
        .env("CARGO_HOME", cargo_home)
        .current_dir(root);
    let output = outcome(runner, &mut update)?;
    // Where nothing but a yanked version would do, Cargo cannot answer; it has asked all the same.
    let is_refused = String::from_utf8_lossy(&output.stderr).contains("is yanked");
    let mut report = YankedReport {
        is_fresh: output.status.success() || is_refused,
        ..YankedReport::default()
    };
    let indices = indices(cargo_home);
    for package in LockFile::read(&root.join("Cargo.lock"))?.packages {
        if !package.is_from_registry() {
            continue;
        }
        let (name, version) = (&package.package, package.version.to_string());
        let places = indices.iter().map(|index| index.join(index_path(name)));
        let states: BTreeSet<bool> = places
            .filter_map(|path| fs::read(path).ok())
            .filter_map(|entries| is_yanked(&entries, &version, package.checksum.as_deref()))
            .collect();
        let label = format!("{name} {version}");
        if states.is_empty() {
            report.missing.push(label);
            continue;
        }
        report.checked += 1;
        // Of two copies of an index the older one may not know it yet.
        if states.contains(&true) {
            report.yanked.push(label);
        }
    }
    Ok(report)
}

/// The folder of Cargo: `CARGO_HOME`, otherwise `.cargo` in the home folder. Reads the environment.
///
/// ```
/// assert!(tuneup_packaging::cargo_home().is_absolute());
/// ```
#[must_use]
pub fn cargo_home() -> PathBuf {
    let named = env::var_os("CARGO_HOME").filter(|home| !home.is_empty());
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    named.map_or_else(home, PathBuf::from)
}

/// The folders that hold a copy of an index.
fn indices(cargo_home: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cargo_home.join("registry/index"));
    let folders = entries.into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path().join(".cache")).collect();
    folders.sort();
    folders
}

#[derive(Deserialize)]
struct Entry {
    vers: String,
    cksum: String,
    #[serde(default)]
    yanked: bool,
}

/// What the entries say of a version; `None` if they do not know it, or know another one under its name. Cargo's copy has a header, and
/// zeros between versions and entries; an index has an entry in each line.
fn is_yanked(entries: &[u8], version: &str, checksum: Option<&str>) -> Option<bool> {
    let parts = entries.split(|byte| matches!(byte, 0 | b'\n'));
    let parsed = parts
        .filter(|part| part.first() == Some(&b'{'))
        .filter_map(|part| serde_json::from_slice(part).ok());
    let same = |entry: &Entry| {
        entry.vers == version && checksum.is_none_or(|checksum| checksum == entry.cksum)
    };
    parsed.filter(same).map(|entry| entry.yanked).next_back()
}
