//! A file read by position: threads share it, and none moves another's place.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use crate::Error;

/// An open file and the length that it had when it was opened.
#[derive(Debug)]
pub(crate) struct PositionedFile {
    file: File,
    path: PathBuf,
    length: u64,
    is_regular: bool,
    /// Where the platform cannot read by position, one reads at a time.
    #[cfg(not(any(unix, windows)))]
    cursor: std::sync::Mutex<()>,
}

impl PositionedFile {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let open = || -> io::Result<_> {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            Ok((file, metadata))
        };
        let (file, metadata) = open().map_err(|source| Error::Open {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            file,
            path: path.to_owned(),
            length: metadata.len(),
            is_regular: metadata.is_file(),
            #[cfg(not(any(unix, windows)))]
            cursor: std::sync::Mutex::new(()),
        })
    }

    /// Bytes when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    pub(crate) fn is_regular(&self) -> bool {
        self.is_regular
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn into_file(self) -> File {
        self.file
    }

    /// Reads one byte or more; `buffer` is not empty, and lies within the length at opening.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> Result<usize, Error> {
        loop {
            match self.try_read_at(buffer, offset_bytes) {
                Ok(0) => return Err(self.shrunk(offset_bytes)),
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(Error::Read {
                        path: self.path.clone(),
                        offset_bytes,
                        source,
                    });
                }
            }
        }
    }

    fn shrunk(&self, found_at_most: u64) -> Error {
        // It may have grown again since; then the place where it ended tells more.
        let found = self
            .file
            .metadata()
            .map_or(found_at_most, |metadata| metadata.len());
        Error::Shrunk {
            path: self.path.clone(),
            expected_bytes: self.length,
            found_bytes: found.min(found_at_most),
        }
    }

    #[cfg(unix)]
    fn try_read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset_bytes)
    }

    #[cfg(windows)]
    fn try_read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset_bytes)
    }

    #[cfg(not(any(unix, windows)))]
    fn try_read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        use std::{
            io::{Read as _, Seek as _},
            sync::PoisonError,
        };

        let _cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = &self.file;
        file.seek(io::SeekFrom::Start(offset_bytes))?;
        file.read(buffer)
    }
}
