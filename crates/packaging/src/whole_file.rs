//! Files that are there whole or not at all.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

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
    file: NamedTempFile,
    path: PathBuf,
}

impl WholeFile {
    /// Begins one; its folder is made.
    pub(crate) fn begin(path: &Path) -> Result<Self, Error> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        // What is released is for all to read, but for what the user's mask takes away.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        Ok(Self {
            file: builder
                .tempfile_in(folder)
                .map_err(Error::file("write", path))?,
            path: path.to_owned(),
        })
    }

    /// Where the bytes are for now.
    #[cfg(feature = "artefacts")]
    pub(crate) fn unfinished(&self) -> &Path {
        self.file.path()
    }

    /// Fills it, through a buffer.
    pub(crate) fn fill(
        &mut self,
        write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut buffer = BufWriter::new(self.file.as_file_mut());
        write(&mut buffer)?;
        buffer.flush().map_err(Error::file("write", &self.path))?;
        drop(buffer);
        // A disk that is full may say so only now.
        self.file
            .as_file()
            .sync_all()
            .map_err(Error::file("write", &self.path))
    }

    /// Puts it in its place, over what is there.
    pub(crate) fn keep(self) -> Result<(), Error> {
        self.file
            .persist(&self.path)
            .map(drop)
            .map_err(|error| Error::file("write", self.path)(error.error))
    }
}

/// Writes a file of these bytes.
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
