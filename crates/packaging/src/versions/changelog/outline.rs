//! The parts of a changelog: where its versions begin and end, and where its links are.

use std::ops::Range;

use semver::Version;

/// The places of what a changelog consists of.
pub(super) struct Outline {
    /// Headings of versions and of what is unreleased, in the order of the file.
    pub(super) headings: Vec<Heading>,
    /// Definitions of links, such as `[0.1.0]: https://…`.
    pub(super) links: Vec<Link>,
}

/// A heading, and what belongs to it.
pub(super) struct Heading {
    pub(super) title: Title,
    /// The number of its signs; 1 and 2 for one with a line below.
    pub(super) level: usize,
    /// Its lines.
    pub(super) range: Range<usize>,
    /// From behind its lines to the next heading of this kind.
    pub(super) body: Range<usize>,
}

/// What a heading says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Title {
    Unreleased,
    Version(Version),
    /// `0.1`, as old ones may be written: no version for Cargo, and a section nevertheless.
    Short,
    Other,
}

/// A definition of a link.
pub(super) struct Link {
    pub(super) label: String,
    pub(super) url: String,
    /// Where the address stands.
    pub(super) range: Range<usize>,
    /// Its line.
    line: Range<usize>,
}

impl Title {
    /// `[1.0.0] - 2020-01-01`, `v1.0.0 (May 1st)`, `Version 1.0.0`, `toy 1.0.0`, `**1.0.0**`, `[Unreleased]`, `TBD`.
    pub(super) fn of(text: &str) -> Self {
        let words = text.split(is_gap);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let first = words.first().map(|word| word.to_ascii_lowercase());
        if first.is_some_and(|word| ["unreleased", "tbd"].contains(&&word[..])) {
            return Self::Unreleased;
        }
        // In front of the version there may be its name, or that of the package.
        let mut versions = words.iter().take(2).filter_map(|word| {
            let number = word.trim_start_matches(['v', 'V']);
            number.parse().ok()
        });
        if let Some(version) = versions.next() {
            return Self::Version(version);
        }
        // Behind the name of a package, `2.0` may as well be said of the whole changelog.
        let mut words = words.iter();
        let first = words.find(|word| !word.eq_ignore_ascii_case("version"));
        match first {
            Some(word) if is_short(word.trim_start_matches(['v', 'V'])) => Self::Short,
            _ => Self::Other,
        }
    }

    /// Whether a heading begins with it. Of those within a section, `### 1.0.1` is a version, and `### Rust 1.85.0 is required` is about something else.
    fn is_first_of(&self, words: &str) -> bool {
        let mut words = words.split_whitespace();
        *self != Self::Short && words.next().is_some_and(|first| Self::of(first) == *self)
    }
}

/// What stands between the words of a heading, or marks them.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || "[](),:#*`".contains(c)
}

/// `0.1`.
fn is_short(word: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    word.split_once('.')
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// A line, and where it is.
pub(super) struct Line<'a> {
    /// Without its end.
    pub(super) text: &'a str,
    pub(super) range: Range<usize>,
}

impl Outline {
    pub(super) fn of(text: &str) -> Self {
        let lines = told_lines(text);
        let mut headings: Vec<Heading> = Vec::new();
        let mut links = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            if let Some(link) = link_of(line) {
                links.push(link);
            }
            let below = lines
                .get(at + 1)
                .filter(|below| below.range.start == line.range.end);
            let Some((level, words, end)) = heading_of(line, below) else {
                continue;
            };
            let title = Title::of(words);
            let is_within = headings.last().is_some_and(|above| level > above.level);
            if title == Title::Other || (is_within && !title.is_first_of(words)) {
                continue;
            }
            headings.push(Heading {
                title,
                level,
                range: line.range.start..end,
                body: end..text.len(),
            });
        }
        for at in 1..headings.len() {
            headings[at - 1].body.end = headings[at].range.start;
        }
        Self { headings, links }
    }

    pub(super) fn unreleased(&self) -> Option<&Heading> {
        let mut headings = self.headings.iter();
        headings.find(|heading| heading.title == Title::Unreleased)
    }

    pub(super) fn versions(&self) -> impl Iterator<Item = &Heading> {
        let headings = self.headings.iter();
        headings.filter(|heading| heading.title != Title::Unreleased)
    }

    /// A part of the text without the definitions of links in it.
    pub(super) fn without_links(&self, text: &str, part: &Range<usize>) -> String {
        let mut rest = String::new();
        let mut at = part.start;
        for link in self
            .links
            .iter()
            .filter(|link| part.contains(&link.line.start))
        {
            rest.push_str(&text[at..link.line.start]);
            at = link.line.end.min(part.end);
        }
        rest + &text[at..part.end]
    }

    /// Where the text ends before definitions of links that close the file: behind the last line that is not blank.
    pub(super) fn end_of_text(&self, text: &str) -> usize {
        let mut end = text.len();
        for link in self.links.iter().rev() {
            if !text[link.line.end..end].trim().is_empty() {
                break;
            }
            end = link.line.start;
        }
        let told = text[..end].trim_end().len();
        if told == 0 {
            return 0;
        }
        let line = text[told..end].find('\n');
        line.map_or(end, |at| told + at + 1)
    }
}

impl Heading {
    /// The same signs and brackets around another name, and something behind it.
    pub(super) fn renamed(&self, text: &str, name: &str, after: &str, newline: &str) -> String {
        let (line, below) = self.lines(text);
        let signs = &line[..line.len() - line.trim_start_matches(['#', ' ', '\t']).len()];
        let is_bracketed = line[signs.len()..named(line).start].contains('[');
        let (open, close) = if is_bracketed { ("[", "]") } else { ("", "") };
        with_line_below(format!("{signs}{open}{name}{close}{after}"), below, newline)
    }

    /// The same form with another version and another date.
    pub(super) fn released(&self, text: &str, version: &str, date: &str, newline: &str) -> String {
        let (line, below) = self.lines(text);
        let named = named(line);
        let after = &line[named.end..];
        let begin = &line[..named.start];
        let after = match (
            after.find(" ("),
            after.find(" - "),
            after.find(" – "),
            after.find(" — "),
        ) {
            (Some(_), None, None, None) => format!("{} ({date})", bracket(after)),
            (_, _, Some(_), _) => format!("{} – {date}", bracket(after)),
            (_, _, _, Some(_)) => format!("{} — {date}", bracket(after)),
            (_, Some(_), _, _) => format!("{} - {date}", bracket(after)),
            _ if after.trim_start_matches(']').trim().is_empty() => bracket(after).to_owned(),
            _ => format!("{} - {date}", bracket(after)),
        };
        with_line_below(format!("{begin}{version}{after}"), below, newline)
    }

    /// The line of the title, and the one below that makes it a heading, without line ends.
    fn lines<'a>(&self, text: &'a str) -> (&'a str, &'a str) {
        let mut lines = text[self.range.clone()].lines();
        (lines.next().unwrap_or(""), lines.next().unwrap_or(""))
    }
}

/// The closing bracket, if the version is in brackets.
fn bracket(after: &str) -> &str {
    if after.starts_with(']') { "]" } else { "" }
}

/// Where the version, or the word for what is unreleased, stands in a heading.
fn named(line: &str) -> Range<usize> {
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let length = rest.find(is_gap).unwrap_or(rest.len());
        let word = &rest[..length];
        let number = word.trim_start_matches(['v', 'V']);
        if number.parse::<Version>().is_ok()
            || is_short(number)
            || (!word.is_empty() && Title::of(word) == Title::Unreleased)
        {
            return at + length - number.len().min(length)..at + length;
        }
        let gap = rest[length..].chars().next().map_or(0, char::len_utf8);
        at += length + gap;
    }
    line.len()..line.len()
}

fn with_line_below(line: String, below: &str, newline: &str) -> String {
    let Some(sign) = below.chars().next() else {
        return format!("{line}{newline}");
    };
    let below: String = std::iter::repeat_n(sign, line.chars().count()).collect();
    format!("{line}{newline}{below}{newline}")
}

/// Lines that are neither code nor a comment. What is never closed is neither.
pub(super) fn told_lines(text: &str) -> Vec<Line<'_>> {
    let mut told = Vec::new();
    // What closes the code or comment that a line is in.
    let mut close: Option<&str> = None;
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    for whole in text[at..].split_inclusive('\n') {
        let range = at..at + whole.len();
        at = range.end;
        let line = whole.trim_end_matches(['\r', '\n']);
        let begin = line.trim_start();
        match close {
            Some("-->") if line.contains("-->") => close = None,
            Some(fence) if begin.starts_with(fence) => close = None,
            Some(_) => {}
            None if begin.starts_with("<!--") && line.contains("-->") => {}
            None => {
                let opened = [("```", "```"), ("~~~", "~~~"), ("<!--", "-->")]
                    .into_iter()
                    .find(|(open, _)| begin.starts_with(open))
                    .map(|(_, closed)| closed)
                    .filter(|closed| is_closed(&text[at..], closed));
                close = opened;
                if opened.is_none() {
                    told.push(Line { text: line, range });
                }
            }
        }
    }
    told
}

/// Whether what a line has opened is closed in the rest of the text.
fn is_closed(rest: &str, close: &str) -> bool {
    rest.lines().any(|line| match close {
        "-->" => line.contains(close),
        fence => line.trim_start().starts_with(fence),
    })
}

/// Level, title and end of a heading that begins in this line.
fn heading_of<'a>(line: &Line<'a>, below: Option<&Line<'_>>) -> Option<(usize, &'a str, usize)> {
    let level = line.text.len() - line.text.trim_start_matches('#').len();
    if (1..=6).contains(&level) && line.text[level..].starts_with([' ', '\t']) {
        return Some((level, &line.text[level..], line.range.end));
    }
    let below = below?;
    let level = match below.text.trim_end() {
        under if under.len() >= 3 && under.bytes().all(|byte| byte == b'=') => 1,
        under if under.len() >= 3 && under.bytes().all(|byte| byte == b'-') => 2,
        _ => return None,
    };
    (!line.text.trim().is_empty()).then_some((level, line.text, below.range.end))
}

fn link_of(line: &Line<'_>) -> Option<Link> {
    let (label, url) = line.text.strip_prefix('[')?.split_once("]: ")?;
    let url = url.trim();
    let url = url.split_whitespace().next()?;
    let begin =
        line.range.start + (line.text.len() - line.text[label.len() + 4..].trim_start().len());
    Some(Link {
        label: label.to_owned(),
        url: url.to_owned(),
        range: begin..begin + url.len(),
        line: line.range.clone(),
    })
}
