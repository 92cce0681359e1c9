//! What is known of a package before it is used: from the copy's manifests, as Cargo reads them.

use std::{path::PathBuf, process::Command};

use cargo_metadata::{Dependency, DependencyKind, Package, TargetKind};
use semver::Version;

use crate::{Error, Runner, workspace::metadata_from};

/// A published package.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) version: Version,
    /// Whether others can depend on it.
    pub(crate) has_library: bool,
    pub(crate) programs: Vec<String>,
    /// Without `default`; those that optional dependencies bring along are among them.
    pub(super) features: Vec<String>,
    /// Where it is in the package.
    pub(super) readme: Option<PathBuf>,
    pub(super) dev_dependencies: Vec<DevDependency>,
}

/// What examples may use besides.
#[derive(Clone, Debug)]
pub(super) struct DevDependency {
    /// What the code calls it.
    pub(super) alias: String,
    pub(super) package: String,
    pub(super) requirement: String,
    pub(super) features: Vec<String>,
    pub(super) has_default_features: bool,
}

impl Subject {
    /// All published packages of the workspace in whose folder this Cargo is to run, by name.
    pub(crate) fn all(command: &mut Command, runner: &dyn Runner) -> Result<Vec<Self>, Error> {
        let metadata = metadata_from(command, runner)?;
        let packages = metadata.workspace_packages();
        let private: Vec<&str> = packages
            .iter()
            .filter(|package| !is_published(package))
            .map(|package| package.name.as_str())
            .collect();
        let published = packages.iter().filter(|package| is_published(package));
        let mut subjects: Vec<Self> = published
            .map(|package| Self::of(package, &private))
            .collect();
        subjects.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(subjects)
    }

    fn of(package: &Package, private: &[&str]) -> Self {
        // Others can depend on these alone.
        let is_library = |kind: &TargetKind| {
            use TargetKind::{DyLib, Lib, ProcMacro, RLib};
            matches!(kind, Lib | RLib | DyLib | ProcMacro)
        };
        let mut targets = package.targets.iter();
        let has_library = targets.any(|target| target.kind.iter().any(is_library));
        let programs = package.targets.iter().filter(|target| target.is_bin());
        let features = package.features.keys().filter(|name| *name != "default");
        let dev_dependencies = package.dependencies.iter().filter(|dependency| {
            dependency.kind == DependencyKind::Development
                && !private.contains(&dependency.name.as_str())
        });
        Self {
            name: package.name.to_string(),
            version: package.version.clone(),
            has_library,
            programs: programs.map(|target| target.name.clone()).collect(),
            features: features.cloned().collect(),
            readme: readme(package),
            dev_dependencies: dev_dependencies.map(DevDependency::of).collect(),
        }
    }
}

impl DevDependency {
    fn of(dependency: &Dependency) -> Self {
        let alias = dependency.rename.as_ref().unwrap_or(&dependency.name);
        Self {
            alias: alias.clone(),
            package: dependency.name.clone(),
            requirement: dependency.req.to_string(),
            features: dependency.features.clone(),
            has_default_features: dependency.uses_default_features,
        }
    }
}

fn is_published(package: &Package) -> bool {
    package
        .publish
        .as_ref()
        .is_none_or(|registries| !registries.is_empty())
}

/// A README from outside of the package's folder is packaged at its root.
fn readme(package: &Package) -> Option<PathBuf> {
    let readme = package.readme.as_ref()?;
    let is_outside = readme.components().any(|part| part.as_str() == "..") || readme.is_absolute();
    if is_outside {
        readme.file_name().map(PathBuf::from)
    } else {
        Some(readme.clone().into_std_path_buf())
    }
}
