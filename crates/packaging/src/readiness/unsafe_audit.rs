//! Where unsafe code is, and whether each place says why it is sound.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
    str::FromStr,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Runner,
    runner::{answer, git_in, outcome},
    workspace::cargo,
};

#[cfg(test)]
mod tests;

/// What [`audit_unsafe`] has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnsafeReport {
    /// Source files that were read.
    pub files: u64,
    /// How often each file says `unsafe`, of those that do; paths from the workspace on, with `/`.
    pub counts: BTreeMap<String, u64>,
    /// Files that are no Rust, such as inputs of tests.
    pub unreadable: Vec<String>,
    /// What Clippy has said of blocks and implementations without a `SAFETY` comment, a line for each place; empty if nothing.
    pub undocumented: Vec<String>,
    /// Files where the lint is switched off, so that Clippy says nothing; looked for if something is unsafe.
    pub silenced: Vec<String>,
    /// Files with more unsafe code than was recorded, as `path: 3, recorded 2`; empty if nothing was recorded.
    pub grown: Vec<String>,
}

impl UnsafeReport {
    /// How often `unsafe` is said in all files.
    ///
    /// ```
    /// assert_eq!(tuneup_packaging::UnsafeReport::default().total(), 0);
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

/// Counts what is unsafe in the Rust files that Git knows, and has Clippy look for the comments: `undocumented_unsafe_blocks`, in all
/// targets.
///
/// Blocks, functions, traits, implementations, foreign blocks and attributes count; comments, texts and types of functions do not. What
/// a macro makes of other tokens is not seen, and Clippy sees what this platform compiles alone. An `allow` or `expect` of the lint is stronger than
/// what Clippy is told here, so that files with one are listed, and those with `#![allow(clippy::restriction)]`. `recorded` is [`UnsafeReport::counts`]
/// of before, if unsafe code may not grow unnoticed.
///
/// Clippy is not run where nothing is unsafe; otherwise it takes as long as `cargo check`.
///
/// # Errors
///
/// Git or Cargo cannot be started, there is no repository, or a file cannot be read.
///
/// ```
/// use std::{fs, process::Command};
/// use tuneup_packaging::{System, audit_unsafe};
///
/// let folder = tempfile::tempdir()?;
/// fs::write(folder.path().join("lib.rs"), "// unsafe\nfn unsafe_code() -> &'static str { \"unsafe\" }\n")?;
/// Command::new("git").arg("init").current_dir(&folder).output()?;
/// Command::new("git").args(["add", "."]).current_dir(&folder).output()?;
///
/// let report = audit_unsafe(folder.path(), None, true, &System)?;
/// assert_eq!((report.files, report.total()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn audit_unsafe(
    root: &Path,
    recorded: Option<&BTreeMap<String, u64>>,
    all_features: bool,
    runner: &dyn Runner,
) -> Result<UnsafeReport, Error> {
    let mut report = UnsafeReport::default();
    let mut list = git_in(root);
    list.args(["ls-files", "-z", "--cached", "--", "*.rs"]);
    let names = answer(runner, &mut list)?;
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let path = root.join(name);
        // What was deleted and not yet committed is in the list.
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        let source = String::from_utf8_lossy(&bytes);
        report.files += 1;
        if silences(&source) {
            report.silenced.push(name.to_owned());
        }
        match count(&source) {
            None => report.unreadable.push(name.to_owned()),
            Some(0) => {}
            Some(count) => {
                report.counts.insert(name.to_owned(), count);
            }
        }
    }
    if let Some(recorded) = recorded {
        report.grown = grown(&report.counts, recorded);
    }
    if report.total() > 0 {
        report.undocumented = undocumented(root, all_features, runner)?;
    } else {
        report.silenced.clear();
    }
    Ok(report)
}

/// Reads what was recorded: a table of files and counts, as TOML.
///
/// # Errors
///
/// The file cannot be read, or is no such table.
///
/// ```
/// use tuneup_packaging::read_unsafe_counts;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("unsafe.toml");
/// std::fs::write(&path, "\"src/lib.rs\" = 2\n")?;
/// assert_eq!(read_unsafe_counts(&path)?["src/lib.rs"], 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_unsafe_counts(path: &Path) -> Result<BTreeMap<String, u64>, Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
    toml::from_str(&text).map_err(|error| {
        Error::faulty(
            path,
            format!("{error}; it should have a line for each file, as `\"src/lib.rs\" = 2`"),
        )
    })
}

fn grown(counts: &BTreeMap<String, u64>, recorded: &BTreeMap<String, u64>) -> Vec<String> {
    let before = |path: &str| recorded.get(path).copied().unwrap_or(0);
    let more = counts.iter().filter(|(path, count)| **count > before(path));
    more.map(|(path, count)| format!("{path}: {count}, recorded {}", before(path)))
        .collect()
}

/// What Clippy complains of. That a crate does not compile is an answer too: nobody has looked then.
fn undocumented(
    root: &Path,
    all_features: bool,
    runner: &dyn Runner,
) -> Result<Vec<String>, Error> {
    let mut clippy = Command::new(cargo());
    clippy.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--color",
        "never",
    ]);
    clippy.args(["--message-format", "short"]);
    if all_features {
        clippy.arg("--all-features");
    }
    clippy
        .args([
            "--",
            "-A",
            "clippy::all",
            "-D",
            "clippy::undocumented_unsafe_blocks",
        ])
        .current_dir(root);
    let output = outcome(runner, &mut clippy)?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let is_place = |line: &&str| line.contains(": error") && !line.starts_with("error");
    // A library is compiled once more for its tests.
    let places: BTreeSet<&str> = said.lines().filter(is_place).collect();
    Ok(match places.is_empty() {
        true => vec![said.trim().to_owned()],
        false => places.into_iter().map(str::to_owned).collect(),
    })
}

/// The tokens of a source; `None` if it is no Rust.
fn tokens(source: &str) -> Option<TokenStream> {
    // A script may begin with a line for the shell, and a file with a mark of its encoding.
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let source = match source.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => {
            rest.split_once('\n').map_or("", |(_, rest)| rest)
        }
        _ => source,
    };
    TokenStream::from_str(source).ok()
}

/// The lint, and the group of lints that it is in.
const LINT: &str = "undocumented_unsafe_blocks";
const GROUP: &str = "restriction";

/// Whether an attribute in a source switches the lint off, by its name or for all that is around by that of its group. The group in front of one item is
/// what macros write before code that they have made.
fn silences(source: &str) -> bool {
    if !source.contains(LINT) && !source.contains(GROUP) {
        return false;
    }
    let mut streams = Vec::from_iter(tokens(source));
    while let Some(stream) = streams.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else {
                continue;
            };
            let is_mark = |at: usize, mark: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
            let is_inner = index > 1 && is_mark(index - 1, '!') && is_mark(index - 2, '#');
            let is_outer = index > 0 && is_mark(index - 1, '#');
            let lints: &[&str] = if is_inner { &[LINT, GROUP] } else { &[LINT] };
            if (is_inner || is_outer) && allows(group.stream(), lints) {
                return true;
            }
            streams.push(group.stream());
        }
    }
    false
}

/// Whether an attribute allows or expects one of these, be it under a condition.
fn allows(attribute: TokenStream, lints: &[&str]) -> bool {
    let is_one = |token: TokenTree, words: &[&str]| matches!(&token, TokenTree::Ident(word) if words.iter().any(|one| word == one));
    let mut streams = vec![attribute];
    while let Some(stream) = streams.pop() {
        let mut is_switch = false;
        for token in stream {
            match token {
                TokenTree::Group(group) if is_switch => {
                    let mut named = group.stream().into_iter();
                    if named.any(|token| is_one(token, lints)) {
                        return true;
                    }
                }
                TokenTree::Group(group) => streams.push(group.stream()),
                token => is_switch = is_one(token, &["allow", "expect"]),
            }
        }
    }
    false
}

/// How often a source says `unsafe`; `None` if it is no Rust.
fn count(source: &str) -> Option<u64> {
    let mut count = 0;
    // A list, not the stack of this thread: groups may be nested deeply.
    let mut streams = vec![tokens(source)?];
    while let Some(stream) = streams.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => streams.push(group.stream()),
                TokenTree::Ident(ident) if ident == "unsafe" => {
                    count += u64::from(is_code(&tokens[index + 1..]));
                }
                _ => {}
            }
        }
    }
    Some(count)
}

/// Whether `unsafe` with these tokens around it allows something, and is not only part of a type (`unsafe fn()`, `unsafe extern "C" fn()`).
fn is_code(after: &[TokenTree]) -> bool {
    let is_word = |token: Option<&TokenTree>, word: &str| matches!(token, Some(TokenTree::Ident(ident)) if ident == word);
    let is_parenthesis = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    let mut rest = after;
    if is_word(rest.first(), "extern") {
        rest = &rest[1..];
        if matches!(rest.first(), Some(TokenTree::Literal(_))) {
            rest = &rest[1..];
        }
    }
    // A function has a name between `fn` and its parameters; a type of functions has none.
    !(is_word(rest.first(), "fn") && is_parenthesis(rest.get(1)))
}
