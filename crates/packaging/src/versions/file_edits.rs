//! Edits of several files that are made all or not at all.

use std::{
    fs,
    io::{self, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use serde::Serialize;
use similar::TextDiff;

use crate::{Error, whole_file::WholeFile};

#[cfg(test)]
mod tests;

/// What a file is, and what it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileEdit {
    /// The file itself, not a link to it.
    pub path: PathBuf,
    /// Its text when the edit was computed; none if there was no file.
    pub before: Option<String>,
    /// Its text afterwards.
    pub after: String,
}

impl FileEdit {
    /// Of a file with this text, or of one that is not there yet.
    ///
    /// ```
    /// use std::path::Path;
    /// use tuneup_packaging::FileEdit;
    ///
    /// let edit = FileEdit::new("Cargo.toml", Some("version = \"0.1.0\"\n".to_owned()), "version = \"0.2.0\"\n".to_owned());
    /// assert_eq!(edit.diff(Path::new(".")).lines().last(), Some("+version = \"0.2.0\""));
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, before: Option<String>, after: String) -> Self {
        Self {
            path: path.into(),
            before,
            after,
        }
    }

    /// Whether it is no edit at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before.as_ref() == Some(&self.after)
    }

    /// A unified diff with one line of context, as `git diff` in a folder names it.
    #[must_use]
    pub fn diff(&self, folder: &Path) -> String {
        let name = self.path.strip_prefix(folder).unwrap_or(&self.path);
        let name = name.display();
        let (before, from) = match &self.before {
            Some(before) => (&before[..], format!("a/{name}")),
            None => ("", "/dev/null".to_owned()),
        };
        let diff = TextDiff::from_lines(before, &self.after);
        let mut unified = diff.unified_diff();
        let told = unified
            .context_radius(1)
            .header(&from, &format!("b/{name}"));
        told.to_string()
    }

    fn require_unchanged(&self) -> Result<(), Error> {
        let found = match fs::read(&self.path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::file("read", &self.path)(error)),
        };
        if found.as_deref() == self.before.as_ref().map(String::as_bytes) {
            return Ok(());
        }
        Err(Error::ChangedMeanwhile {
            path: self.path.clone(),
        })
    }

    fn undo(&self) -> Result<(), Error> {
        match &self.before {
            Some(before) => staged(&self.path, before)?.keep(),
            None => fs::remove_file(&self.path).map_err(Error::file("remove", &self.path)),
        }
    }
}

/// Makes edits, and then something that may refuse them. If a file cannot be written or `check` fails, each file is as it was.
///
/// All texts are written beside their files first, so that a full disk is met before anything is changed; then they take their
/// places, one after the other. A process that is killed in between leaves some files edited and each of them whole; their diff is in git.
///
/// # Errors
///
/// [`Error::ChangedMeanwhile`] before anything is written, if a file is not as it was when the edit was computed; [`Error::File`]; what `check` says;
/// [`Error::NotUndone`] if a file could not even be put back.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("VERSION");
/// use tuneup_packaging::{FileEdit, apply_edits};
///
/// let edit = FileEdit::new(&path, None, "0.2.0\n".to_owned());
/// apply_edits(&[edit], || Ok(()))?;
/// assert_eq!(std::fs::read_to_string(&path)?, "0.2.0\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply_edits(
    edits: &[FileEdit],
    check: impl FnOnce() -> Result<(), Error>,
) -> Result<(), Error> {
    for edit in edits {
        edit.require_unchanged()?;
    }
    let all: Result<Vec<WholeFile>, Error> = edits
        .iter()
        .map(|edit| staged(&edit.path, &edit.after))
        .collect();
    let mut made = Vec::new();
    let mut outcome = Ok(());
    for (edit, staged) in edits.iter().zip(all?) {
        outcome = staged.keep();
        if outcome.is_err() {
            break;
        }
        made.push(edit);
    }
    let Err(error) = outcome.and_then(|()| check()) else {
        return Ok(());
    };
    let undone: Vec<PathBuf> = made
        .iter()
        .filter(|edit| edit.undo().is_err())
        .map(|edit| edit.path.clone())
        .collect();
    if undone.is_empty() {
        return Err(error);
    }
    Err(Error::NotUndone {
        paths: undone,
        source: Box::new(error),
    })
}

/// A text with other texts in these places, which do not overlap.
pub(crate) fn splice(text: &str, mut places: Vec<(Range<usize>, String)>) -> String {
    places.sort_by_key(|(range, _)| range.start);
    let mut spliced = String::with_capacity(text.len());
    let mut at = 0;
    for (range, other) in places {
        spliced.push_str(&text[at..range.start]);
        spliced.push_str(&other);
        at = range.end;
    }
    spliced + &text[at..]
}

/// What a line ends with in a text.
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// A text in a file beside the one that it is to replace, with the same permissions.
fn staged(target: &Path, text: &str) -> Result<WholeFile, Error> {
    let mut staged = WholeFile::beside(target)?;
    let permissions = match fs::metadata(target) {
        Ok(found) => fs::set_permissions(staged.unfinished(), found.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    permissions.map_err(Error::file("write", target))?;
    staged.fill(|buffer| {
        buffer
            .write_all(text.as_bytes())
            .map_err(Error::file("write", target))
    })?;
    Ok(staged)
}
