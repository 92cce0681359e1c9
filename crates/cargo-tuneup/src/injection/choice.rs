//! Which functions record, and what.

use std::path::Path;

use anyhow::{Context as _, Result};
use glob::{MatchOptions, Pattern};
use regex_lite::Regex;

/// Which functions record their calls, and which their lines.
#[derive(Default)]
pub(super) struct Choice {
    /// Calls of those whose paths match; of all by default.
    pub(super) functions: Option<Regex>,
    /// Calls of those with so many lines or more.
    pub(super) min_lines: usize,
    /// No calls at all.
    pub(super) without_calls: bool,
    /// Arguments of those that record calls and whose paths match; of none by default.
    pub(super) arguments: Option<Regex>,
    /// Lines of those whose paths match one of these.
    pub(super) lines: Vec<Regex>,
    /// Anything only in these files; in all if there are none.
    pub(super) files: Vec<FilePattern>,
    /// Anything only in these modules; in all if there are none.
    pub(super) modules: Vec<String>,
}

/// What a function is asked to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) calls: bool,
    pub(super) lines: bool,
}

impl Wanted {
    pub(super) fn is_nothing(self) -> bool {
        !self.calls && !self.lines
    }
}

impl Choice {
    /// What the function of this path, in this file and with so many lines, records.
    pub(super) fn of(&self, path: &str, file: &str, lines: usize) -> Wanted {
        let is_here = (self.files.is_empty() || self.files.iter().any(|one| one.is_of(file)))
            && (self.modules.is_empty() || self.modules.iter().any(|one| is_within(path, one)));
        let functions = self.functions.as_ref();
        Wanted {
            calls: is_here
                && !self.without_calls
                && functions.is_none_or(|pattern| pattern.is_match(path))
                && lines >= self.min_lines,
            lines: is_here && self.lines.iter().any(|pattern| pattern.is_match(path)),
        }
    }
}

/// Whether a path is this module, or goes on from it.
fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A regular expression; an error says which text is none.
pub(super) fn regex(text: &str) -> Result<Regex> {
    Regex::new(text).with_context(|| format!("`{text}` is no regular expression"))
}

/// A path, or the end of one, in which `*` stands for anything but a folder's border, and `**` for any folders.
pub(super) struct FilePattern(Pattern);

impl FilePattern {
    /// An error says what is wrong with it.
    pub(super) fn new(text: &str) -> Result<Self> {
        let bare = text.trim_start_matches("./");
        let pattern = Pattern::new(bare)
            .with_context(|| format!("`{text}` is no path and no pattern of paths"))?;
        Ok(Self(pattern))
    }

    /// `shapes.rs` and `src/*.rs` mean `app/src/shapes.rs`, too.
    pub(super) fn is_of(&self, file: &str) -> bool {
        const OPTIONS: MatchOptions = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        let mut rest = Path::new(file).components();
        while !rest.as_path().as_os_str().is_empty() {
            if self.0.matches_path_with(rest.as_path(), OPTIONS) {
                return true;
            }
            rest.next();
        }
        false
    }
}

#[cfg(test)]
mod tests;
