//! The folder of a release, which one release at a time has for itself.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use anyhow::{Context as _, Result, bail};

/// The folder, until it is dropped.
pub(super) struct Place {
    /// The lock is gone with the file, however this process ends.
    _lock: File,
}

/// How the name of a file begins that `tuneup-packaging` has not finished.
const UNFINISHED: &str = ".unfinished-";

impl Place {
    /// Takes the folder, or says that another release has it; what a release that was killed has left unfinished goes.
    pub(super) fn take(folder: &Path) -> Result<Self> {
        let shown = folder.display();
        fs::create_dir_all(folder).with_context(|| format!("cannot make `{shown}`"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .with_context(|| format!("cannot write to `{shown}`"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another release is going on in `{shown}`; begin when it has ended")
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock `{shown}`"));
            }
        }
        for folder in [folder, &folder.join("artefacts"), &folder.join("parts")] {
            remove_unfinished(folder)?;
        }
        configure(folder)?;
        Ok(Self { _lock: lock })
    }
}

/// For each Cargo that builds here: what it would note down so as to build the next change faster is of no use, and takes time.
fn configure(folder: &Path) -> Result<()> {
    let file = folder.join(".cargo/config.toml");
    let shown = file.display();
    fs::create_dir_all(folder.join(".cargo")).with_context(|| format!("cannot make `{shown}`"))?;
    fs::write(&file, "[build]\nincremental = false\n")
        .with_context(|| format!("cannot write `{shown}`"))
}

fn remove_unfinished(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let path = entry.path();
            fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
    }
    Ok(())
}
