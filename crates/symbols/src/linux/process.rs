//! What `/proc` knows of a process.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use memmap2::Mmap;

use super::maps::{self, Mapping, Origin};

/// A process of this machine: this one, or one that may be looked into, because it belongs to the same user and `ptrace` is not
/// restricted, or because of CAP_SYS_PTRACE. The source is `/proc`.
///
/// ```
/// use tuneup_symbols::Process;
///
/// let process = Process::current();
/// assert!(process.is_own());
/// println!("{} has {} threads", process.program(), process.threads()?.len());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Process {
    id: u32,
    root: PathBuf,
}

impl Process {
    /// The process with this number. Nothing is asked of the system yet; of a process that is not there, nothing is known.
    ///
    /// ```
    /// use tuneup_symbols::Process;
    ///
    /// assert!(Process::new(std::process::id()).is_own());
    /// // Greater than any number that Linux gives.
    /// assert!(Process::new(u32::MAX).threads().is_err());
    /// ```
    #[must_use]
    pub fn new(id: u32) -> Self {
        Self {
            id,
            root: PathBuf::from(format!("/proc/{id}")),
        }
    }

    /// This process.
    #[must_use]
    pub fn current() -> Self {
        Self::new(std::process::id())
    }

    /// Its number.
    #[must_use]
    #[doc(alias = "pid")]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.id == std::process::id()
    }

    /// The numbers of the threads that it has now, in ascending order. O(n log n).
    ///
    /// # Errors
    ///
    /// If there is no such process, or if the platform is not supported.
    #[doc(alias = "tid")]
    pub fn threads(&self) -> io::Result<Vec<u32>> {
        let mut threads = Vec::new();
        for entry in fs::read_dir(self.root.join("task"))? {
            threads.extend(
                entry?
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse::<u32>().ok()),
            );
        }
        threads.sort_unstable();
        Ok(threads)
    }

    /// The name of its program's file, without the folder; `process N` if it is not known.
    #[must_use]
    pub fn program(&self) -> String {
        let executable = self.executable().unwrap_or_default();
        let name = Path::new(&executable).file_name();
        name.map_or_else(
            || format!("process {}", self.id),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// The executable memory that it has now.
    pub(crate) fn mappings(&self) -> io::Result<Vec<Mapping>> {
        let text = fs::read(self.root.join("maps"))?;
        Ok(maps::executable_mappings(&String::from_utf8_lossy(&text)))
    }

    /// The object file from which memory came; `None` if there is none or it cannot be read.
    pub(crate) fn object(&self, origin: &Origin) -> Option<Object> {
        match origin {
            Origin::File(path) => {
                // The process may have another root than this one; once it has ended, only this one is left.
                let inside = self.root.join("root").join(path.trim_start_matches('/'));
                let file = File::open(inside).or_else(|_| File::open(path)).ok()?;
                map(&file)
            }
            Origin::Deleted(path) if self.executable().as_ref() == Some(path) => {
                let file = File::open(self.root.join("exe")).ok()?;
                map(&file)
            }
            Origin::Vdso => own_vdso().map(Object::Memory),
            Origin::Deleted(_) | Origin::Unknown => None,
        }
    }

    /// The path of its program, which may be there no longer.
    fn executable(&self) -> Option<String> {
        let path = fs::read_link(self.root.join("exe")).ok()?;
        let path = path.to_string_lossy().into_owned();
        Some(path.strip_suffix(" (deleted)").unwrap_or(&path).to_owned())
    }
}

/// The bytes of an object file.
pub(crate) enum Object {
    File(Mmap),
    Memory(Vec<u8>),
}

impl std::ops::Deref for Object {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::File(file) => file,
            Self::Memory(bytes) => bytes,
        }
    }
}

fn map(file: &File) -> Option<Object> {
    // SAFETY: the files are those that a process executes. Linkers and package managers replace such a file and do not
    // rewrite it, and the kernel refuses to write to a running program.
    unsafe { Mmap::map(file) }.ok().map(Object::File)
}

/// The kernel gives all processes the same one, and lets a process read its own.
fn own_vdso() -> Option<Vec<u8>> {
    const MOST_BYTES: u64 = 1 << 20;
    let mappings = Process::new(std::process::id()).mappings().ok()?;
    let vdso = mappings
        .iter()
        .find(|mapping| mapping.origin == Origin::Vdso)?;
    let addresses = &vdso.addresses;
    let mut bytes = vec![0; (addresses.end - addresses.start).min(MOST_BYTES) as usize];
    File::open("/proc/self/mem")
        .and_then(|memory| memory.read_exact_at(&mut bytes, addresses.start))
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests;
