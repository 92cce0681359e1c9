//! Bills of materials: CycloneDX 1.6, equal to the lock file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use cargo_metadata::Package;
use serde::Serialize;

use crate::{
    Error, Runner, Selection, SourceDate, Workspace,
    lock_file::{LockFile, LockedPackage},
    sha256::{hex, sha256},
    whole_file::write_whole,
};

mod document;
mod identity;
mod verify;

pub use verify::verify_sbom;

use document::{Component, Dependency, Document, Hash, Metadata, Reference, Tool, Tools};
use identity::{identity, identity_of, package_url};

/// A bill of materials that was written.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Sbom {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in small hexadecimal digits.
    pub sha256: String,
    /// How many packages it lists.
    pub packages: usize,
    /// How many of them become part of the program.
    pub linked: usize,
    /// `name version` of packages that name no licence.
    pub without_licence: Vec<String>,
}

/// Writes the bill of materials of a program, in [CycloneDX](https://cyclonedx.org/docs/1.6/json/) 1.6 as JSON.
///
/// It lists all packages of the lock file: members, and packages from registries, repositories and folders, each with its
/// [package URL](https://github.com/package-url/purl-spec), the hash that the lock file has of it, and its licence; and the graph of dependencies as the lock file
/// has it. What becomes part of the selected program has the scope `required`, the rest (of tests, of other programs and systems) `excluded`.
///
/// The serial number follows from what is in it, and the time is that of the source: the same lock file gives the same bytes.
///
/// Asks Cargo twice, which takes tenths of a second; Cargo downloads sources that it does not have, but for [`Selection::offline`].
///
/// # Errors
///
/// There is no such package or no lock file; Cargo does not know a package of the lock file; or the file cannot be written.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{Selection, SourceDate, System, Workspace, write_sbom};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let date = SourceDate::of_commit(&workspace.root, &System)?;
/// let path = Path::new("dist/tool.cdx.json");
/// let sbom = write_sbom(path, &workspace, &Selection::new("tool"), date, &System)?;
/// println!("{} packages", sbom.packages);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn write_sbom(
    path: &Path,
    workspace: &Workspace,
    selection: &Selection,
    date: SourceDate,
    runner: &dyn Runner,
) -> Result<Sbom, Error> {
    let member = selection.member(workspace)?;
    let lock_path = workspace.root.join("Cargo.lock");
    let lock = LockFile::read(&lock_path)?;
    let metadata = selection.all_packages(member, runner)?;
    let known: BTreeMap<String, &Package> = metadata
        .packages
        .iter()
        .map(|package| (identity_of_known(package), package))
        .collect();
    let linked: BTreeSet<String> = selection
        .linked(member, runner)?
        .iter()
        .filter_map(|linked| known.iter().find(|(_, package)| linked.is(package)))
        .map(|(identity, _)| identity.clone())
        .collect();

    let subject = identity(None, &member.name, &member.version.to_string());
    let mut components: Vec<Component> = lock
        .packages
        .iter()
        .map(|package| component(package, known.get(&identity_of(package)).copied(), &linked))
        .collect();
    components.sort_by(|one, other| one.reference.cmp(&other.reference));
    let without_licence = components
        .iter()
        .filter(|component| component.licenses.is_empty() && component.reference != subject)
        .map(|component| format!("{} {}", component.name, component.version))
        .collect();
    let packages = components.len();
    let Some(at) = components
        .iter()
        .position(|component| component.reference == subject)
    else {
        let problem = format!(
            "`{} {}` is not in it; run `cargo update --workspace`",
            member.name, member.version
        );
        return Err(Error::lock_file(&lock_path)(problem));
    };
    let mut subject = components.remove(at);
    subject.kind = "application";
    subject.scope = None;
    let document = Document::new(
        Metadata {
            timestamp: date.to_string(),
            tools: Tools {
                components: [Tool {
                    kind: "application",
                    name: "tuneup-packaging",
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            component: subject,
        },
        components,
        dependencies(&lock).map_err(Error::lock_file(&lock_path))?,
    );
    let text = document.text();
    write_whole(path, text.as_bytes())?;
    Ok(Sbom {
        path: path.to_owned(),
        bytes: text.len() as u64,
        sha256: hex(&sha256(text.as_bytes())),
        packages,
        linked: linked.len(),
        without_licence,
    })
}

/// The same of a package that Cargo tells of.
fn identity_of_known(package: &Package) -> String {
    let source = package.source.as_ref().map(|source| &source.repr[..]);
    identity(source, &package.name, &package.version.to_string())
}

fn component(
    locked: &LockedPackage,
    package: Option<&Package>,
    linked: &BTreeSet<String>,
) -> Component {
    let reference = identity_of(locked);
    let addresses = |package: &Package| {
        let addresses = [
            ("website", &package.homepage),
            ("vcs", &package.repository),
            ("documentation", &package.documentation),
        ];
        let addresses = addresses.into_iter().filter_map(|(kind, address)| {
            let url = address
                .clone()
                .filter(|address| address.starts_with("http"))?;
            Some(Reference { kind, url })
        });
        addresses.collect()
    };
    Component {
        kind: "library",
        scope: Some(if linked.contains(&reference) {
            "required"
        } else {
            "excluded"
        }),
        reference,
        name: locked.package.clone(),
        version: locked.version.to_string(),
        description: package.and_then(|package| package.description.clone()),
        hashes: Vec::from_iter(locked.checksum.clone().map(|content| Hash {
            algorithm: "SHA-256",
            content,
        })),
        licenses: Vec::from_iter(package.and_then(document::Licence::of)),
        purl: package_url(locked),
        references: package.map(addresses).unwrap_or_default(),
    }
}

/// What each package needs, as the lock file has it.
fn dependencies(lock: &LockFile) -> Result<Vec<Dependency>, String> {
    let mut dependencies = Vec::new();
    for package in &lock.packages {
        let needed = lock.dependencies(package)?;
        let needed: BTreeSet<String> = needed.into_iter().map(identity_of).collect();
        dependencies.push(Dependency {
            reference: identity_of(package),
            needed,
        });
    }
    dependencies.sort_by(|one, other| one.reference.cmp(&other.reference));
    Ok(dependencies)
}
