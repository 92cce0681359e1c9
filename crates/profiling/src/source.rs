//! The text of source files, for tables that show lines.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
};

/// Files as read once; a file that cannot be read has no text, which is no error: a program may run
/// far from its sources.
#[derive(Debug, Default)]
pub(crate) struct SourceText {
    /// What file names are relative to; if that is not known, this folder or one around it.
    root: Option<PathBuf>,
    files: HashMap<String, Option<Vec<String>>>,
}

/// A larger file was not written by hand.
const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;

impl SourceText {
    pub(crate) fn below(root: &Path) -> Self {
        Self {
            root: Some(root.to_owned()),
            files: HashMap::new(),
        }
    }

    /// The text of a line, from 1, without the white space at its end.
    pub(crate) fn line(&mut self, file: &str, number: u32) -> Option<String> {
        if !self.files.contains_key(file) {
            let found = match &self.root {
                Some(root) => Some(root.join(file)),
                None => find(file),
            };
            self.files.insert(file.to_owned(), found.and_then(read));
        }
        let lines = self.files.get(file)?;
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        lines.as_ref()?.get(index).cloned()
    }
}

/// The compiler names files of a workspace relative to its root, and programs are mostly run from there
/// or from below it.
fn find(file: &str) -> Option<PathBuf> {
    let beside = env::current_dir().ok()?;
    let mut candidates = beside.ancestors().map(|folder| folder.join(file));
    candidates.find(|path| path.is_file())
}

fn read(found: PathBuf) -> Option<Vec<String>> {
    if fs::metadata(&found).ok()?.len() > LARGEST_FILE_BYTES {
        return None;
    }
    let text = fs::read_to_string(found).ok()?;
    Some(
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect(),
    )
}
