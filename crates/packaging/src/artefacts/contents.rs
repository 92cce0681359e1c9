//! What goes into an archive.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use glob::{MatchOptions, Pattern};

use crate::{Error, whole_file::read};

/// The files of an archive, by their names in it.
///
/// A name is relative, has `/` between its parts, and stands there once; names that differ in capitals alone are refused, since they would
/// be one file on Windows and macOS.
///
/// ```
/// use tuneup_packaging::Contents;
///
/// let mut contents = Contents::new();
/// contents
///     .add_program("bin/tool", "target/release/tool")?
///     .add_text("README.md", "# Tool")?;
/// assert_eq!(contents.names().collect::<Vec<_>>(), ["README.md", "bin/tool"]);
/// assert!(contents.add_text("../README.md", "").is_err());
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Contents {
    entries: BTreeMap<String, Entry>,
    /// Names and folders without capitals.
    folded: BTreeSet<String>,
}

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    source: Source,
    /// Whether it can be run.
    pub(crate) is_program: bool,
}

#[derive(Clone, Debug)]
enum Source {
    File(PathBuf),
    Bytes(Vec<u8>),
}

impl Entry {
    /// Its bytes, all at once.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Error> {
        match &self.source {
            Source::File(path) => read(path),
            Source::Bytes(bytes) => Ok(bytes.clone()),
        }
    }
}

impl Contents {
    /// Without files.
    ///
    /// ```
    /// assert_eq!(tuneup_packaging::Contents::new().names().count(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file that everybody may read. It is read when the archive is written; a link is followed.
    ///
    /// # Errors
    ///
    /// The name is none for an archive, or taken.
    pub fn add_file(&mut self, name: &str, path: impl Into<PathBuf>) -> Result<&mut Self, Error> {
        self.add(name, Source::File(path.into()), false)
    }

    /// Adds a file that everybody may run.
    ///
    /// # Errors
    ///
    /// As of [`add_file`](Self::add_file).
    pub fn add_program(
        &mut self,
        name: &str,
        path: impl Into<PathBuf>,
    ) -> Result<&mut Self, Error> {
        self.add(name, Source::File(path.into()), true)
    }

    /// Adds a file of these bytes: a man page or completions that were just made.
    ///
    /// # Errors
    ///
    /// As of [`add_file`](Self::add_file).
    pub fn add_text(&mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Result<&mut Self, Error> {
        self.add(name, Source::Bytes(bytes.into()), false)
    }

    /// Adds the files below a folder that match a pattern, with their names relative to the folder. `*` stays within a folder, `**` does not.
    ///
    /// # Errors
    ///
    /// The pattern is none, nothing matches it, a folder cannot be read, or as of [`add_file`](Self::add_file).
    ///
    /// ```
    /// use tuneup_packaging::Contents;
    ///
    /// let mut contents = Contents::new();
    /// contents.add_matching(std::path::Path::new("."), "LICENSE-*")?;
    /// assert_eq!(contents.names().count(), 2);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn add_matching(&mut self, folder: &Path, pattern: &str) -> Result<&mut Self, Error> {
        let subject = || format!("the pattern `{pattern}`");
        // The paths that are found begin with the folder only if there is nothing in it to leave out.
        let folder = &std::path::absolute(folder).map_err(Error::file("read", folder))?;
        let folder_text = folder.to_str().ok_or_else(|| {
            Error::unfit(
                subject(),
                format!("the name of `{}` is no text", folder.display()),
            )
        })?;
        let whole = format!("{}/{pattern}", Pattern::escape(folder_text));
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::default()
        };
        let matches = glob::glob_with(&whole, options)
            .map_err(|error| Error::unfit(subject(), error.to_string()))?;
        let mut has_any = false;
        for path in matches {
            let path = path.map_err(|error| {
                let path = error.path().to_owned();
                Error::file("read", path)(error.into())
            })?;
            if path.is_file() {
                let name = relative_name(folder, &path).ok_or_else(|| {
                    Error::unfit(
                        subject(),
                        format!("the name of `{}` is no text", path.display()),
                    )
                })?;
                self.add_file(&name, path)?;
                has_any = true;
            }
        }
        if !has_any {
            let reason = format!("no file in `{}` matches it", folder.display());
            return Err(Error::unfit(subject(), reason));
        }
        Ok(self)
    }

    /// The names, in the order in which an archive has them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    fn add(&mut self, name: &str, source: Source, is_program: bool) -> Result<&mut Self, Error> {
        let subject = || format!("the file `{name}` of an archive");
        if let Some(problem) = problem_of(name) {
            return Err(Error::unfit(subject(), problem));
        }
        let folded = name.to_lowercase();
        let below = format!("{folded}/");
        let is_taken = self.folded.contains(&folded)
            || self.folded.iter().any(|other| other.starts_with(&below))
            || folded
                .match_indices('/')
                .any(|(at, _)| self.folded.contains(&folded[..at]));
        if is_taken {
            let reason =
                "the name is taken, but for capitals perhaps; give one of the two another name";
            return Err(Error::unfit(subject(), reason));
        }
        self.folded.insert(folded);
        let entry = Entry { source, is_program };
        self.entries.insert(name.to_owned(), entry);
        Ok(self)
    }
}

/// Why this is no name for a file of an archive.
pub(crate) fn problem_of(name: &str) -> Option<&'static str> {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if name.contains(['\\', '\0', ':']) || name.chars().any(char::is_control) {
        Some("a backslash, colon or control character is not for all systems")
    } else if !name.split('/').all(is_plain) {
        Some("name it relative to the archive, without `.` and `..`")
    } else {
        None
    }
}

/// The name of a file below a folder, with `/` between its parts.
pub(crate) fn relative_name(folder: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(folder).ok()?;
    let parts = relative.components().map(|part| part.as_os_str().to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// The last part of a path.
pub(crate) fn own_name(path: &Path) -> Result<&str, Error> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| Error::unfit(format!("`{}`", path.display()), "its name is no text"))
}

#[cfg(test)]
mod tests;
