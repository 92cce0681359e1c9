//! The text of source files, for tables that show lines.

use std::{collections::HashMap, fs, path::PathBuf};

/// Files as read once; a file that cannot be read has no text, which is no error: a program may run
/// far from its sources.
#[derive(Debug, Default)]
pub(crate) struct SourceText {
    files: HashMap<&'static str, Option<Vec<String>>>,
}

/// A larger file was not written by hand.
const LARGEST_FILE_BYTES: u64 = 16 * 1024 * 1024;

impl SourceText {
    /// The text of a line, from 1, without the white space at its end.
    pub(crate) fn line(&mut self, file: &'static str, number: u32) -> Option<String> {
        let lines = self.files.entry(file).or_insert_with(|| read(file));
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        lines.as_ref()?.get(index).cloned()
    }
}

/// The compiler names files of a workspace relative to its root, and programs are mostly run from there
/// or from below it.
fn read(file: &str) -> Option<Vec<String>> {
    let path = PathBuf::from(file);
    let beside = std::env::current_dir().ok()?;
    let candidates = beside.ancestors().map(|folder| folder.join(&path));
    let found = candidates.into_iter().find(|path| path.is_file())?;
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
