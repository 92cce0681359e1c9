//! What has been published: the index, the files, and what is taken back.

use std::{collections::BTreeMap, sync::Arc};

use semver::{Version, VersionReq};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    rules::canonical,
    upload::{Dependency, DependencyKind, Upload},
};
use crate::{
    IndexedVersion,
    sha256::{hex, sha256},
};

/// All crates together may have so many bytes: they live in memory.
const MAX_BYTES: u64 = 1 << 30;

/// Why something is not done, with the status that says so.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) reason: String,
}

impl Refused {
    pub(super) fn bad(reason: impl Into<String>) -> Self {
        Self {
            status: 400,
            reason: reason.into(),
        }
    }

    fn missing(package: &str, version: &Version) -> Self {
        Self {
            status: 404,
            reason: format!("`{package}` {version} has not been published"),
        }
    }
}

/// By the form of the name in which two names are the same.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    crates: BTreeMap<String, Listing>,
    bytes: u64,
}

/// A crate with its versions, in the order of their coming.
#[derive(Debug)]
struct Listing {
    name: String,
    description: String,
    releases: Vec<Release>,
}

#[derive(Debug)]
struct Release {
    entry: Entry,
    crate_file: Arc<[u8]>,
}

/// A line of the index.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    vers: Version,
    deps: Vec<EntryDependency>,
    cksum: String,
    features: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    features2: BTreeMap<String, Vec<String>>,
    yanked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rust_version: Option<String>,
    v: u32,
}

#[derive(Debug, Serialize)]
struct EntryDependency {
    name: String,
    req: VersionReq,
    features: Vec<String>,
    optional: bool,
    default_features: bool,
    target: Option<String>,
    kind: DependencyKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<String>,
}

impl From<Dependency> for EntryDependency {
    fn from(dependency: Dependency) -> Self {
        // An upload has the real name, and the alias apart; the index has it the other way round.
        let (name, package) = match dependency.explicit_name_in_toml {
            Some(alias) => (alias, Some(dependency.name)),
            None => (dependency.name, None),
        };
        Self {
            name,
            req: dependency.version_req,
            features: dependency.features,
            optional: dependency.optional,
            default_features: dependency.default_features,
            target: dependency.target,
            kind: dependency.kind,
            registry: dependency.registry,
            package,
        }
    }
}

impl Entry {
    fn of(upload: Upload, cksum: String) -> Self {
        let metadata = upload.metadata;
        // Cargos from before 1.60 would stumble over these.
        let is_newer = |value: &String| value.starts_with("dep:") || value.contains("?/");
        let (features2, features): (BTreeMap<_, _>, BTreeMap<_, _>) = metadata
            .features
            .into_iter()
            .partition(|(_, values)| values.iter().any(is_newer));
        Self {
            v: if features2.is_empty() { 1 } else { 2 },
            name: metadata.name,
            vers: metadata.vers,
            deps: metadata.deps.into_iter().map(Into::into).collect(),
            cksum,
            features,
            features2,
            yanked: false,
            links: metadata.links,
            rust_version: metadata.rust_version,
        }
    }
}

impl Catalogue {
    /// Takes a version in. `similar` is the name of somebody else's crate that this one would be taken for.
    pub(super) fn publish(&mut self, upload: Upload, similar: Option<&str>) -> Result<(), Refused> {
        let (name, version) = (&upload.metadata.name, &upload.metadata.vers);
        let key = canonical(name);
        let known = self.crates.get(&key);
        let similar = known.map(|known| known.name.as_str()).or(similar);
        if let Some(similar) = similar
            && similar != name
        {
            return Err(Refused::bad(format!(
                "`{name}` differs from `{similar}`, which is there, by `-`, `_` or case alone; choose another name"
            )));
        }
        let is_there = known.is_some_and(|known| {
            let mut releases = known.releases.iter();
            releases.any(|release| is_same(&release.entry.vers, version))
        });
        if is_there {
            return Err(Refused::bad(format!(
                "`{name}` {version} is there already, and no version can be published twice; raise the version"
            )));
        }
        let bytes = self.bytes + upload.crate_file.len() as u64;
        if bytes > MAX_BYTES {
            return Err(Refused {
                status: 413,
                reason: format!("all crates together have more than {MAX_BYTES} bytes"),
            });
        }
        self.bytes = bytes;
        self.take_in(key, upload);
        Ok(())
    }

    fn take_in(&mut self, key: String, mut upload: Upload) {
        let crate_file: Arc<[u8]> = std::mem::take(&mut upload.crate_file).into();
        let name = upload.metadata.name.clone();
        let description = upload.metadata.description.take().unwrap_or_default();
        let entry = Entry::of(upload, hex(&sha256(&crate_file)));
        let listing = self.crates.entry(key).or_insert_with(|| Listing {
            name,
            description: String::new(),
            releases: Vec::new(),
        });
        listing.description = description;
        listing.releases.push(Release { entry, crate_file });
    }

    pub(super) fn set_yanked(
        &mut self,
        package: &str,
        version: &Version,
        is_yanked: bool,
    ) -> Result<(), Refused> {
        let listing = self.crates.get_mut(&canonical(package));
        let release = listing.and_then(|listing| {
            let mut releases = listing.releases.iter_mut();
            releases.find(|release| release.entry.vers == *version)
        });
        let release = release.ok_or_else(|| Refused::missing(package, version))?;
        release.entry.yanked = is_yanked;
        Ok(())
    }

    /// The lines of the index file of a crate. Cargo asks for names in lower case, and tries `-` for `_` by itself.
    pub(super) fn index_lines(&self, name: &str) -> Option<Vec<(Version, String)>> {
        let listing = self.crates.get(&canonical(name))?;
        if listing.name.to_lowercase() != name.to_lowercase() {
            return None;
        }
        let releases = listing.releases.iter();
        let lines = releases.map(|release| {
            // Texts, lists, and maps whose keys are texts: JSON has a form for all of it.
            let line = serde_json::to_string(&release.entry).unwrap_or_default();
            (release.entry.vers.clone(), line)
        });
        Some(lines.collect())
    }

    pub(super) fn crate_file(&self, package: &str, version: &Version) -> Option<Arc<[u8]>> {
        let listing = self.crates.get(&canonical(package))?;
        let mut releases = listing.releases.iter();
        let release = releases.find(|release| release.entry.vers == *version)?;
        Some(Arc::clone(&release.crate_file))
    }

    pub(super) fn published(&self) -> BTreeMap<(String, Version), IndexedVersion> {
        let listings = self.crates.values();
        let all = listings.flat_map(|listing| &listing.releases);
        all.map(|Release { entry, .. }| {
            let version = IndexedVersion::new(entry.cksum.clone(), entry.yanked);
            ((entry.name.clone(), entry.vers.clone()), version)
        })
        .collect()
    }

    /// Crates whose name or description has all of the words.
    pub(super) fn search(&self, words: &str, limit: usize) -> Value {
        let words = words.to_lowercase();
        let is_found = |listing: &&Listing| {
            let text = format!("{} {}", listing.name, listing.description).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        };
        let found: Vec<&Listing> = self.crates.values().filter(is_found).collect();
        let crates: Vec<Value> = found
            .iter()
            .take(limit)
            .filter_map(|listing| {
                let versions = listing.releases.iter().map(|release| &release.entry.vers);
                let newest = versions.max()?;
                Some(json!({
                    "name": listing.name,
                    "description": listing.description,
                    "max_version": newest,
                }))
            })
            .collect();
        json!({ "crates": crates, "meta": { "total": found.len() } })
    }
}

/// Metadata of a build make no other version, to a registry.
fn is_same(one: &Version, other: &Version) -> bool {
    one.cmp_precedence(other).is_eq()
}

#[cfg(test)]
mod tests;
