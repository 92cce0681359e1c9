//! A folder for clones and unpacked crates, and what is built of them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use crate::{
    Error, Runner,
    runner::{answer, git_in},
};

/// A folder that one process at a time uses.
///
/// It is always the same one: Cargo names what it builds by the paths of the sources, so that in a folder with a random name nothing
/// could be used again, and what was built there would pile up.
pub(crate) struct Scratch {
    folder: PathBuf,
    /// Released when it is closed.
    _lock: File,
}

impl Scratch {
    /// Makes the folder, and waits until no other process uses it.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        let folder = fs::canonicalize(folder).map_err(Error::file("read", folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(Error::file("write", &path))?;
        lock.lock().map_err(Error::file("lock", &path))?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Where packages are unpacked.
    pub(crate) fn packages(&self) -> PathBuf {
        self.folder.join("packages")
    }

    /// Where Cargo builds what lies here. Beneath the packages, so that their configuration is in force for the projects that tests make here.
    pub(crate) fn target(&self) -> PathBuf {
        self.packages().join("target")
    }

    /// A folder here, empty.
    pub(crate) fn emptied(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.folder.join(name);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(Error::file("remove", &path))?;
        }
        fs::create_dir_all(&path).map_err(Error::file("make", &path))?;
        Ok(path)
    }

    /// Clones the repository around a folder: what is committed, and nothing else. The answer is the same folder in the clone.
    pub(crate) fn clone_of(&self, root: &Path, runner: &dyn Runner) -> Result<PathBuf, Error> {
        let ask = |question: &str| {
            let mut command = git_in(root);
            command.args(["rev-parse", question]);
            answer(runner, &mut command).map(|said| said.trim_end_matches(['\r', '\n']).to_owned())
        };
        let (repository, inside) = (ask("--show-toplevel")?, ask("--show-prefix")?);
        let checkout = self.emptied("checkout")?;
        let mut clone = git_in(root);
        clone
            .args(["clone", "--quiet", "--local", "--"])
            .arg(repository)
            .arg(&checkout);
        answer(runner, &mut clone)?;
        Ok(checkout.join(inside))
    }
}
