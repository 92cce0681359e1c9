//! Real text: what the cookbook counts, hashes and reads line by line.
//!
//! By default this is the source code of dependencies that Cargo keeps, so that a fresh clone has
//! megabytes of real text without a download of its own: of this workspace's dependencies and of
//! whatever else was built with the same `CARGO_HOME`. `TUNEUP_CORPUS` names another directory.
//! Files are taken in the order of their paths, so two runs over the same directory see the same
//! text; whether they did, the corpus's [`hash`](Corpus::hash) says.

use std::env;
use std::fmt;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use rustc_hash::FxHasher;
use tuneup_measure::Bytes;

/// Names the directory to read instead of Cargo's sources.
pub const CORPUS_VARIABLE: &str = "TUNEUP_CORPUS";

/// Names the directory where [`scratch_file`] writes, instead of `tuneup-scratch` beside the
/// executable.
pub const SCRATCH_VARIABLE: &str = "TUNEUP_SCRATCH";

/// The most text that [`Corpus::from_env`] keeps: 16 MiB.
pub const LIMIT_BYTES: usize = 16 << 20;

/// The least text that [`Corpus::from_env`] takes, because it is the most that a case reads: 1 MiB.
pub const LEAST_BYTES: usize = 1 << 20;

/// From how many places of the text an excerpt comes.
const PLACES: usize = 32;

/// How the names of the files of [`keep_file`] begin.
const KEPT_PREFIX: &str = "corpus-";

/// The age at which they go.
const STALE: Duration = Duration::from_hours(24);

/// What is text among Cargo's sources.
const SOURCE_EXTENSIONS: [&str; 4] = ["rs", "md", "txt", "toml"];

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory does not exist or cannot be read.
    #[error("cannot read the corpus {}; set {CORPUS_VARIABLE} (or --corpus DIR) to a directory with text files", path.display())]
    Unreadable {
        /// The file or directory that failed.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory holds no file that is text.
    #[error("the corpus {} holds no UTF-8 text; set {CORPUS_VARIABLE} (or --corpus DIR) to a directory with text files", root.display())]
    Empty {
        /// The directory that was searched.
        root: PathBuf,
    },
    /// The directory holds text, but too little of it.
    #[error(
        "the corpus {} has {}, and the benchmarks need {}; set {CORPUS_VARIABLE} (or --corpus DIR) to a larger directory",
        root.display(), Bytes(*bytes as u64), Bytes(LEAST_BYTES as u64)
    )]
    TooSmall {
        /// The directory that was read.
        root: PathBuf,
        /// The length of its text.
        bytes: usize,
    },
    /// Neither `CARGO_HOME` nor a home directory is known.
    #[error(
        "there is no CARGO_HOME and no home directory; set {CORPUS_VARIABLE} (or --corpus DIR) to a directory with text files"
    )]
    NoHome,
}

/// The text of many files, one after the other.
#[derive(Clone)]
#[non_exhaustive]
pub struct Corpus {
    /// What a report calls it: `CARGO_HOME/registry/src`, or the directory as it was named.
    pub name: String,
    /// The directory it was read from.
    pub root: PathBuf,
    /// How many files are in it, the last of them perhaps cut at the limit.
    pub files: usize,
    /// The length of the text.
    pub bytes: usize,
    text: String,
}

impl Corpus {
    /// Reads the directory that `TUNEUP_CORPUS` names, else Cargo's sources; up to [`LIMIT_BYTES`].
    ///
    /// Cost: reads up to 16 MiB of files. [`shared`] keeps the result.
    ///
    /// # Errors
    /// When the directory is missing or unreadable, or holds less than [`LEAST_BYTES`] of text.
    pub fn from_env() -> Result<Self, Error> {
        let corpus = match env::var_os(CORPUS_VARIABLE) {
            Some(root) => Self::read(Path::new(&root), LIMIT_BYTES)?,
            None => Self::read_cargo_sources()?,
        };
        if corpus.bytes < LEAST_BYTES {
            let Self { root, bytes, .. } = corpus;
            return Err(Error::TooSmall { root, bytes });
        }
        Ok(corpus)
    }

    fn read_cargo_sources() -> Result<Self, Error> {
        let home = match env::var_os("CARGO_HOME") {
            Some(home) => PathBuf::from(home),
            None => env::home_dir().ok_or(Error::NoHome)?.join(".cargo"),
        };
        let sources = Self::read_where(&home.join("registry/src"), LIMIT_BYTES, &|path| {
            path.extension()
                .is_some_and(|extension| SOURCE_EXTENSIONS.iter().any(|known| extension == *known))
        })?;
        Ok(Self {
            name: "CARGO_HOME/registry/src".to_owned(),
            ..sources
        })
    }

    /// Reads the UTF-8 files under `root` in the order of their paths until `limit_bytes` are
    /// there. Files that are not UTF-8, hidden entries and symbolic links are passed over.
    ///
    /// # Errors
    /// When the directory is missing, unreadable or holds no text.
    pub fn read(root: &Path, limit_bytes: usize) -> Result<Self, Error> {
        Self::read_where(root, limit_bytes, &|_| true)
    }

    fn read_where(
        root: &Path,
        limit_bytes: usize,
        wanted: &dyn Fn(&Path) -> bool,
    ) -> Result<Self, Error> {
        let mut gathering = Gathering {
            text: String::new(),
            files: 0,
            room_bytes: limit_bytes,
        };
        gathering.add_directory(root, wanted)?;
        let Gathering { text, files, .. } = gathering;
        let (root, bytes) = (root.to_path_buf(), text.len());
        if text.is_empty() {
            return Err(Error::Empty { root });
        }
        Ok(Self {
            name: root.display().to_string(),
            root,
            files,
            bytes,
            text,
        })
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What tells two texts apart that are equally long: FNV-1a of 32 bits over the text (Fowler,
    /// Noll and Vo), the same on every machine.
    ///
    /// O(bytes); does not allocate.
    #[must_use]
    pub fn hash(&self) -> u32 {
        self.text.bytes().fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    }

    /// About `bytes` of text, never more: pieces of whole lines from places spread evenly over all
    /// of it, so that a short excerpt is like a long one. All of the text when it is no longer than
    /// `bytes`.
    ///
    /// A piece ends inside a line only where the line is longer than the piece, and never inside a
    /// character.
    #[must_use]
    pub fn excerpt(&self, bytes: usize) -> String {
        if bytes >= self.text.len() {
            return self.text.clone();
        }
        self.places()
            .map(|text| {
                let piece = &text[..text.floor_char_boundary(bytes / PLACES)];
                piece.rfind('\n').map_or(piece, |end| &piece[..=end])
            })
            .collect()
    }

    /// `n` words, from places spread evenly over all of the text; fewer where the text has not
    /// enough of them.
    #[must_use]
    pub fn words(&self, n: usize) -> Vec<&str> {
        self.places()
            .enumerate()
            .flat_map(|(place, text)| {
                let share = n * (place + 1) / PLACES - n * place / PLACES;
                text.split_whitespace().take(share)
            })
            .collect()
    }

    /// The text from each of [`PLACES`] starts of lines on, spread evenly.
    fn places(&self) -> impl Iterator<Item = &str> {
        (0..PLACES).map(|place| {
            let text = &self.text[self
                .text
                .floor_char_boundary(self.text.len() / PLACES * place)..];
            let start = if place == 0 {
                0
            } else {
                text.find('\n').map_or(0, |end| end + 1)
            };
            &text[start..]
        })
    }
}

impl fmt::Debug for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corpus")
            .field("name", &self.name)
            .field("root", &self.root)
            .field("files", &self.files)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Where it comes from, how large it is and its [`hash`](Corpus::hash):
/// `CARGO_HOME/registry/src: 1013 files, 16 MiB, hash 8c736521`. O(bytes).
impl fmt::Display for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, files, bytes, ..
        } = self;
        let (size, hash) = (Bytes(*bytes as u64), self.hash());
        write!(f, "{name}: {files} files, {size}, hash {hash:08x}")
    }
}

/// A corpus that is being read.
struct Gathering {
    text: String,
    files: usize,
    room_bytes: usize,
}

impl Gathering {
    fn add_directory(
        &mut self,
        directory: &Path,
        wanted: &dyn Fn(&Path) -> bool,
    ) -> Result<(), Error> {
        let unreadable = |source| Error::Unreadable {
            path: directory.to_path_buf(),
            source,
        };
        let entries = fs::read_dir(directory).map_err(unreadable)?;
        let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if self.room_bytes == 0 {
                break;
            }
            let kind = entry.file_type().map_err(unreadable)?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if kind.is_dir() && !hidden {
                self.add_directory(&entry.path(), wanted)?;
            } else if kind.is_file() && !hidden && wanted(&entry.path()) {
                self.add_file(&entry.path())?;
            }
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Error> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(self.room_bytes as u64).read_to_end(&mut bytes))
            .map_err(|source| Error::Unreadable {
                path: path.to_path_buf(),
                source,
            })?;
        let cut = bytes.len() == self.room_bytes;
        if let Err(error) = str::from_utf8(&bytes)
            && cut
            && error.error_len().is_none()
        {
            // The limit fell into the middle of a character.
            bytes.truncate(error.valid_up_to());
        }
        let Ok(text) = str::from_utf8(&bytes) else {
            return Ok(());
        };
        self.text.push_str(text);
        self.files += usize::from(!text.is_empty());
        self.room_bytes = if cut { 0 } else { self.room_bytes - text.len() };
        Ok(())
    }
}

/// The corpus of this process, read at the first call and kept.
///
/// # Errors
/// What [`Corpus::from_env`] said at the first call.
pub fn shared() -> Result<&'static Corpus, &'static Error> {
    static SHARED: OnceLock<Result<Corpus, Error>> = OnceLock::new();
    SHARED.get_or_init(Corpus::from_env).as_ref()
}

/// The same for the inputs of benchmarks, which have no way to fail: without a corpus it says why
/// on standard error and ends the process with status 1.
#[must_use]
pub fn shared_or_exit() -> &'static Corpus {
    shared().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1)
    })
}

/// The path of a file in the [`scratch_directory`] that holds `text`; see [`keep_file`].
///
/// # Panics
/// When the directory cannot be written.
#[must_use]
pub fn scratch_file(text: &str) -> PathBuf {
    let directory = scratch_directory();
    keep_file(&directory, text).unwrap_or_else(|error| {
        let directory = directory.display();
        panic!(
            "cannot write into {directory}: {error}; set {SCRATCH_VARIABLE} to another directory"
        )
    })
}

/// The path of a file in `directory` that holds `text`: written at the first call, found again by
/// later runs.
///
/// The file's name carries the text's length and hash, so that processes running side by side can
/// share it. Writing one removes those that nobody has written for a day, so that a corpus that
/// changes does not fill the disk.
///
/// # Errors
/// When the file cannot be written.
pub fn keep_file(directory: &Path, text: &str) -> io::Result<PathBuf> {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    let name = format!("{KEPT_PREFIX}{}-{:016x}.txt", text.len(), hasher.finish());
    let path = directory.join(name);
    if fs::metadata(&path).is_ok_and(|found| found.len() == text.len() as u64) {
        return Ok(path);
    }
    remove_stale(directory);
    // Written aside and renamed, so that nobody reads half a file.
    let unfinished = path.with_extension(std::process::id().to_string());
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, &path)?;
    Ok(path)
}

/// Removes what [`keep_file`] wrote a day ago or earlier. What cannot be removed stays: it is in
/// nobody's way.
fn remove_stale(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let is_kept = entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(KEPT_PREFIX.as_bytes());
        let is_stale = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > STALE));
        if is_kept && is_stale {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The directory for files that benchmarks write, made when it is missing: the one that
/// `TUNEUP_SCRATCH` names, else `tuneup-scratch` beside the executable.
///
/// It is not in the system's directory for temporary files, where a name that is known in advance
/// belongs to whoever makes it first. Who can write beside the executable could change the program
/// as well.
///
/// # Panics
/// When it cannot be made.
pub fn scratch_directory() -> PathBuf {
    let directory = env::var_os(SCRATCH_VARIABLE).map_or_else(beside_executable, PathBuf::from);
    fs::create_dir_all(&directory).unwrap_or_else(|error| {
        panic!(
            "cannot make {}: {error}; set {SCRATCH_VARIABLE}",
            directory.display()
        )
    });
    directory
}

fn beside_executable() -> PathBuf {
    env::current_exe()
        .unwrap_or_else(|error| panic!("where is this program? {error}; set {SCRATCH_VARIABLE}"))
        .with_file_name("tuneup-scratch")
}
