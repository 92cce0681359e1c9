//! What a registry has of a version, asked through Cargo: this library uses no network of its own.

use std::{fs, path::Path, process::Command};

use semver::Version;
use serde::Serialize;

use crate::{
    Error, Runner,
    lock_file::LockFile,
    publishing::cargo_command::{self, Failure},
    workspace::cargo,
};

/// A version in the index of a registry.
///
/// ```
/// use tuneup_packaging::{Index as _, Registry};
///
/// let registry = Registry::builder().start()?;
/// assert_eq!(registry.version("anything", &"1.0.0".parse().unwrap())?, None);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IndexedVersion {
    /// SHA-256 of its `.crate`, 64 digits of base sixteen. Empty where the registry does not tell it to Cargo, which is so for versions that are taken back.
    pub checksum: String,
    /// Whether it is taken back, so that nobody depends on it anew.
    pub is_yanked: bool,
}

impl IndexedVersion {
    /// What an [`Index`] has found.
    ///
    /// ```
    /// use tuneup_packaging::IndexedVersion;
    ///
    /// assert!(IndexedVersion::new("", true).is_yanked);
    /// ```
    #[must_use]
    pub fn new(checksum: impl Into<String>, is_yanked: bool) -> Self {
        Self {
            checksum: checksum.into(),
            is_yanked,
        }
    }
}

/// Where the index of a registry is read from.
///
/// [`CargoIndex`] asks Cargo; a [`Registry`](crate::Registry) knows by itself; a test may answer what it likes.
///
/// ```
/// use semver::Version;
/// use tuneup_packaging::{Error, Index, IndexedVersion};
///
/// struct Nothing;
///
/// impl Index for Nothing {
///     fn version(&self, _: &str, _: &Version) -> Result<Option<IndexedVersion>, Error> {
///         Ok(None)
///     }
/// }
///
/// assert_eq!(Nothing.version("serde", &Version::new(1, 0, 0))?, None);
/// # Ok::<(), Error>(())
/// ```
pub trait Index {
    /// A version of a package; `None` if it is not there.
    ///
    /// # Errors
    ///
    /// The index cannot be asked.
    fn version(&self, package: &str, version: &Version) -> Result<Option<IndexedVersion>, Error>;
}

/// The index as Cargo finds it: a project in a scratch folder depends on the version, and its lock file tells the checksum.
///
/// One question is one run of `cargo generate-lockfile`, about half a second and what the network takes. The dependencies of the version are looked up, too.
///
/// ```no_run
/// use tuneup_packaging::{CargoIndex, Index as _, System};
///
/// let index = CargoIndex::new(&System);
/// let version = index.version("serde", &"1.0.200".parse().unwrap())?;
/// assert!(version.is_some_and(|version| version.checksum.len() == 64));
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct CargoIndex<'a> {
    runner: &'a dyn Runner,
    registry: Option<&'a str>,
}

impl<'a> CargoIndex<'a> {
    /// The public registry.
    #[must_use]
    pub fn new(runner: &'a dyn Runner) -> Self {
        Self {
            runner,
            registry: None,
        }
    }

    /// A registry that Cargo's configuration knows by this name.
    #[must_use]
    pub fn with_registry(self, name: &'a str) -> Self {
        Self {
            registry: Some(name),
            ..self
        }
    }
}

impl Index for CargoIndex<'_> {
    fn version(&self, package: &str, version: &Version) -> Result<Option<IndexedVersion>, Error> {
        let folder = scratch()?;
        write_question(folder.path(), package, version, self.registry)?;
        let mut command = Command::new(cargo());
        command
            .args(["generate-lockfile", "--quiet"])
            .current_dir(folder.path());
        match cargo_command::run(self.runner, &mut command)? {
            Ok(_) => {
                let lock = LockFile::read(&folder.path().join("Cargo.lock"))?;
                let mut locked = lock.packages.into_iter();
                let found = locked
                    .find(|locked| locked.package == package && locked.version == *version)
                    .and_then(|locked| locked.checksum);
                Ok(found.map(|checksum| IndexedVersion::new(checksum, false)))
            }
            Err(failure) => understand(failure, package, version),
        }
    }
}

/// What Cargo's refusal to depend on a version says of it.
///
/// Cargo has no other way to tell: a version that is not there, one that was taken back, and a network that does not answer are all status 101.
fn understand(
    failure: Failure,
    package: &str,
    version: &Version,
) -> Result<Option<IndexedVersion>, Error> {
    let says = |sentence: &str| failure.said.contains(sentence);
    // In lock-step, what it needs has the same number: of which package it is said decides.
    if says(&format!(
        "failed to select a version for the requirement `{package} = \"={version}\"`"
    )) {
        let is_yanked = says(&format!("version {version} is yanked"));
        return Ok(is_yanked.then(|| IndexedVersion::new("", true)));
    }
    let is_missing = says(&format!("no matching package named `{package}` found"))
        || says(&format!(
            "no matching package found\nsearched package name: `{package}`"
        ));
    if is_missing {
        return Ok(None);
    }
    Err(failure.into())
}

fn scratch() -> Result<tempfile::TempDir, Error> {
    tempfile::Builder::new()
        .prefix("tuneup-packaging-")
        .tempdir()
        .map_err(Error::file("make", std::env::temp_dir()))
}

/// A project that depends on one version.
fn write_question(
    folder: &Path,
    package: &str,
    version: &Version,
    registry: Option<&str>,
) -> Result<(), Error> {
    let registry = match registry {
        Some(name) => format!(", registry = \"{name}\""),
        None => String::new(),
    };
    let manifest = format!(
        "[package]\nname = \"question\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n\
         [dependencies]\nasked = {{ package = \"{package}\", version = \"={version}\"{registry}, default-features = false }}\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n"
    );
    for (file, text) in [("Cargo.toml", manifest.as_str()), ("lib.rs", "")] {
        let path = folder.join(file);
        fs::write(&path, text).map_err(Error::file("write", path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
