//! Lines written to a file that is replaced at once, or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::Error;

/// The buffer: what is written to the file at once.
const BUFFER_BYTES: usize = 128 * 1024;
/// New names for the temporary file that are tried.
const MOST_ATTEMPTS: usize = 100;

/// Writes lines to a file: buffered, and replacing what was there at once.
///
/// The bytes go to a temporary file in the same folder, `.tuneup-…tmp`, which [`commit`](Self::commit)
/// renames to the target. Until then, and whatever fails, whoever opens the target sees the old content;
/// afterwards the new, and never a part. Dropped without a commit, it removes the temporary file and leaves
/// the target alone. After a crash of the process the temporary file stays.
///
/// The permissions of a file that is replaced are kept; its owner, its extended attributes and its hard links
/// are not. A target that is a symbolic link stays one, and what it leads to is replaced; a folder, a pipe or
/// a device is refused. Memory: 128 KiB.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("words.txt");
/// use tuneup_memory::{AtomicLineWriter, FileScanner};
///
/// std::fs::write(&path, "pear\napple\n")?;
/// let scanner = FileScanner::open(&path)?;
/// let mut lines = scanner.lines();
/// let mut writer = AtomicLineWriter::create(&path)?.with_sync(true);
/// while let Some(line) = lines.next_line()? {
///     writer.write_line(line.to_ascii_uppercase())?;
/// }
/// writer.commit()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "PEAR\nAPPLE\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "without `commit` the file is not replaced"]
pub struct AtomicLineWriter {
    /// The writer comes first: it is closed before the file is removed, as Windows demands.
    file: BufWriter<File>,
    temporary: Temporary,
    target: PathBuf,
    sync: bool,
    bytes: u64,
}

impl AtomicLineWriter {
    /// Creates the temporary file.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] with the system's reason: the folder does not exist or must not be
    /// written to, or the target is no regular file.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::beside(path).map_err(|source| write_error(path, source))
    }

    fn beside(path: &Path) -> io::Result<Self> {
        // Through symbolic links: a rename would replace the link itself.
        let (target, permissions) = match fs::canonicalize(path) {
            Ok(target) => {
                let metadata = fs::metadata(&target)?;
                if !metadata.is_file() {
                    let what = "it is not a regular file, so nothing can replace it";
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
                }
                (target, Some(metadata.permissions()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (path.to_owned(), None),
            Err(error) => return Err(error),
        };
        let (file, temporary) = Temporary::beside(&target)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Self {
            file,
            temporary,
            target,
            sync: false,
            bytes: 0,
        })
    }

    /// Whether [`commit`](Self::commit) waits until the content, and on Unix the name too, is on the disk. By
    /// default it does not: that takes milliseconds, and without it only a crash of the whole machine can
    /// lose the new content, and on some file systems the old with it.
    #[doc(alias = "fsync")]
    pub fn with_sync(mut self, sync: bool) -> Self {
        self.sync = sync;
        self
    }

    /// Writes `line` and a line feed. A line feed within `line` is written as it is.
    ///
    /// # Errors
    ///
    /// [`Error::StorageFull`] if there is no room, [`Error::Write`] with any other reason. A failed writer
    /// cannot be committed usefully; drop it.
    pub fn write_line(&mut self, line: impl AsRef<[u8]>) -> Result<(), Error> {
        let line = line.as_ref();
        let written = self
            .file
            .write_all(line)
            .and_then(|()| self.file.write_all(b"\n"));
        written.map_err(|source| write_error(&self.target, source))?;
        self.bytes += line.len() as u64 + 1;
        Ok(())
    }

    /// Replaces the target, and gives the bytes of its new content.
    ///
    /// # Errors
    ///
    /// As of [`write_line`](Self::write_line), and the target is as it was. Only if the name could not be
    /// brought to the disk is the target new already.
    pub fn commit(self) -> Result<u64, Error> {
        let Self {
            file,
            mut temporary,
            target,
            sync,
            bytes,
        } = self;
        let replace = || -> io::Result<()> {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            if sync {
                file.sync_all()?;
            }
            // Some file systems tell only now that there is no room.
            drop(file);
            fs::rename(&temporary.path, &target)?;
            temporary.kept = true;
            if sync {
                sync_folder(folder_of(&target))?;
            }
            Ok(())
        };
        replace().map_err(|source| write_error(&target, source))?;
        Ok(bytes)
    }
}

/// Writes lines to a file, replacing what was there at once; see [`AtomicLineWriter`]. Gives the bytes written.
///
/// To wait for the disk, or to write from lines that are borrowed one at a time, use the writer itself.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("squares.txt");
/// let bytes = tuneup_memory::write_lines(&path, (1..=3).map(|n| (n * n).to_string()))?;
/// assert_eq!(bytes, 6);
/// assert_eq!(std::fs::read_to_string(&path)?, "1\n4\n9\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// If the iterator does; then the target is as it was, and no temporary file is left.
///
/// # Errors
///
/// [`Error::StorageFull`] or [`Error::Write`]; then the target is as it was, and no temporary file is left.
pub fn write_lines(
    path: impl AsRef<Path>,
    lines: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Result<u64, Error> {
    let mut writer = AtomicLineWriter::create(path)?;
    for line in lines {
        writer.write_line(line)?;
    }
    writer.commit()
}

fn write_error(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Error::StorageFull { path, source }
        }
        _ => Error::Write { path, source },
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Brings the names of a folder to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A file that is removed again, unless it is kept.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    /// A new file in the folder of `path`: only within a file system does a rename replace at once.
    fn beside(path: &Path) -> io::Result<(File, Self)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        for _ in 0..MOST_ATTEMPTS {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".tuneup-{}-{number}.tmp", std::process::id());
            let path = folder_of(path).join(name);
            match File::create_new(&path) {
                Ok(file) => return Ok((file, Self { path, kept: false })),
                // Left by another process of the same number, perhaps in another container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // The failure that led here is the one to tell of.
            let _ = fs::remove_file(&self.path);
        }
    }
}
