//! What the commands know of the workspace: its members as Cargo sees them, and the text of its files.

#[cfg(test)]
pub(crate) mod sample;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Folders that hold no source of ours: what Git, Cargo, mdBook and cargo-mutants write.
const SKIPPED: &[&str] = &[".git", "target", "docs/book", "mutants.out"];

/// A snapshot of the workspace. The checks of tidy are functions of it, so that a test can plant a fault.
#[derive(Clone, Default)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where Cargo builds; what the commands write goes to `tuneup/` in it.
    pub(crate) target: PathBuf,
    /// The root `Cargo.toml`.
    pub(crate) manifest: toml::Table,
    pub(crate) members: Vec<Member>,
    /// Path from the root, separated by `/`, to text. A file that is not UTF-8 is present and empty.
    pub(crate) files: BTreeMap<String, String>,
}

/// One package of the workspace.
#[derive(Clone, Default)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Path from the root: `crates/measure`.
    pub(crate) folder: String,
    pub(crate) published: bool,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    pub(crate) manifest: toml::Table,
    /// Third-party packages, `name` each, that a build with default features compiles. Filled by
    /// [`Workspace::read_closures`].
    pub(crate) closure: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// What sources call it.
    pub(crate) identifier: String,
    pub(crate) kind: DependencyKind,
    pub(crate) optional: bool,
    /// Whether the manifest asks for a version, not for a path alone.
    pub(crate) versioned: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Path from the root of the workspace.
    pub(crate) path: String,
}

impl Workspace {
    /// Reads the workspace around the current directory.
    pub(crate) fn read() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .no_deps()
            .exec()
            .context("cargo metadata failed; run inside the workspace")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let target = metadata.target_directory.clone().into_std_path_buf();
        let mut files = BTreeMap::new();
        read_folder(&root, &root, &mut files)?;
        Ok(Self {
            manifest: parse_manifest("Cargo.toml", &files)?,
            members: members(&metadata, &files)?,
            root,
            target,
            files,
        })
    }

    /// Asks Cargo for what each published member pulls in with its default features.
    pub(crate) fn read_closures(&mut self) -> Result<()> {
        let ours: Vec<String> = self
            .members
            .iter()
            .map(|member| member.name.clone())
            .collect();
        for member in self.members.iter_mut().filter(|member| member.published) {
            member.closure = closure(&self.root, &member.name)?;
            member.closure.retain(|name| !ours.contains(name));
        }
        Ok(())
    }

    pub(crate) fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The member whose folder holds the file.
    pub(crate) fn owner(&self, path: &str) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.relative(path).is_some())
    }

    pub(crate) fn published(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.published)
    }

    /// A value of `[workspace.package]`.
    pub(crate) fn package_value(&self, key: &str) -> Option<&str> {
        self.manifest
            .get("workspace")?
            .get("package")?
            .get(key)?
            .as_str()
    }
}

impl Member {
    /// The folder's own name, by which the layer picture knows the member.
    pub(crate) fn short_name(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(&self.folder)
    }

    /// The path inside the member's folder, or nothing for a file of somebody else.
    pub(crate) fn relative<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.folder.as_str())?.strip_prefix('/')
    }

    /// A path of the workspace for a file of the member.
    pub(crate) fn path(&self, relative: &str) -> String {
        format!("{}/{relative}", self.folder)
    }
}

fn read_folder(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = relative(root, &path);
        // Cargo marks its target folders, whatever they are called.
        if SKIPPED.contains(&name.as_str()) || path.join("CACHEDIR.TAG").exists() {
            continue;
        }
        if path.is_dir() {
            read_folder(root, &path, files)?;
        } else {
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(name, String::from_utf8(bytes).unwrap_or_default());
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn parse_manifest(path: &str, files: &BTreeMap<String, String>) -> Result<toml::Table> {
    let text = files
        .get(path)
        .with_context(|| format!("{path} is missing"))?;
    text.parse()
        .with_context(|| format!("{path} is not valid TOML"))
}

fn members(metadata: &Metadata, files: &BTreeMap<String, String>) -> Result<Vec<Member>> {
    let root = metadata.workspace_root.as_std_path();
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| member(root, package, files))
        .collect()
}

fn member(root: &Path, package: &Package, files: &BTreeMap<String, String>) -> Result<Member> {
    let manifest_path = relative(root, package.manifest_path.as_std_path());
    Ok(Member {
        name: package.name.to_string(),
        version: package.version.to_string(),
        folder: manifest_path.trim_end_matches("/Cargo.toml").to_owned(),
        published: package
            .publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty()),
        description: package.description.clone(),
        license: package.license.clone(),
        features: package.features.clone(),
        dependencies: package
            .dependencies
            .iter()
            .map(|dependency| Dependency {
                name: dependency.name.clone(),
                identifier: identifier(dependency),
                kind: dependency.kind,
                optional: dependency.optional,
                versioned: !dependency.req.comparators.is_empty(),
            })
            .collect(),
        targets: package
            .targets
            .iter()
            .map(|target| Target {
                kind: target
                    .kind
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                name: target.name.clone(),
                path: relative(root, target.src_path.as_std_path()),
            })
            .collect(),
        manifest: parse_manifest(&manifest_path, files)?,
        closure: Vec::new(),
    })
}

fn identifier(dependency: &cargo_metadata::Dependency) -> String {
    dependency
        .rename
        .as_ref()
        .unwrap_or(&dependency.name)
        .replace('-', "_")
}

/// Names of the packages in the tree of `package` with default features, without dev-dependencies.
fn closure(root: &Path, package: &str) -> Result<Vec<String>> {
    let output = Command::new(cargo())
        .current_dir(root)
        .args([
            "tree",
            "--package",
            package,
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .output()
        .context("cannot start cargo tree")?;
    if !output.status.success() {
        bail!(
            "cargo tree --package {package} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(packages(&String::from_utf8_lossy(&output.stdout)))
}

/// The names in the lines of `cargo tree`, one for each version of a package.
fn packages(tree: &str) -> Vec<String> {
    let mut lines: Vec<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
        .iter()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

/// The Cargo that runs this program, so that a toolchain override stays in force.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// The path that `target` means when the file `from` names it, with `..` taken out: a key of [`Workspace::files`].
pub(crate) fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests;
