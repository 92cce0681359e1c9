//! What a `Cargo.lock` names: which packages a workspace is built of, where they are from, and what each needs.

use std::{fs, path::Path};

use semver::Version;
use serde::Serialize;
use toml_edit::{DocumentMut, Table};

use crate::Error;

/// How Cargo writes the public registry, whichever way it reads its index.
#[cfg(any(feature = "artefacts", feature = "readiness"))]
const PUBLIC: [&str; 2] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
];

/// A package of a lock file.
///
/// ```
/// # #[cfg(feature = "registry")]
/// for yanked in tuneup_packaging::DownloadCache::default().yanked() {
///     println!("{} {} has been taken back", yanked.package, yanked.version);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[cfg_attr(
    not(feature = "registry"),
    expect(
        unreachable_pub,
        reason = "what has been downloaded shows it to users, and is of that feature"
    )
)]
pub struct LockedPackage {
    /// Its name.
    pub package: String,
    /// The one version that is used.
    pub version: Version,
    /// Where it is from; nowhere for packages by path.
    pub source: Option<String>,
    /// SHA-256 of its `.crate`, if it is from a registry.
    pub checksum: Option<String>,
    /// What it needs, as the file has it.
    #[serde(skip)]
    needs: Vec<String>,
}

impl LockedPackage {
    /// Whether some registry has it.
    #[cfg(any(feature = "readiness", feature = "registry"))]
    pub(crate) fn is_from_registry(&self) -> bool {
        let source = self.source.as_deref().unwrap_or_default();
        source.starts_with("registry+") || source.starts_with("sparse+")
    }

    /// Whether the public registry has it.
    #[cfg(any(feature = "artefacts", feature = "readiness"))]
    pub(crate) fn is_from_public_registry(&self) -> bool {
        let source = self.source.as_deref();
        source.is_some_and(|source| PUBLIC.contains(&source))
    }

    /// Whether a line of somebody's dependencies means this one: its name, its version if there are several, and its source if that is not enough.
    #[cfg(feature = "artefacts")]
    fn is_named(&self, text: &str) -> bool {
        let mut parts = text.splitn(3, ' ');
        parts.next() == Some(&self.package)
            && parts.next().is_none_or(|version| {
                Version::parse(version).is_ok_and(|version| version == self.version)
            })
            && parts.next().is_none_or(|source| {
                let source = source.trim_start_matches('(').trim_end_matches(')');
                // The commit of a repository is left out there.
                let own = self.source.as_deref().unwrap_or_default();
                own == source || own.split('#').next() == Some(source)
            })
    }
}

/// The packages of a lock file of any version, in its order.
#[derive(Clone, Debug, Default)]
pub(crate) struct LockFile {
    pub(crate) packages: Vec<LockedPackage>,
}

impl LockFile {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no lock file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
        Self::parse(&text).map_err(Error::lock_file(path))
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| error.to_string())?;
        let Some(packages) = document.get("package") else {
            return Ok(Self::default());
        };
        let packages = packages
            .as_array_of_tables()
            .ok_or("`package` is no list of tables")?;
        let sums = document.get("metadata").and_then(|item| item.as_table());
        let packages = packages.iter().map(|table| package(table, sums));
        Ok(Self {
            packages: packages.collect::<Result<_, _>>()?,
        })
    }

    /// The versions of a package that are from a registry.
    #[cfg(feature = "registry")]
    pub(crate) fn versions(&self, package: &str) -> impl Iterator<Item = &Version> {
        let found = self.packages.iter().filter(move |locked| {
            locked.is_from_registry() && locked.package.eq_ignore_ascii_case(package)
        });
        found.map(|locked| &locked.version)
    }

    /// What a package needs.
    ///
    /// # Errors
    ///
    /// What it needs is not in the file, or could be several packages of it.
    #[cfg(feature = "artefacts")]
    pub(crate) fn dependencies(
        &self,
        package: &LockedPackage,
    ) -> Result<Vec<&LockedPackage>, String> {
        let needed = package.needs.iter().map(|text| {
            let mut fits = self.packages.iter().filter(|other| other.is_named(text));
            match (fits.next(), fits.next()) {
                (Some(one), None) => Ok(one),
                (None, _) => Err(format!(
                    "`{}` needs `{text}`, which is not in it",
                    package.package
                )),
                (Some(_), Some(_)) => Err(format!(
                    "`{}` needs `{text}`, which is several packages",
                    package.package
                )),
            }
        });
        needed.collect()
    }
}

fn package(table: &Table, sums: Option<&Table>) -> Result<LockedPackage, String> {
    let text = |key: &str| table.get(key).and_then(|item| item.as_str());
    let name = text("name").ok_or("a package has no name")?;
    let version = text("version").ok_or_else(|| format!("`{name}` has no version"))?;
    let source = text("source");
    // Before 2019, checksums stood at the end of the file.
    let apart = |source: &str| {
        let key = format!("checksum {name} {version} ({source})");
        sums?.get(&key)?.as_str()
    };
    let checksum = text("checksum").or_else(|| source.and_then(apart));
    let needs = table.get("dependencies").and_then(|item| item.as_array());
    let needs = needs.into_iter().flatten().filter_map(|item| item.as_str());
    Ok(LockedPackage {
        package: name.to_owned(),
        version: Version::parse(version)
            .map_err(|error| format!("the version of `{name}`: {error}"))?,
        source: source.map(str::to_owned),
        // What stands there for a package of a repository is `<none>`.
        checksum: checksum
            .filter(|sum| !sum.starts_with('<'))
            .map(str::to_owned),
        needs: needs.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests;
