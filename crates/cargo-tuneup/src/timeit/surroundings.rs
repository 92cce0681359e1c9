//! The package that expressions are compiled against, if there is one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use tempfile::TempDir;
use toml::{Table, Value};

use crate::package::find_package;

/// Where the program is built, and what is around it.
pub(super) struct Surroundings {
    folder: Folder,
    library: Option<Library>,
}

enum Folder {
    /// Below the target folder of the workspace, so that the next run builds little.
    Kept(PathBuf),
    Temporary(TempDir),
}

/// A package with a library.
struct Library {
    package: String,
    /// As it is called in code.
    name: String,
    edition: String,
    path: PathBuf,
    features: Vec<String>,
    workspace: PathBuf,
}

impl Surroundings {
    /// Those of this folder. A package without a library is none.
    pub(super) fn find(package: Option<&str>, features: &[String]) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .no_deps()
            .other_options(["--offline".to_owned()])
            .exec();
        let metadata = match metadata {
            Ok(metadata) => metadata,
            // Cargo says so, and nothing else that could be told apart.
            Err(error)
                if package.is_none()
                    && error.to_string().contains("could not find `Cargo.toml`") =>
            {
                return Ok(Self {
                    folder: Folder::Temporary(tempfile::tempdir()?),
                    library: None,
                });
            }
            Err(error) => return Err(error).context("cannot read the package of this folder"),
        };
        let folder = metadata
            .target_directory
            .as_std_path()
            .join("tuneup/timeit");
        let library = find_package(&metadata, package)?
            .map(|package| library_of(package, features, &metadata))
            .transpose()?
            .flatten();
        Ok(Self {
            folder: Folder::Kept(folder),
            library,
        })
    }

    pub(super) fn folder(&self) -> &Path {
        match &self.folder {
            Folder::Kept(path) => path,
            Folder::Temporary(folder) => folder.path(),
        }
    }

    /// The name of the library in code.
    pub(super) fn library(&self) -> Option<&str> {
        self.library.as_ref().map(|library| &library.name[..])
    }

    /// Of a package that is a workspace of its own, and is optimised as the one around is.
    pub(super) fn manifest(&self) -> Result<String> {
        let mut package = Table::new();
        package.insert("name".to_owned(), "tuneup-timeit".into());
        package.insert("version".to_owned(), "0.0.0".into());
        package.insert("publish".to_owned(), false.into());
        let edition = self
            .library
            .as_ref()
            .map_or("2024", |library| &library.edition);
        package.insert("edition".to_owned(), edition.into());
        let mut manifest = Table::new();
        manifest.insert("package".to_owned(), package.into());
        manifest.insert("workspace".to_owned(), Table::new().into());
        if let Some(library) = &self.library {
            let mut dependency = Table::new();
            dependency.insert("path".to_owned(), library.path.display().to_string().into());
            dependency.insert("features".to_owned(), library.features.clone().into());
            let mut dependencies = Table::new();
            dependencies.insert(library.package.clone(), dependency.into());
            manifest.insert("dependencies".to_owned(), dependencies.into());
            manifest.extend(library.inherited()?);
        }
        Ok(toml::to_string(&manifest)?)
    }

    /// The versions of dependencies are those of the workspace.
    pub(super) fn bring_lock_file(&self) -> Result<()> {
        let Some(library) = &self.library else {
            return Ok(());
        };
        let lock = library.workspace.join("Cargo.lock");
        if lock.exists() {
            fs::copy(&lock, self.folder().join("Cargo.lock"))
                .with_context(|| format!("cannot copy `{}`", lock.display()))?;
        }
        Ok(())
    }
}

impl Library {
    /// What only the root of a workspace can say: profiles, and patches of dependencies.
    fn inherited(&self) -> Result<Table> {
        let path = self.workspace.join("Cargo.toml");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let root: Table = text
            .parse()
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let mut inherited: Table = root
            .into_iter()
            .filter(|(key, _)| key == "profile" || key == "patch")
            .collect();
        if let Some(Value::Table(sources)) = inherited.get_mut("patch") {
            for patch in sources
                .iter_mut()
                .filter_map(|(_, patches)| patches.as_table_mut())
                .flatten()
            {
                if let Some(Value::String(path)) = patch.1.get_mut("path") {
                    *path = self.workspace.join(&*path).display().to_string();
                }
            }
        }
        Ok(inherited)
    }
}

fn library_of(
    package: &Package,
    features: &[String],
    metadata: &Metadata,
) -> Result<Option<Library>> {
    let Some(target) = package.targets.iter().find(|target| target.is_lib()) else {
        return Ok(None);
    };
    let path = package
        .manifest_path
        .parent()
        .context("a manifest has a folder")?;
    Ok(Some(Library {
        package: package.name.to_string(),
        name: target.name.replace('-', "_"),
        edition: package.edition.to_string(),
        path: path.as_std_path().to_owned(),
        features: features.to_vec(),
        workspace: metadata.workspace_root.as_std_path().to_owned(),
    }))
}
