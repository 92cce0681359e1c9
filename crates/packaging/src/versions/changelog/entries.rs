//! Entries of a changelog, and where they are added.

use std::{collections::BTreeSet, ops::Range};

use serde::Serialize;

use super::outline::{Outline, told_lines};
use crate::{Change, versions::file_edits::line_end};

/// The groups of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/#how), in its order.
///
/// ```
/// use tuneup_packaging::ChangelogGroup;
///
/// assert_eq!(ChangelogGroup::Fixed.title(), "Fixed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ChangelogGroup {
    /// What is new.
    Added,
    /// What is other than before.
    Changed,
    /// What will be removed.
    Deprecated,
    /// What is there no more.
    Removed,
    /// What was wrong.
    Fixed,
    /// What was dangerous.
    Security,
}

impl ChangelogGroup {
    pub(super) const ALL: [Self; 6] = [
        Self::Added,
        Self::Changed,
        Self::Deprecated,
        Self::Removed,
        Self::Fixed,
        Self::Security,
    ];

    /// Its heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Changed => "Changed",
            Self::Deprecated => "Deprecated",
            Self::Removed => "Removed",
            Self::Fixed => "Fixed",
            Self::Security => "Security",
        }
    }
}

/// A line of a changelog.
///
/// ```
/// use tuneup_packaging::{ChangelogEntry, ChangelogGroup};
///
/// let entry = ChangelogEntry::new(ChangelogGroup::Added, "A second\nthought.");
/// assert_eq!(entry.text, "A second thought.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChangelogEntry {
    /// Under which heading it stands.
    pub group: ChangelogGroup,
    /// Markdown, on one line.
    pub text: String,
}

impl ChangelogEntry {
    /// An entry; line ends and runs of blanks become one blank.
    #[must_use]
    pub fn new(group: ChangelogGroup, text: &str) -> Self {
        Self {
            group,
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// What a commit says for users, if it does.
    pub(super) fn of(change: &Change) -> Option<Self> {
        let group = match change.kind.as_deref()? {
            "feat" => ChangelogGroup::Added,
            "fix" => ChangelogGroup::Fixed,
            "security" => ChangelogGroup::Security,
            "perf" | "revert" => ChangelogGroup::Changed,
            _ if change.breaking.is_some() => ChangelogGroup::Changed,
            _ => return None,
        };
        let mut text = String::new();
        if change.breaking.is_some() {
            text.push_str("**Breaking:** ");
        }
        if let Some(scope) = &change.scope {
            text.push_str(&format!("{}: ", as_text(scope)));
        }
        text.push_str(&as_text(&change.description));
        match &change.breaking {
            Some(what) if *what != change.description => {
                text.push_str(&format!(" ({})", as_text(what)));
            }
            _ => {}
        }
        Some(Self::new(group, &text))
    }
}

/// So that Markdown shows what somebody wrote who did not think of it: outside of code, `<T>` would be a tag, and vanish.
fn as_text(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts: Vec<String> = parts
        .map(|(at, part)| {
            let is_code = at % 2 == 1;
            if is_code {
                part.to_owned()
            } else {
                part.replace('<', "\\<")
            }
        })
        .collect();
    parts.join("`")
}

/// The entries of a section, as far as each is on one line.
pub(super) fn items(section: &str) -> BTreeSet<&str> {
    let lines = section.lines().map(str::trim_start);
    let items = lines.filter_map(|line| line.strip_prefix(['-', '*', '+']));
    items.map(str::trim).collect()
}

/// Whether there is anything but headings, comments and definitions of links.
pub(super) fn says_something(section: &str) -> bool {
    let mut rest = section;
    let mut told = String::new();
    while let Some((before, (_, after))) = rest
        .split_once("<!--")
        .and_then(|(before, comment)| Some((before, comment.split_once("-->")?)))
    {
        told.push_str(before);
        rest = after;
    }
    told.push_str(rest);
    told.lines().map(str::trim).any(|line| {
        let is_link = line.starts_with('[') && line.contains("]: ");
        !line.is_empty() && !line.starts_with('#') && !is_link
    })
}

/// The text with entries of one group below what is unreleased, of which there is a heading.
pub(super) fn added(text: &str, group: ChangelogGroup, lines: &[&str]) -> String {
    let outline = Outline::of(text);
    let Some(unreleased) = outline.unreleased() else {
        return text.to_owned();
    };
    let newline = line_end(text);
    let signs = signs_of_groups(text, unreleased.level);
    let groups = groups_in(text, &unreleased.body, &signs);
    let section = groups.iter().find(|(found, _)| *found == Some(group));
    let later = groups
        .iter()
        .find(|(found, _)| found.is_some_and(|found| found > group));
    let sign = bullet(text);
    let items: String = lines
        .iter()
        .map(|line| format!("{sign} {line}{newline}"))
        .collect();
    let (at, heading) = match (section, later) {
        (Some((_, part)), _) => (end_of(text, part, &outline), None),
        (None, Some((_, part))) => (part.start, Some(group)),
        (None, None) => (end_of(text, &unreleased.body, &outline), Some(group)),
    };
    let mut put = String::new();
    if !text[..at].ends_with('\n') {
        put.push_str(newline);
    }
    match heading {
        Some(group) => {
            let blank = format!("{newline}{newline}");
            if !text[..at].ends_with(&blank) && at > 0 {
                put.push_str(newline);
            }
            put.push_str(&format!("{signs} {}{blank}{items}", group.title()));
            let is_followed = !text[at..].starts_with(newline) && at < text.len();
            if is_followed {
                put.push_str(newline);
            }
        }
        None => {
            // The first item below a heading stands apart from it.
            let last = text[..at].trim_end().lines().last().unwrap_or("");
            if last.starts_with('#') {
                put.push_str(newline);
            }
            put.push_str(&items);
        }
    }
    format!("{}{put}{}", &text[..at], &text[at..])
}

/// What headings of groups begin with: as elsewhere in the text, or one level below the versions.
fn signs_of_groups(text: &str, level: usize) -> String {
    let lines = told_lines(text);
    let mut levels = lines.iter().filter_map(|line| {
        let title = line.text.trim_start_matches('#');
        let found = line.text.len() - title.len();
        let is_group = title.starts_with(' ') && group_of(title).is_some();
        (is_group && found > level).then_some(found)
    });
    "#".repeat(levels.next().unwrap_or(level + 1))
}

fn group_of(title: &str) -> Option<ChangelogGroup> {
    let title = title.trim().trim_end_matches([':', '#']).trim();
    ChangelogGroup::ALL
        .into_iter()
        .find(|group| group.title().eq_ignore_ascii_case(title))
}

/// The groups in a part, and where each is with its heading. Headings of something else end a group, too.
fn groups_in(
    text: &str,
    part: &Range<usize>,
    signs: &str,
) -> Vec<(Option<ChangelogGroup>, Range<usize>)> {
    let mut groups: Vec<(Option<ChangelogGroup>, Range<usize>)> = Vec::new();
    let lines = told_lines(text);
    for line in lines.iter().filter(|line| part.contains(&line.range.start)) {
        let begin = line.range.start;
        let title = line.text.strip_prefix(signs);
        let Some(title) = title.and_then(|rest| rest.strip_prefix(' ')) else {
            continue;
        };
        if let Some((_, last)) = groups.last_mut() {
            last.end = begin;
        }
        groups.push((group_of(title), begin..part.end));
    }
    groups
}

/// Behind the last line of a part that says something; definitions of links at the end of the file are not in it.
fn end_of(text: &str, part: &Range<usize>, outline: &Outline) -> usize {
    let end = part.end.min(outline.end_of_text(text)).max(part.start);
    let told = part.start + text[part.start..end].trim_end().len();
    let rest = &text[told..end];
    told + rest.find('\n').map_or(rest.len(), |at| at + 1)
}

/// The sign that items have in this text.
fn bullet(text: &str) -> char {
    let items = text.lines().filter_map(|line| {
        let sign = line.chars().next()?;
        let is_item = ['-', '*', '+'].contains(&sign) && line[1..].starts_with(' ');
        is_item.then_some(sign)
    });
    items.into_iter().next().unwrap_or('-')
}
