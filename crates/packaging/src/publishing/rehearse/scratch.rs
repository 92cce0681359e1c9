//! A copy of a checkout, in which Cargo may do what it likes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use toml_edit::{Array, DocumentMut, Item, TableLike};

use super::REGISTRY;
use crate::{
    Error, Runner, Workspace,
    runner::{answer, answer_bytes, git_in, path_of_bytes},
};

/// A copy of a workspace.
#[derive(Debug)]
pub(super) struct Copied {
    /// Where the workspace is in it.
    pub(super) root: PathBuf,
    /// What the registry is called that it is published to.
    pub(super) registry: String,
    /// Further registries that its manifests name.
    pub(super) others: BTreeSet<String>,
}

/// Copies the files as they are, without what git ignores, and git's record of the commit.
///
/// Without git, or outside of a repository, everything but target folders and other caches is copied.
pub(super) fn copy_checkout(
    workspace: &Workspace,
    to: &Path,
    runner: &dyn Runner,
) -> Result<Copied, Error> {
    let root = canonical(&workspace.root)?;
    let copy = match top_of(&root, runner)? {
        Some(top) => {
            copy_repository(&top, to, runner)?;
            // The root of a workspace in a repository is below the repository's.
            to.join(root.strip_prefix(&top).unwrap_or(Path::new("")))
        }
        None => {
            copy_folder(&root, to, &|path| {
                // The tag is what Cargo marks its target folders with, wherever the one of today is.
                path != workspace.target
                    && path.file_name() != Some(".git".as_ref())
                    && !path.join("CACHEDIR.TAG").is_file()
            })?;
            to.to_owned()
        }
    };
    // Some ignore theirs; what strangers get is to be what was tested.
    let lock = root.join("Cargo.lock");
    if lock.is_file() {
        copy_entry(&lock, &copy.join("Cargo.lock"))?;
    }
    let manifests = manifests(workspace, &root, &copy)?;
    let (registry, others) = choose_registry(&manifests);
    for (path, mut manifest) in manifests {
        if allow_publishing(&mut manifest, &registry) {
            fs::write(&path, manifest.to_string()).map_err(Error::file("write", path))?;
        }
    }
    Ok(Copied {
        root: copy,
        registry,
        others,
    })
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(Error::file("read", path))
}

/// The folder of the repository around a folder that has a commit. `None` without repository, commit or git.
fn top_of(folder: &Path, runner: &dyn Runner) -> Result<Option<PathBuf>, Error> {
    let mut command = git_in(folder);
    command.args(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
    if answer(runner, &mut command).is_err() {
        return Ok(None);
    }
    let said = answer(
        runner,
        git_in(folder).args(["rev-parse", "--show-toplevel"]),
    )?;
    Ok(Some(canonical(Path::new(
        said.trim_end_matches(['\n', '\r']),
    ))?))
}

fn copy_repository(top: &Path, to: &Path, runner: &dyn Runner) -> Result<(), Error> {
    let mut clone = git_in(top);
    clone
        .args(["clone", "--quiet", "--no-checkout", "--"])
        .args([top, to]);
    answer(runner, &mut clone)?;
    // Without a checkout the index is empty, and everything would count as removed.
    answer(runner, git_in(to).args(["reset", "--quiet"]))?;
    let mut list = git_in(top);
    list.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let said = answer_bytes(runner, &mut list)?;
    let names = said.split(|byte| *byte == 0);
    for file in names.filter(|name| !name.is_empty()).map(path_of_bytes) {
        let from = top.join(&file);
        // What was removed since the commit is in the list, and not there.
        if fs::symlink_metadata(&from).is_ok() {
            copy_entry(&from, &to.join(file))?;
        }
    }
    Ok(())
}

/// A file, a link, or a folder with all that is in it: of another repository, git lists the folder alone.
fn copy_entry(from: &Path, to: &Path) -> Result<(), Error> {
    let kind = fs::symlink_metadata(from).map_err(Error::file("read", from))?;
    if kind.is_dir() {
        return copy_folder(from, to, &|path| path.file_name() != Some(".git".as_ref()));
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(Error::file("make", parent))?;
    }
    #[cfg(unix)]
    if kind.is_symlink() {
        let target = fs::read_link(from).map_err(Error::file("read", from))?;
        return std::os::unix::fs::symlink(target, to).map_err(Error::file("write", to));
    }
    fs::copy(from, to).map_err(Error::file("write", to))?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::file("make", to))?;
    for entry in fs::read_dir(from).map_err(Error::file("read", from))? {
        let entry = entry.map_err(Error::file("read", from))?;
        let path = entry.path();
        if is_wanted(&path) {
            let to = to.join(entry.file_name());
            let kind = entry.file_type().map_err(Error::file("read", &path))?;
            if kind.is_dir() {
                copy_folder(&path, &to, is_wanted)?;
            } else {
                copy_entry(&path, &to)?;
            }
        }
    }
    Ok(())
}

/// The manifests of the copy. One that cannot be read is left out: Cargo tells it, better.
fn manifests(
    workspace: &Workspace,
    root: &Path,
    copy: &Path,
) -> Result<BTreeMap<PathBuf, DocumentMut>, Error> {
    let mut paths = vec![copy.join("Cargo.toml")];
    for member in &workspace.members {
        let manifest = canonical(&member.manifest)?;
        paths.extend(in_copy(root, copy, &manifest));
    }
    paths.retain(|path| path.is_file());
    let mut manifests = BTreeMap::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        if let Ok(manifest) = text.parse() {
            manifests.insert(path, manifest);
        }
    }
    Ok(manifests)
}

/// The name of the registry to publish to, and the others that are named.
///
/// A package finds another one that it wants from `mine` only if both are published to `mine`: where a private registry is named, the one on loopback goes by
/// that name. One that packages may be published to comes before one that they depend on.
fn choose_registry(manifests: &BTreeMap<PathBuf, DocumentMut>) -> (String, BTreeSet<String>) {
    let mut published = BTreeSet::new();
    let mut named = BTreeSet::new();
    for manifest in manifests.values() {
        let mut manifest = manifest.clone();
        for list in publish_lists(&mut manifest) {
            let names = list.iter().filter_map(|name| name.as_str());
            published.extend(names.map(str::to_owned));
        }
        collect_registries(manifest.as_table(), &mut named);
    }
    published.remove("crates-io");
    let first = published.first().or(named.first());
    let registry = first.map_or(REGISTRY.to_owned(), Clone::clone);
    named.append(&mut published);
    named.remove(&registry);
    (registry, named)
}

/// Where a file is in the copy, found by their nearest common folder: a member may be beside the root, as `../other`.
fn in_copy(root: &Path, copy: &Path, file: &Path) -> Option<PathBuf> {
    let mut pairs = root.ancestors().zip(copy.ancestors());
    pairs.find_map(|(original, copied)| Some(copied.join(file.strip_prefix(original).ok()?)))
}

/// The lists of registries that may have a package, as far as there are some.
fn publish_lists(manifest: &mut DocumentMut) -> Vec<&mut Array> {
    let mut lists = Vec::new();
    for (key, item) in manifest.iter_mut() {
        let table = match key.get() {
            "package" => item.as_table_like_mut(),
            "workspace" => item
                .as_table_like_mut()
                .and_then(|table| table.get_mut("package")?.as_table_like_mut()),
            _ => None,
        };
        if let Some(table) = table
            && let Some(list) = table.get_mut("publish").and_then(Item::as_array_mut)
        {
            lists.push(list);
        }
    }
    lists
}

/// Adds the registry to the lists of those that may have a package; whether one was without it.
fn allow_publishing(manifest: &mut DocumentMut, registry: &str) -> bool {
    let mut is_changed = false;
    for list in publish_lists(manifest) {
        // An empty list is the same as `false`.
        if !list.is_empty() && list.iter().all(|name| name.as_str() != Some(registry)) {
            list.push(registry);
            is_changed = true;
        }
    }
    is_changed
}

/// Names of registries, wherever a dependency has one. What else is called `registry` does no harm.
fn collect_registries(table: &dyn TableLike, registries: &mut BTreeSet<String>) {
    for (key, item) in table.iter() {
        if let Some(table) = item.as_table_like() {
            collect_registries(table, registries);
        } else if key == "registry" {
            registries.extend(item.as_str().map(str::to_owned));
        }
    }
}

#[cfg(test)]
mod tests;
