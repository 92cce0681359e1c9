//! Manifests as they are written, with the places of what they say: what is edited stays as it was around the edit.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use toml_edit::{Document, Item, TableLike, Value};

use crate::{Error, Workspace};

#[cfg(test)]
mod tests;

/// Tables of dependencies, with the old names that Cargo still takes.
const DEPENDENCIES: &[&str] = &[
    "dependencies",
    "dev-dependencies",
    "dev_dependencies",
    "build-dependencies",
    "build_dependencies",
];

/// A `Cargo.toml` with its text.
pub(crate) struct Manifest {
    pub(crate) path: PathBuf,
    document: Document<String>,
}

/// A dependency as a manifest has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What it is called here.
    pub(crate) alias: String,
    /// What it is called where it is published.
    pub(crate) package: String,
    /// Where it is, relative to the manifest.
    pub(crate) path: Option<String>,
    /// Whether it is in a git repository, or in another registry than the one that is not named.
    pub(crate) is_elsewhere: bool,
    /// The version that is asked for, and where it stands.
    pub(crate) version: Option<Text>,
}

/// A text in quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) value: String,
    /// What an edit replaces: the text with its quotes.
    pub(crate) range: Range<usize>,
}

impl Manifest {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
        Self::parse(path, text)
    }

    fn parse(path: &Path, text: String) -> Result<Self, Error> {
        let document = Document::parse(text).map_err(|source| Error::Manifest {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self {
            path: path.to_owned(),
            document,
        })
    }

    /// Those of all members, and that of the workspace if it is none of them. A file is there once.
    pub(crate) fn all_of(workspace: &Workspace) -> Result<Vec<Self>, Error> {
        let root = workspace.root.join("Cargo.toml");
        let mut paths: Vec<&Path> = vec![&root];
        let members = workspace
            .members
            .iter()
            .map(|member| member.manifest.as_path());
        paths.extend(members.filter(|path| *path != root));
        paths.into_iter().map(Self::read).collect()
    }

    pub(crate) fn text(&self) -> &str {
        self.document.raw()
    }

    /// The version of the package, if it stands here.
    pub(crate) fn package_version(&self) -> Option<Text> {
        self.text_at(self.document.get("package")?.get("version")?)
    }

    /// The version that members may take.
    pub(crate) fn workspace_version(&self) -> Option<Text> {
        let package = self.document.get("workspace")?.get("package")?;
        self.text_at(package.get("version")?)
    }

    /// Whether the version of the package is that of the workspace.
    pub(crate) fn takes_version(&self) -> bool {
        let version = self
            .document
            .get("package")
            .and_then(|package| package.get("version"));
        version.is_some_and(is_taken)
    }

    /// Whether the package takes anything from the workspace.
    pub(crate) fn takes_from_workspace(&self) -> bool {
        let package = self.document.get("package").and_then(Item::as_table_like);
        let entries = self.tables().into_iter().chain(package);
        entries
            .flat_map(TableLike::iter)
            .any(|(_, item)| is_taken(item))
    }

    /// All dependencies, of all tables.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let workspace = self.document.get("workspace");
        let shared = workspace
            .and_then(|workspace| workspace.get("dependencies"))
            .and_then(Item::as_table_like);
        let tables = self.tables().into_iter().chain(shared);
        tables
            .flat_map(TableLike::iter)
            .map(|(alias, item)| self.entry(alias, item))
            .collect()
    }

    /// What `[patch]` puts in the place of published packages.
    pub(crate) fn patches(&self) -> Vec<Entry> {
        let patch = self.document.get("patch").and_then(Item::as_table_like);
        let registries = patch.into_iter().flat_map(TableLike::iter);
        registries
            .filter_map(|(_, packages)| packages.as_table_like())
            .flat_map(TableLike::iter)
            .map(|(alias, item)| self.entry(alias, item))
            .collect()
    }

    /// Tables of dependencies of the package: those for all platforms and those for some.
    fn tables(&self) -> Vec<&dyn TableLike> {
        let targets = self.document.get("target").and_then(Item::as_table_like);
        let targets = targets
            .into_iter()
            .flat_map(TableLike::iter)
            .filter_map(|(_, target)| target.as_table_like());
        let all: [&dyn TableLike; 1] = [self.document.as_table()];
        all.into_iter()
            .chain(targets)
            .flat_map(|table| DEPENDENCIES.iter().filter_map(|name| table.get(name)))
            .filter_map(Item::as_table_like)
            .collect()
    }

    fn entry(&self, alias: &str, item: &Item) -> Entry {
        let word = |key: &str| item.get(key).and_then(Item::as_str).map(str::to_owned);
        let version = match item {
            Item::Value(Value::String(_)) => self.text_at(item),
            _ => item
                .get("version")
                .and_then(|version| self.text_at(version)),
        };
        Entry {
            alias: alias.to_owned(),
            package: word("package").unwrap_or_else(|| alias.to_owned()),
            path: word("path"),
            is_elsewhere: ["git", "registry", "registry-index"]
                .iter()
                .any(|key| item.get(key).is_some()),
            version,
        }
    }

    fn text_at(&self, item: &Item) -> Option<Text> {
        Some(Text {
            value: item.as_str()?.to_owned(),
            range: item.span()?,
        })
    }
}

/// `x.workspace = true`.
fn is_taken(item: &Item) -> bool {
    let workspace = item.get("workspace").and_then(Item::as_bool);
    workspace == Some(true)
}
