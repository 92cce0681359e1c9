//! Instructions for users that name a version: what they write into a manifest, and the commands that they run.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Component, Path},
};

use semver::{Version, VersionReq};

use super::requirement::{self, Requirement};
use crate::{NextVersion, versions::file_edits::splice};

#[cfg(test)]
mod tests;

/// Beginnings of the names of files that tell of earlier versions.
const HISTORIES: &[&str] = &["change", "history", "migrat", "news", "release", "upgrad"];

/// Folders whose files are inputs of tests, or somebody else's.
const FOREIGN: &[&str] = &[
    "fixtures",
    "node_modules",
    "testdata",
    "test_data",
    "tests",
    "third_party",
    "vendor",
];

/// Whether a file may have instructions that are to name the current version.
pub(super) fn may_be_in(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy().to_ascii_lowercase();
    let folders = path.parent().into_iter().flat_map(Path::components);
    let is_foreign = |folder: Component<'_>| {
        let name = folder.as_os_str().to_string_lossy();
        FOREIGN.contains(&&name[..])
    };
    !HISTORIES.iter().any(|begin| stem.starts_with(begin)) && !folders.into_iter().any(is_foreign)
}

/// A text with the next versions where it has asked for the current ones. What asks for another version tells of another time, and stays. Of code, only the
/// documentation is such a text.
pub(super) fn after(text: &str, versions: &[NextVersion], is_code: bool) -> String {
    let mut places: BTreeMap<usize, (Range<usize>, String)> = BTreeMap::new();
    for next in versions.iter().filter(|next| text.contains(&next.package)) {
        let mut table = false;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let begin = at;
            at += line.len();
            let words = line.trim_start();
            let is_told =
                words.starts_with("//!") || words.starts_with("///") || words.starts_with("#![doc");
            if is_code && !is_told {
                table = false;
                continue;
            }
            let words = words_of(line);
            let mut found = mentions(line, &next.package);
            if table && words.starts_with("version") {
                found.extend(quoted_after(line, line.find("version").unwrap_or(0) + 7));
            }
            if ends_table(words) {
                table = is_table_of(words, &text[at..], &next.package);
            }
            for range in found {
                if let Some(other) = other(&line[range.clone()], &next.from, &next.to) {
                    let range = begin + range.start..begin + range.end;
                    places.insert(range.start, (range, other));
                }
            }
        }
    }
    splice(text, places.into_values().collect())
}

/// A line without what makes it documentation.
fn words_of(line: &str) -> &str {
    line.trim_start().trim_start_matches(['/', '!']).trim()
}

fn ends_table(words: &str) -> bool {
    words.is_empty() || words.starts_with(['[', '`'])
}

/// Whether a line begins the table of a dependency on a package, which has its own name or says in the rest whose it is.
fn is_table_of(words: &str, rest: &str, package: &str) -> bool {
    let head = words.strip_suffix(']');
    let Some((_, alias)) = head.and_then(|head| head.rsplit_once("dependencies.")) else {
        return false;
    };
    let lines = rest.lines().map(words_of);
    let mut lines = lines.take_while(|words| !ends_table(words));
    let named = lines.find_map(|words| {
        let value = words.strip_prefix("package")?;
        quoted_after(value, 0).map(|range| &value[range])
    });
    named.unwrap_or(alias) == package
}

/// What a version or requirement becomes; none if it stays, or has never meant the current version.
fn other(asked: &str, from: &Version, to: &Version) -> Option<String> {
    let is_current = asked
        .parse::<VersionReq>()
        .is_ok_and(|asked| asked.matches(from));
    match requirement::after(asked, from, to) {
        Requirement::Becomes(other) if is_current => Some(other),
        _ => None,
    }
}

/// Where a line names a version of a package.
fn mentions(line: &str, package: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices(package) {
        let end = at + package.len();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if line[..at].ends_with(is_word) || line[end..].starts_with(is_word) {
            continue;
        }
        found.extend(entry(line, at, end));
        found.extend(command(line, at, end));
        let is_address = ["docs.rs/", "docs.rs/crate/"].map(|begin| line[..at].ends_with(begin));
        if is_address.contains(&true) && line[end..].starts_with('/') {
            found.extend(version_at(line, end + 1));
        }
    }
    found
}

/// `toy = "0.1"`, `"toy" = "0.1"`, `toy.version = "0.1"`, `toy = { version = "0.1" }` and `other = { package = "toy", version = "0.1" }`.
fn entry(line: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let quote = line[..at].chars().next_back().filter(|c| is_quote(*c));
    let behind = quote.and_then(|quote| line[end..].strip_prefix(quote));
    let behind = behind.unwrap_or(&line[end..]);
    let rest = behind.strip_prefix(".version").unwrap_or(behind);
    let value = line.len() - rest.len();
    if let Some(range) = quoted_after(line, value) {
        return Some(range);
    }
    let before = line[..at].trim_end_matches(is_quote).trim_end();
    let is_package = before
        .strip_suffix('=')
        .is_some_and(|key| key.trim_end().ends_with("package"));
    let open = if is_package {
        line[..at].rfind('{')?
    } else {
        let table = rest.trim_start().strip_prefix('=')?.trim_start();
        line.len() - table.strip_prefix('{')?.len()
    };
    let close = line[open..]
        .find('}')
        .map_or(line.len(), |length| open + length);
    let value = |key: &str| {
        let keys = line[open..close].match_indices(key);
        let mut ends = keys.map(|(at, _)| open + at + key.len());
        ends.find_map(|end| quoted_after(line, end))
    };
    // Under the name of one package there may be another.
    let is_other =
        !is_package && value("package").is_some_and(|other| line[other] != line[at..end]);
    value("version").filter(|_| !is_other)
}

/// `cargo add toy@0.1`, `cargo install toy --version 0.1.0`.
fn command(line: &str, at: usize, end: usize) -> Option<Range<usize>> {
    if line[end..].starts_with('@') {
        return version_at(line, end + 1);
    }
    // One command of a line: up to what ends it in a shell or in a text.
    let begin = line[..at]
        .rfind("cargo install")
        .max(line[..at].rfind("cargo binstall"))?;
    let length = line[begin..].find(['&', ';', '|', '`', '\n']);
    let close = length.map_or(line.len(), |length| begin + length);
    if close < end {
        return None;
    }
    let value = ["--version", "--vers"].into_iter().find_map(|option| {
        let value = begin + line[begin..close].find(option)? + option.len();
        line[value..close]
            .starts_with([' ', '='])
            .then_some(value + 1)
    });
    value.and_then(|value| {
        let is_quoted = line[value..].starts_with(is_quote);
        version_at(line, value + usize::from(is_quoted))
    })
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

/// The text in quotes behind an equals sign, which begins here but for blanks.
fn quoted_after(line: &str, from: usize) -> Option<Range<usize>> {
    let value = line[from..].trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| is_quote(*c))?;
    let begin = line.len() - value.len() + 1;
    let length = line[begin..].find(quote)?;
    Some(begin..begin + length)
}

/// The version that begins here.
fn version_at(line: &str, begin: usize) -> Option<Range<usize>> {
    let rest = &line[begin..];
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-+=^~".contains(c);
    let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    // A full stop behind it ends a sentence.
    let version = rest[..length].trim_end_matches(['.', '-']);
    (!version.is_empty()).then(|| begin..begin + version.len())
}
