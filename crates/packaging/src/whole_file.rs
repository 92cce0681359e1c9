//! Files that are there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::Error;

/// How the name of a file in the making begins.
const PREFIX: &str = ".unfinished-";

/// Whether a file was in the making when its maker was killed.
#[cfg(feature = "artefacts")]
pub(crate) fn is_unfinished(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
}

/// A file in the making, under a name of its own beside its place. Dropped before it is kept, it is gone.
pub(crate) struct WholeFile {
    file: File,
    unfinished: PathBuf,
    path: PathBuf,
    is_kept: bool,
}

impl WholeFile {
    /// Begins one; its folder is made.
    #[cfg(any(
        test,
        feature = "artefacts",
        feature = "readiness",
        feature = "registry",
        feature = "steps"
    ))]
    pub(crate) fn begin(path: &Path) -> Result<Self, Error> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        Self::beside(path)
    }

    /// Begins one in a folder that is there. It is for all to read, but for what the user's mask takes away.
    pub(crate) fn beside(path: &Path) -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let unfinished = path.with_file_name(format!("{PREFIX}{}-{number}", process::id()));
            let made = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&unfinished);
            match made {
                Ok(file) => {
                    return Ok(Self {
                        file,
                        unfinished,
                        path: path.to_owned(),
                        is_kept: false,
                    });
                }
                // A process that was killed has left it, and had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::file("write", path)(error)),
            }
        }
    }

    /// Where the bytes are for now.
    pub(crate) fn unfinished(&self) -> &Path {
        &self.unfinished
    }

    /// Fills it, through a buffer.
    pub(crate) fn fill(
        &mut self,
        write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut buffer = BufWriter::new(&mut self.file);
        write(&mut buffer)?;
        buffer.flush().map_err(Error::file("write", &self.path))?;
        drop(buffer);
        // A disk that is full may say so only now.
        self.file
            .sync_all()
            .map_err(Error::file("write", &self.path))
    }

    /// Puts it in its place, over what is there.
    pub(crate) fn keep(mut self) -> Result<(), Error> {
        fs::rename(&self.unfinished, &self.path).map_err(Error::file("write", &self.path))?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nobody can be told; the file is hidden and harmless.
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

/// Writes a file of these bytes.
#[cfg(any(
    test,
    feature = "artefacts",
    feature = "readiness",
    feature = "registry",
    feature = "steps"
))]
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = WholeFile::begin(path)?;
    file.fill(|buffer| buffer.write_all(bytes).map_err(Error::file("write", path)))?;
    file.keep()
}

/// Reads a file.
#[cfg(feature = "artefacts")]
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::file("read", path))
}

/// Reads a file of text.
#[cfg(feature = "artefacts")]
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file("read", path))
}

#[cfg(test)]
mod tests;
