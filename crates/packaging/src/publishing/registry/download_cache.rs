//! Other people's crates, from what Cargo has downloaded before.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use semver::Version;
use serde::Deserialize;

use super::{Upstream, rules::canonical};
use crate::{
    Error, LockedPackage,
    index_path::index_path,
    lock_file::LockFile,
    sha256::{hex, sha256},
};

/// What a `CARGO_HOME` has of registries: the index as far as Cargo has asked for it, and `.crate` files. Nothing is written there.
///
/// All registries that it knows are one here. A file whose checksum is not that of the index is passed over.
///
/// ```
/// use tuneup_packaging::DownloadCache;
///
/// let home = tempfile::tempdir().unwrap();
/// let empty = DownloadCache::open(home.path())?;
/// assert_eq!(empty.len(), 0);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DownloadCache {
    indexes: Vec<PathBuf>,
    crates: Vec<PathBuf>,
    /// By the form in which two names are the same.
    names: BTreeMap<String, String>,
    locked: LockFile,
    hidden: BTreeMap<String, Version>,
}

/// A version, as the index has it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) version: Version,
    pub(super) json: String,
}

impl Line {
    /// What a line says. Some crates have hundreds of lines, of which one or two are asked.
    fn facts(&self) -> Option<Facts> {
        serde_json::from_str(&self.json).ok()
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Facts {
    name: String,
    cksum: String,
    #[serde(default)]
    yanked: bool,
}

impl DownloadCache {
    /// Looks what a `CARGO_HOME` has: reads the names of its index files, some ten milliseconds for a thousand crates.
    ///
    /// # Errors
    ///
    /// A folder of it cannot be read. One that is not there is empty.
    pub fn open(cargo_home: &Path) -> Result<Self, Error> {
        let registry = cargo_home.join("registry");
        let indexes: Vec<PathBuf> = folders(&registry.join("index"))?
            .into_iter()
            .map(|index| index.join(".cache"))
            .collect();
        let mut names = BTreeMap::new();
        for index in &indexes {
            collect_names(index, DEPTH, &mut names)?;
        }
        Ok(Self {
            crates: folders(&registry.join("cache"))?,
            indexes,
            names,
            ..Self::default()
        })
    }

    /// Offers of each crate that a lock file names those versions alone that it names: what strangers get offline is what was tested.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no lock file.
    pub fn locked(mut self, lock_file: &Path) -> Result<Self, Error> {
        self.locked = LockFile::read(lock_file)?;
        Ok(self)
    }

    /// Offers none of these: they are to be published, as if it were for the first time.
    pub(crate) fn without(mut self, versions: impl Iterator<Item = (String, Version)>) -> Self {
        let canonical = versions.map(|(name, version)| (canonical(&name), version));
        self.hidden.extend(canonical);
        self
    }

    /// How many crates the index has, downloaded or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is nothing.
    ///
    /// ```
    /// assert!(tuneup_packaging::DownloadCache::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Those packages of the lock file that their registry had taken back when Cargo asked last.
    ///
    /// ```
    /// assert!(tuneup_packaging::DownloadCache::default().yanked().is_empty());
    /// ```
    #[must_use]
    pub fn yanked(&self) -> Vec<LockedPackage> {
        let third_party = self
            .locked
            .packages
            .iter()
            .filter(|locked| locked.is_from_registry());
        let is_yanked = |locked: &&LockedPackage| {
            let lines = self.lines(&locked.package);
            let mut same = lines.iter().filter(|line| line.version == locked.version);
            same.any(|line| line.facts().is_some_and(|facts| facts.yanked))
        };
        third_party.filter(is_yanked).cloned().collect()
    }

    /// Every version that the index files have and that is not hidden, the first of two with the same number.
    fn lines(&self, name: &str) -> Vec<Line> {
        let hidden = self.hidden.get(&canonical(name));
        let mut lines: BTreeMap<Version, Line> = BTreeMap::new();
        for index in &self.indexes {
            // What cannot be read is not there: Cargo may be writing it at the moment.
            let bytes = fs::read(index.join(index_path(name))).unwrap_or_default();
            for line in parse_index_cache(&bytes) {
                if Some(&line.version) != hidden {
                    lines.entry(line.version.clone()).or_insert(line);
                }
            }
        }
        lines.into_values().collect()
    }

    fn has_file(&self, line: &Line) -> bool {
        let Some(facts) = line.facts() else {
            return false;
        };
        let file = file_name(&facts.name, &line.version);
        let mut folders = self.crates.iter();
        folders.any(|folder| folder.join(&file).is_file())
    }

    /// What a resolution is to choose from. Offline, a version that was never downloaded is left out where a compatible one was.
    fn offered(&self, name: &str) -> Vec<Line> {
        let mut lines = self.lines(name);
        let locked: Vec<&Version> = self.locked.versions(name).collect();
        if !locked.is_empty() {
            lines.retain(|line| locked.contains(&&line.version));
            return lines;
        }
        let have: Vec<Version> = lines
            .iter()
            .filter(|line| self.has_file(line))
            .map(|line| line.version.clone())
            .collect();
        lines.retain(|line| {
            have.contains(&line.version)
                || !have
                    .iter()
                    .any(|version| are_alternatives(version, &line.version))
        });
        lines
    }

    fn crate_file(&self, name: &str, version: &Version) -> Option<Vec<u8>> {
        let lines = self.lines(name);
        let line = lines.iter().find(|line| line.version == *version)?;
        let facts = line.facts()?;
        let file = file_name(&facts.name, version);
        let mut files = self.crates.iter().map(|folder| folder.join(&file));
        files.find_map(|path| {
            let bytes = fs::read(path).ok()?;
            (hex(&sha256(&bytes)) == facts.cksum).then_some(bytes)
        })
    }
}

fn file_name(name: &str, version: &Version) -> String {
    format!("{name}-{version}.crate")
}

/// Whether Cargo would take one for the other: up to the first number that is not zero, they are the same.
fn are_alternatives(one: &Version, other: &Version) -> bool {
    let significant = |version: &Version| match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    };
    significant(one) == significant(other)
}

/// An index has its files two folders deep; one more would be none of Cargo's.
const DEPTH: usize = 3;

fn collect_names(
    folder: &Path,
    depth: usize,
    names: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    for entry in entries(folder)? {
        if entry.is_dir() {
            if depth > 1 {
                collect_names(&entry, depth - 1, names)?;
            }
        } else if let Some(name) = entry.file_name().and_then(|name| name.to_str()) {
            names.insert(canonical(name), name.to_owned());
        }
    }
    Ok(())
}

/// What is in a folder, in order. A folder that is not there is empty.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = match fs::read_dir(folder) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file("read", folder)(error)),
    };
    let mut entries = Vec::new();
    for entry in read {
        entries.push(entry.map_err(Error::file("read", folder))?.path());
    }
    entries.sort();
    Ok(entries)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut folders = entries(folder)?;
    folders.retain(|entry| entry.is_dir());
    Ok(folders)
}

/// The lines of a file of Cargo's index cache. What is none of these is passed over.
///
/// Source: `SummariesCache` of Cargo. A byte with the version of the format; from the second one on, four bytes with that of the index; a text that ends
/// with NUL and says from when it is; then for each version its number and its line, each ended by NUL.
fn parse_index_cache(bytes: &[u8]) -> Vec<Line> {
    let rest = match bytes {
        [1, rest @ ..] => rest,
        [2 | 3, _, _, _, _, rest @ ..] => rest,
        _ => return Vec::new(),
    };
    let mut fields = rest.split(|byte| *byte == 0).skip(1);
    let mut lines = Vec::new();
    while let (Some(version), Some(json)) = (fields.next(), fields.next()) {
        lines.extend(parse_line(version, json));
    }
    lines
}

fn parse_line(version: &[u8], json: &[u8]) -> Option<Line> {
    let version = Version::parse(std::str::from_utf8(version).ok()?).ok()?;
    let json = std::str::from_utf8(json).ok()?;
    // An answer has one line for each.
    let json = json.replace(['\n', '\r'], " ");
    Some(Line { version, json })
}

/// Where crates are from that nobody has published here.
#[derive(Debug, Default)]
pub(super) struct ThirdParty {
    pub(super) cache: Option<DownloadCache>,
    pub(super) upstream: Option<Upstream>,
}

impl ThirdParty {
    pub(super) fn offered(&self, name: &str) -> Vec<Line> {
        match &self.cache {
            Some(cache) => cache.offered(name),
            None => Vec::new(),
        }
    }

    pub(super) fn crate_file(&self, name: &str, version: &Version) -> Option<Vec<u8>> {
        self.cache.as_ref()?.crate_file(name, version)
    }

    /// Where the index of a crate is looked up that nobody has published here.
    pub(super) fn upstream_of(&self, name: &str) -> Option<&Upstream> {
        let hidden = self.cache.as_ref().map(|cache| &cache.hidden);
        let is_hidden = hidden.is_some_and(|hidden| hidden.contains_key(&canonical(name)));
        self.upstream.as_ref().filter(|_| !is_hidden)
    }

    /// The crate that is called almost, or exactly, the same.
    pub(super) fn similar(&self, name: &str) -> Option<String> {
        let cache = self.cache.as_ref()?;
        let similar = cache.names.get(&canonical(name))?;
        // The index has names in lower case; its lines have them as they are.
        let lines = cache.lines(similar);
        lines.iter().find_map(Line::facts).map(|facts| facts.name)
    }
}

#[cfg(test)]
mod tests;
