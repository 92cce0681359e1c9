//! Files that are complete or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Names that another file may have already, before one gives up.
const MOST_ATTEMPTS: usize = 16;

/// Replaces what is at `path` by a file of this content: the file is complete or not there. It is written beside its place,
/// flushed to the disk and renamed; where a link leads to is replaced, and permissions stay. What is not a regular file, such
/// as a pipe, is written to directly. Folders are not created.
///
/// # Errors
/// What the system said. What was at `path` stays, and nothing else does.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("report.txt");
/// tuneup_report::write_file(&path, b"all is well\n")?;
/// assert_eq!(std::fs::read(&path)?, b"all is well\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        // A pipe or device: it has a reader who waits for it, and a rename would take its place.
        Ok(found) if !found.is_file() => OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(content),
        // Where a link leads to, so that the link stays.
        Ok(found) => replace(&fs::canonicalize(path)?, content, Some(found.permissions())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => replace(path, content, None),
        Err(error) => Err(error),
    }
}

fn replace(path: &Path, content: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let (mut file, temporary) = Temporary::beside(path)?;
    file.write_all(content)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    // Without this, a crash of the machine could leave the new name with nothing behind it.
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary.path, path)?;
    temporary.keep();
    Ok(())
}

/// A file that is removed again, unless it is kept.
struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    /// A new file in the folder of `path`: only within a file system does a rename replace at once.
    fn beside(path: &Path) -> io::Result<(File, Self)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        for _ in 0..MOST_ATTEMPTS {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".tuneup-{}-{number}.tmp", std::process::id());
            let path = folder.join(name);
            match File::create_new(&path) {
                Ok(file) => return Ok((file, Self { path, kept: false })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let what = format!(
                        "the folder {} does not exist; create it first",
                        folder.display()
                    );
                    return Err(io::Error::new(error.kind(), what));
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The file has its final name now.
    fn keep(mut self) {
        self.kept = true;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let files = || fs::read_dir(folder.path()).unwrap().count();
        let (_, temporary) = Temporary::beside(&folder.path().join("report.txt")).unwrap();
        assert_eq!(files(), 1);
        drop(temporary);
        assert_eq!(files(), 0);
    }

    #[test]
    fn a_folder_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/report.txt");
        let error = write_file(&path, b"").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("missing does not exist; create it first")
        );
    }
}
