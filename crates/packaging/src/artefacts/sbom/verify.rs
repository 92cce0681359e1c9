//! Compares a bill of materials with a lock file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::Value;

use super::identity::identity_of;
use crate::{Error, lock_file::LockFile, whole_file::read};

/// What is said of a package.
#[derive(PartialEq, Eq)]
struct Said {
    hash: Option<String>,
    needed: BTreeSet<String>,
}

/// Reads a bill of materials that [`write_sbom`](crate::write_sbom) wrote, and compares it with a lock file: packages, hashes, and what each needs.
///
/// # Errors
///
/// One of the two cannot be read, or [`Error::Faulty`] names all that differs.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::verify_sbom;
///
/// let error = verify_sbom(Path::new("tool.cdx.json"), Path::new("Cargo.lock")).unwrap_err();
/// assert!(error.to_string().contains("cannot read"));
/// ```
pub fn verify_sbom(path: &Path, lock: &Path) -> Result<(), Error> {
    let expected = of_lock(&LockFile::read(lock)?).map_err(Error::lock_file(lock))?;
    let document: Value =
        serde_json::from_slice(&read(path)?).map_err(|error| Error::faulty(path, error))?;
    let found = of_document(&document).map_err(|problem| Error::faulty(path, problem))?;
    let mut problems = Vec::new();
    for (package, said) in &expected {
        match found.get(package) {
            None => problems.push(format!("`{package}` of the lock file is missing")),
            Some(other) if other.hash != said.hash => {
                problems.push(format!("`{package}` has another hash in the lock file"));
            }
            Some(other) if other.needed != said.needed => {
                let differ = other.needed.symmetric_difference(&said.needed);
                let differ: Vec<_> = differ.map(|name| format!("`{name}`")).collect();
                problems.push(format!(
                    "`{package}` needs other packages in the lock file: {}",
                    differ.join(", ")
                ));
            }
            Some(_) => {}
        }
    }
    let more = found
        .keys()
        .filter(|package| !expected.contains_key(*package));
    problems.extend(more.map(|package| format!("`{package}` is not in the lock file")));
    Error::unless_empty(path, problems)
}

fn of_lock(lock: &LockFile) -> Result<BTreeMap<String, Said>, String> {
    let packages = lock.packages.iter().map(|package| {
        let needed = lock.dependencies(package)?;
        let said = Said {
            hash: package.checksum.clone(),
            needed: needed.into_iter().map(identity_of).collect(),
        };
        Ok((identity_of(package), said))
    });
    packages.collect()
}

fn of_document(document: &Value) -> Result<BTreeMap<String, Said>, String> {
    if document["bomFormat"] != "CycloneDX" {
        return Err("it is no CycloneDX document".to_owned());
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeMap::new();
    let subject = document["metadata"]["component"].clone();
    for component in list(&document["components"]).into_iter().chain([subject]) {
        let hash = component["hashes"][0]["content"].as_str();
        let said = Said {
            hash: hash.map(str::to_owned),
            needed: BTreeSet::new(),
        };
        let package = text(&component["bom-ref"]);
        // Of who reads the name and not the reference, both have to be the same.
        let shown = format!(
            "#{}@{}",
            text(&component["name"]),
            text(&component["version"])
        );
        if !package.ends_with(&shown) {
            return Err(format!("`{package}` is named {shown}"));
        }
        if found.insert(package.clone(), said).is_some() {
            return Err(format!("`{package}` is in it more than once"));
        }
    }
    for dependency in list(&document["dependencies"]) {
        let package = text(&dependency["ref"]);
        let said = found
            .get_mut(&package)
            .ok_or_else(|| format!("it says what `{package}` needs, and has no such package"))?;
        said.needed
            .extend(list(&dependency["dependsOn"]).iter().map(text));
    }
    Ok(found)
}
