//! Which package of a workspace is meant.

use std::{env, path::Path};

use anyhow::{Result, bail};
use cargo_metadata::{Metadata, Package};

/// The package of this name; without one, that of this folder, if it is in one.
pub(crate) fn find_package<'a>(
    metadata: &'a Metadata,
    name: Option<&str>,
) -> Result<Option<&'a Package>> {
    let packages = metadata.workspace_packages();
    let Some(name) = name else {
        return Ok(innermost(&packages, &env::current_dir()?));
    };
    let names = || {
        let names: Vec<&str> = packages
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        names.join(", ")
    };
    match packages
        .iter()
        .find(|package| package.name.as_str() == name)
    {
        Some(package) => Ok(Some(package)),
        None => bail!(
            "there is no package `{name}` in this workspace; there are {}",
            names()
        ),
    }
}

/// The one around a folder; of those that are inside of each other, the inner one.
fn innermost<'a>(packages: &[&'a Package], folder: &Path) -> Option<&'a Package> {
    let around = |package: &&&Package| {
        let of_package = package.manifest_path.parent();
        let of_package = of_package.and_then(|path| path.as_std_path().canonicalize().ok());
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        of_package.is_some_and(|of_package| folder.starts_with(of_package))
    };
    let around = packages.iter().filter(around);
    around
        .max_by_key(|package| package.manifest_path.as_str().len())
        .copied()
}
