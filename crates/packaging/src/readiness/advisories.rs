//! What is known to be wrong with the dependencies of a lock file, by an advisory database on this machine.

use std::{
    collections::btree_map::{BTreeMap, Entry},
    fs, io,
    path::{Path, PathBuf},
};

use rustsec::{Advisory, Version, VersionReq};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::{Error, lock_file::LockFile};

#[cfg(test)]
mod tests;

/// What [`find_advisories`] has read and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AdvisoriesReport {
    /// Packages of the lock file that the database is about: those of crates.io.
    pub packages: u64,
    /// Packages of other registries, of Git repositories and of the workspace, about which it says nothing.
    pub unknown_packages: u64,
    /// Advisories about packages of these names, in any version; each counts once, however many versions of its package there are.
    pub advisories: u64,
    /// Versions with a vulnerability.
    pub vulnerable: Vec<FoundAdvisory>,
    /// Versions with something else that one should know: nobody maintains them, they are unsound, or a notice.
    pub informational: Vec<FoundAdvisory>,
}

/// An advisory about a version in the lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FoundAdvisory {
    /// As `RUSTSEC-2020-0071`.
    pub id: String,
    /// The package.
    pub package: String,
    /// Its version in the lock file.
    pub version: String,
    /// What is wrong, in a line.
    pub title: String,
    /// What versions are mended; none if nobody has mended it.
    pub patched: Vec<String>,
    /// What versions never had it. They may come after this one, where what is wrong went away with something else.
    pub unaffected: Vec<String>,
    /// `unmaintained`, `unsound`, `notice` or another word; `None` for a vulnerability.
    pub informational: Option<String>,
}

impl FoundAdvisory {
    /// All of it in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let patched = match (&self.patched[..], &self.unaffected[..]) {
            ([], []) => "no version is mended".to_owned(),
            ([], unaffected) => format!(
                "no version is mended, {} never had it",
                unaffected.join(" or ")
            ),
            (patched, _) => format!("mended in {}", patched.join(" or ")),
        };
        let Self {
            id,
            package,
            version,
            title,
            ..
        } = self;
        format!("{package} {version}: {id}, {title} ({patched})")
    }
}

/// Looks up the packages of a lock file in a checkout of the [RustSec database](https://github.com/RustSec/advisory-db), or in a folder
/// of the same form: `crates/NAME/*.md`, or `*.toml` as it was until 2020. Nothing is fetched: how old the answer is, is how old the
/// checkout is.
///
/// Reads the advisories of the packages of the lock file alone, which takes some milliseconds. Withdrawn advisories do not count. What
/// an advisory says of operating systems and functions is not looked at: the package counts as affected.
///
/// # Errors
///
/// The lock file, the database or one of its advisories that is asked for cannot be read; there is no advisory in the folder at all.
///
/// ```
/// use std::fs;
/// use tuneup_packaging::find_advisories;
///
/// let folder = tempfile::tempdir()?;
/// let about = folder.path().join("database/crates/sharp");
/// fs::create_dir_all(&about)?;
/// let fence = "`".repeat(3);
/// let facts = "[advisory]\nid = 'RUSTSEC-2024-0001'\npackage = 'sharp'\ndate = '2024-01-01'\n\n[versions]\npatched = ['>= 1.2.0']";
/// fs::write(
///     about.join("RUSTSEC-2024-0001.md"),
///     format!("{fence}toml\n{facts}\n{fence}\n\n# Cuts its user\n\nDo not touch it.\n"),
/// )?;
/// let lock = folder.path().join("Cargo.lock");
/// let source = "registry+https://github.com/rust-lang/crates.io-index";
/// fs::write(&lock, format!("version = 4\n[[package]]\nname = 'sharp'\nversion = '1.1.0'\nsource = '{source}'\n"))?;
///
/// let report = find_advisories(&lock, &folder.path().join("database"))?;
/// assert_eq!(report.vulnerable[0].line(), "sharp 1.1.0: RUSTSEC-2024-0001, Cuts its user (mended in >=1.2.0)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find_advisories(lock: &Path, database: &Path) -> Result<AdvisoriesReport, Error> {
    let crates = database.join("crates");
    if !crates.is_dir() {
        return Err(Error::faulty(database, "it has no folder `crates`; give the checkout of an advisory database, as of rustsec/advisory-db".to_owned()));
    }
    let mut report = AdvisoriesReport::default();
    let mut known = BTreeMap::new();
    for package in LockFile::read(lock)?.packages {
        if !package.is_from_public_registry() {
            report.unknown_packages += 1;
            continue;
        }
        report.packages += 1;
        let advisories = match known.entry(package.package) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => {
                let read = advisories_of(&crates.join(unread.key()))?;
                report.advisories += read.len() as u64;
                unread.insert(read)
            }
        };
        for advisory in advisories {
            if let Some(found) = judged(advisory, &package.version) {
                match found.informational {
                    None => report.vulnerable.push(found),
                    Some(_) => report.informational.push(found),
                }
            }
        }
    }
    if report.advisories == 0 && !has_advisory(&crates)? {
        return Err(Error::faulty(database, "there is no advisory in it; give the checkout of an advisory database, as of rustsec/advisory-db".to_owned()));
    }
    Ok(report)
}

/// Whether a folder has an advisory, of whatever package: the checkout of a workspace has a folder `crates` as well, and nothing would be found there.
fn has_advisory(crates: &Path) -> Result<bool, Error> {
    for package in fs::read_dir(crates).map_err(Error::file("read", crates))? {
        let package = package.map_err(Error::file("read", crates))?.path();
        if package.is_dir() && files_of(&package)?.iter().any(|file| read(file).is_ok()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// In the order of their files.
fn advisories_of(folder: &Path) -> Result<Vec<Advisory>, Error> {
    files_of(folder)?.iter().map(|file| read(file)).collect()
}

/// What is written as an advisory is, in order; nothing if there is no such folder.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::file("read", folder))?,
    };
    let files: Result<Vec<PathBuf>, io::Error> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut files = files.map_err(Error::file("read", folder))?;
    files.sort();
    let is_advisory = |file: &PathBuf| {
        let extension = file.extension().unwrap_or_default();
        extension == "md" || extension == "toml"
    };
    files.retain(|file| is_advisory(file) && !Advisory::is_draft(file));
    Ok(files)
}

fn read(file: &Path) -> Result<Advisory, Error> {
    let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
    let text = match file
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        true => as_markdown(&text),
        false => Ok(text.replace("\r\n", "\n")),
    };
    let advisory = text.and_then(|text| match text.starts_with("```toml\n") {
        true => text
            .parse()
            .map_err(|error: rustsec::Error| error.to_string()),
        false => Err("it does not begin with a block of TOML".to_owned()),
    });
    advisory.map_err(|reason| Error::faulty(file, reason))
}

/// Until 2020 an advisory was TOML with its title and description in it, which are the text of the page today.
fn as_markdown(text: &str) -> Result<String, String> {
    let mut table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| error.to_string())?;
    let advisory = table.get_mut("advisory").and_then(Value::as_table_mut);
    let advisory = advisory.ok_or("it has no table `advisory`")?;
    // What stood there before `versions` was a table.
    let mut versions = Table::new();
    for (before, now) in [
        ("patched_versions", "patched"),
        ("unaffected_versions", "unaffected"),
    ] {
        versions.extend(advisory.remove(before).map(|value| (now.to_owned(), value)));
    }
    let mut taken = |key| match advisory.remove(key) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (title, description) = (taken("title"), taken("description"));
    if !versions.is_empty() {
        table.insert("versions".to_owned(), versions.into());
    }
    let title = title.lines().next().unwrap_or_default();
    Ok(format!(
        "```toml\n{table}```\n\n# {title}\n\n{description}\n"
    ))
}

fn judged(advisory: &Advisory, version: &Version) -> Option<FoundAdvisory> {
    if advisory.withdrawn() || !advisory.versions.is_vulnerable(version) {
        return None;
    }
    let metadata = &advisory.metadata;
    let versions = &advisory.versions;
    let told = |ranges: &[VersionReq]| ranges.iter().map(ToString::to_string).collect();
    Some(FoundAdvisory {
        id: metadata.id.to_string(),
        package: metadata.package.to_string(),
        version: version.to_string(),
        title: metadata.title.clone(),
        patched: told(versions.patched()),
        unaffected: told(versions.unaffected()),
        informational: metadata
            .informational
            .as_ref()
            .map(|kind| kind.as_str().to_owned()),
    })
}
