//! Archives that are the same bytes each time, and that were unpacked once before anybody else does.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    Contents, Error, SourceDate,
    artefacts::contents::problem_of,
    sha256::{hex, sha256, sha256_of},
    whole_file::WholeFile,
};

pub(crate) mod tar_gz;
pub(crate) mod zip;

/// An archive that was written or read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Archive {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in small hexadecimal digits.
    pub sha256: String,
    /// Its files, by name.
    pub files: BTreeMap<String, ArchivedFile>,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ArchivedFile {
    /// Its length, unpacked.
    pub bytes: u64,
    /// Its SHA-256, in small hexadecimal digits.
    pub sha256: String,
    /// Whether it can be run.
    pub is_program: bool,
}

/// The two kinds of archives.
#[derive(Clone, Copy)]
enum Kind {
    TarGz,
    Zip,
}

impl Kind {
    fn of(path: &Path) -> Result<Self, Error> {
        let name = path.to_string_lossy();
        if name.ends_with(".tar.gz") || name.ends_with(".tgz") || name.ends_with(".crate") {
            Ok(Self::TarGz)
        } else if name.ends_with(".zip") || name.ends_with(".whl") {
            Ok(Self::Zip)
        } else {
            let reason =
                "the kind of an archive is told by its name: .tar.gz, .tgz, .crate, .zip or .whl";
            Err(Error::unfit(format!("`{name}`"), reason))
        }
    }

    fn files(self, path: &Path) -> Result<BTreeMap<String, ArchivedFile>, Error> {
        let file = File::open(path).map_err(Error::file("read", path))?;
        match self {
            Self::TarGz => tar_gz::files(file),
            Self::Zip => zip::files(file),
        }
        .map_err(|problem| Error::faulty(path, problem))
    }
}

/// Writes an archive; its kind is told by the name: `.tar.gz`, `.tgz` or `.zip`.
///
/// All files are below one folder, `root`, as people expect it; `""` is none. The archive is the same bytes whenever and wherever it is
/// written: in the order of names, owned by nobody, with modes 0644 and 0755 and one date. A tar file is ustar; a name too long for it is written as GNU tar
/// does. A ZIP file has dates from 1980 on.
///
/// The archive is read again and compared with what went in before it gets its name: nothing half-done is left behind.
///
/// Costs the compression at the highest level, once, and the memory of the largest file; a ZIP file is in memory as a whole.
///
/// # Errors
///
/// A file cannot be read, the archive cannot be written, a name is none for an archive, or what was read again is not what was written.
///
/// ```
/// use tuneup_packaging::{Contents, SourceDate, write_archive};
///
/// let folder = tempfile::tempdir()?;
/// let mut contents = Contents::new();
/// contents.add_text("README.md", "# Tool")?;
/// let date = SourceDate::from_unix(1_700_000_000)?;
/// let archive = write_archive(&folder.path().join("tool-1.0.0.tar.gz"), "tool-1.0.0", &contents, date)?;
/// assert_eq!(archive.files["tool-1.0.0/README.md"].bytes, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_archive(
    path: &Path,
    root: &str,
    contents: &Contents,
    date: SourceDate,
) -> Result<Archive, Error> {
    let kind = Kind::of(path)?;
    if let Some(problem) = problem_of(root).filter(|_| !root.is_empty()) {
        return Err(Error::unfit(
            format!("the folder `{root}` of an archive"),
            problem,
        ));
    }
    let mut files = BTreeMap::new();
    let mut whole = WholeFile::begin(path)?;
    whole.fill(|buffer| {
        let each = contents.entries().map(|(name, entry)| {
            let name = match root {
                "" => name.to_owned(),
                _ => format!("{root}/{name}"),
            };
            let bytes = entry.bytes()?;
            files.insert(name.clone(), ArchivedFile::of(&bytes, entry.is_program));
            Ok(Packed {
                name,
                bytes,
                is_program: entry.is_program,
            })
        });
        match kind {
            Kind::TarGz => tar_gz::write(path, buffer, each, date),
            Kind::Zip => zip::write(path, buffer, each, date),
        }
    })?;
    let found = kind.files(whole.unfinished())?;
    Error::unless_empty(path, differences(&files, &found))?;
    whole.keep()?;
    with_files(path, files)
}

/// Reads an archive to its end, and hashes what is in it. Needs no more memory for a larger archive.
///
/// # Errors
///
/// It cannot be read, it is none, or a name in it would leave the folder that it is unpacked to.
///
/// ```
/// # use tuneup_packaging::{Contents, SourceDate, read_archive, write_archive};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.zip");
/// let written = write_archive(&path, "a", &Contents::new(), SourceDate::from_unix(0)?)?;
/// assert_eq!(read_archive(&path)?, written);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_archive(path: &Path) -> Result<Archive, Error> {
    let files = Kind::of(path)?.files(path)?;
    with_files(path, files)
}

/// Unpacks an archive into a folder, which is made.
///
/// # Errors
///
/// It cannot be read or is none, a file cannot be written, or a name would leave the folder. Then files may be left in the folder.
///
/// ```
/// # use tuneup_packaging::{Contents, SourceDate, unpack_archive, write_archive};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.zip");
/// # let mut contents = Contents::new();
/// # contents.add_text("b.txt", "b")?;
/// # write_archive(&path, "a", &contents, SourceDate::from_unix(0)?)?;
/// unpack_archive(&path, &folder.path().join("out"))?;
/// assert!(folder.path().join("out/a/b.txt").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn unpack_archive(path: &Path, folder: &Path) -> Result<(), Error> {
    let kind = Kind::of(path)?;
    // Names are looked at before the first file is written.
    kind.files(path)?;
    fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
    let file = File::open(path).map_err(Error::file("read", path))?;
    match kind {
        Kind::TarGz => tar_gz::unpack(file, folder),
        Kind::Zip => zip::unpack(file, folder),
    }
    .map_err(|problem| Error::faulty(path, problem))
}

fn with_files(path: &Path, files: BTreeMap<String, ArchivedFile>) -> Result<Archive, Error> {
    Ok(Archive {
        path: path.to_owned(),
        bytes: length_of(path)?,
        sha256: sha256_of(path)?,
        files,
    })
}

/// How many bytes a file has.
pub(crate) fn length_of(path: &Path) -> Result<u64, Error> {
    let about = fs::metadata(path).map_err(Error::file("read", path))?;
    Ok(about.len())
}

/// A file on its way into an archive.
pub(crate) struct Packed {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_program: bool,
}

impl Packed {
    /// The mode of the file.
    pub(crate) fn mode(&self) -> u32 {
        if self.is_program { 0o755 } else { 0o644 }
    }
}

impl ArchivedFile {
    pub(crate) fn of(bytes: &[u8], is_program: bool) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: hex(&sha256(bytes)),
            is_program,
        }
    }
}

/// What is not as it was meant to be.
pub(crate) fn differences(
    expected: &BTreeMap<String, ArchivedFile>,
    found: &BTreeMap<String, ArchivedFile>,
) -> Vec<String> {
    let missing = expected
        .iter()
        .filter_map(|(name, file)| match found.get(name) {
            None => Some(format!("`{name}` is missing")),
            Some(other) if other != file => {
                Some(format!("`{name}` is another file than was put in"))
            }
            Some(_) => None,
        });
    let more = found
        .keys()
        .filter(|name| !expected.contains_key(*name))
        .map(|name| format!("nobody put `{name}` in"));
    missing.chain(more).collect()
}

#[cfg(test)]
mod tests;
