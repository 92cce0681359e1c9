//! Changelogs: reading what people have written, adding to it, and making a release of what is unreleased. Nothing that somebody wrote is lost.

use std::{
    collections::BTreeSet,
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use semver::Version;

use self::outline::{Heading, Link, Outline, Title};
use crate::{
    Change, Error, FileEdit,
    versions::file_edits::{line_end, splice},
};

mod entries;
mod outline;

#[cfg(test)]
mod tests;

pub use self::entries::{ChangelogEntry, ChangelogGroup};

/// What a changelog begins with where there is none.
const BEGIN: &str = "# Changelog

All notable changes are in this file. The format is [Keep a Changelog](https://keepachangelog.com/en/1.1.0/), and versions follow
[Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
";

/// Where something is put, and what.
type Place = (Range<usize>, String);

/// A changelog as somebody has written it, after [Keep a Changelog](https://keepachangelog.com/en/1.1.0/): headings of any level or form with versions, the newest
/// first, and one of what is unreleased. Lists of versions without headings are no such thing.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("CHANGELOG.md");
/// use tuneup_packaging::{Changelog, ChangelogEntry, ChangelogGroup, apply_edits};
///
/// let mut changelog = Changelog::open(&path)?;
/// changelog.add(&[ChangelogEntry::new(ChangelogGroup::Fixed, "It does not stop any more.")]);
/// changelog.release(&"0.2.0".parse()?, "2026-05-01", "v0.2.0")?;
/// assert_eq!(changelog.notes(&"0.2.0".parse()?)?, "### Fixed\n\n- It does not stop any more.\n");
/// apply_edits(&[changelog.edit()], || Ok(()))?;
/// assert!(std::fs::read_to_string(&path)?.contains("## [0.2.0] - 2026-05-01"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Changelog {
    path: PathBuf,
    /// None if there is no such file.
    before: Option<String>,
    text: String,
    /// Whether a heading of what is unreleased is there between releases, too: it is where there is one, or no version yet.
    keeps_heading: bool,
}

impl Changelog {
    /// Reads a file; one that is not there begins with a title and a heading of what is unreleased.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no text.
    pub fn open(path: &Path) -> Result<Self, Error> {
        match fs::read_to_string(path) {
            Ok(text) => {
                // A link stays a link.
                let path = fs::canonicalize(path).map_err(Error::file("read", path))?;
                Ok(Self::of(path, Some(text.clone()), text))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self::of(path.to_owned(), None, BEGIN.to_owned()))
            }
            Err(error) => Err(Error::file("read", path)(error)),
        }
    }

    fn of(path: PathBuf, before: Option<String>, text: String) -> Self {
        let outline = Outline::of(&text);
        let keeps_heading = outline.unreleased().is_some() || outline.versions().next().is_none();
        Self {
            path,
            before,
            text,
            keeps_heading,
        }
    }

    /// As it is now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What has to be written for the file to be as this.
    #[must_use]
    pub fn edit(&self) -> FileEdit {
        FileEdit::new(&self.path, self.before.clone(), self.text.clone())
    }

    /// Released versions, in the order of the file.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        let outline = Outline::of(&self.text);
        let titles = outline.headings.into_iter().map(|heading| heading.title);
        titles
            .filter_map(|title| match title {
                Title::Version(version) => Some(version),
                _ => None,
            })
            .collect()
    }

    /// What is written under the heading of what is unreleased; empty if there is no such heading.
    #[must_use]
    pub fn unreleased(&self) -> &str {
        let outline = Outline::of(&self.text);
        let heading = outline.unreleased();
        heading.map_or("", |heading| self.text[heading.body.clone()].trim())
    }

    /// Adds entries to what is unreleased, each under the heading of its group, behind what is there. An entry that is there already is not added again.
    pub fn add(&mut self, entries: &[ChangelogEntry]) {
        for group in ChangelogGroup::ALL {
            let mut there = entries::items(self.unreleased());
            let lines = entries.iter().filter(|entry| entry.group == group);
            let lines: Vec<&str> = lines
                .map(|entry| &entry.text[..])
                .filter(|text| there.insert(text))
                .collect();
            if !lines.is_empty() {
                self.require_unreleased();
                self.text = entries::added(&self.text, group, &lines);
            }
        }
    }

    /// Adds what commits by Conventional Commits say for users: features, fixes, what is faster or safer, and what breaks. Commits that follow no
    /// convention were not written for users, so somebody has to say what they mean to them.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let git = |arguments: &[&str]| assert!(std::process::Command::new("git").args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).current_dir(folder.path()).output().unwrap().status.success());
    /// # std::fs::create_dir(folder.path().join("src"))?;
    /// # std::fs::write(folder.path().join("src/lib.rs"), "")?;
    /// # std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"toy\"\nversion = \"0.3.1\"\n")?;
    /// # git(&["init", "-q"]);
    /// # git(&["add", "."]);
    /// # git(&["commit", "-qm", "feat(parser)!: read it all at once"]);
    /// use tuneup_packaging::{Changelog, PlanOptions, ReleasePlan, System, Workspace};
    ///
    /// let workspace = Workspace::load(folder.path(), &System)?;
    /// let plan = ReleasePlan::load(&workspace, &PlanOptions::new(), &System)?;
    /// let mut changelog = Changelog::open(&folder.path().join("CHANGELOG.md"))?;
    /// changelog.add_changes(&plan.changes);
    /// assert_eq!(changelog.unreleased(), "### Added\n\n- **Breaking:** parser: read it all at once");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_changes<'a>(&mut self, changes: impl IntoIterator<Item = &'a Change>) {
        let changes: Vec<&Change> = changes.into_iter().collect();
        let in_force = crate::versions::commits::in_force(&changes);
        // The oldest first, as they would have been written.
        let entries = in_force.into_iter().rev().filter_map(ChangelogEntry::of);
        self.add(&entries.collect::<Vec<_>>());
    }

    /// Makes what is unreleased the section of a version, below an empty heading for what comes, if the file has such a heading by habit. `date` is put as it is given (see [`date_of`]); the heading is of the form of
    /// the last version's. A link of the unreleased heading that compares with a tag (`…/compare/v0.1.0...HEAD`) goes on to compare with `tag`, and
    /// the version gets one of what it was.
    ///
    /// # Errors
    ///
    /// [`Error::NothingUnreleased`]; [`Error::InChangelog`].
    pub fn release(&mut self, version: &Version, date: &str, tag: &str) -> Result<(), Error> {
        if self.versions().contains(version) {
            return Err(Error::InChangelog {
                path: self.path.clone(),
                version: version.clone(),
            });
        }
        if !entries::says_something(self.unreleased()) {
            return Err(Error::NothingUnreleased {
                path: self.path.clone(),
            });
        }
        let outline = Outline::of(&self.text);
        let mut places: Vec<Place> = Vec::new();
        if let Some(unreleased) = outline.unreleased() {
            let heading = heading_of(&self.text, &outline, version, date);
            places.push(self.heading_place(unreleased, &heading));
        }
        let mut links = outline.links.iter();
        let link = links.find(|link| Title::of(&link.label) == Title::Unreleased);
        places.extend(
            link.into_iter()
                .flat_map(|link| self.link_places(link, version, tag)),
        );
        self.text = splice(&self.text, places);
        Ok(())
    }

    /// Below the heading of what is unreleased, or in its place.
    fn heading_place(&self, unreleased: &Heading, heading: &str) -> Place {
        if !self.keeps_heading {
            return (unreleased.range.clone(), heading.to_owned());
        }
        let newline = line_end(&self.text);
        let end = unreleased.range.end;
        // The last line of a file may have no end.
        let rest = if self.text[..end].ends_with('\n') {
            ""
        } else {
            newline
        };
        (end..end, format!("{rest}{newline}{heading}"))
    }

    /// The link of what is unreleased goes on, and behind it comes that of the version.
    fn link_places(&self, link: &Link, version: &Version, tag: &str) -> Vec<Place> {
        let Some(compared) = compared(&link.url, tag) else {
            return Vec::new();
        };
        let newline = line_end(&self.text);
        let rest = &self.text[link.range.end..];
        let end = link.range.end + rest.find(['\r', '\n']).unwrap_or(rest.len());
        let of_version = format!("{newline}[{version}]: {}", compared.of_version);
        vec![
            (link.range.clone(), compared.of_unreleased),
            (end..end, of_version),
        ]
    }

    /// What is written of a version, without its heading, and with the links that it uses: the notes of the release.
    ///
    /// # Errors
    ///
    /// [`Error::NotInChangelog`].
    pub fn notes(&self, version: &Version) -> Result<String, Error> {
        let outline = Outline::of(&self.text);
        let title = Title::Version(version.clone());
        let heading = outline
            .headings
            .iter()
            .find(|heading| heading.title == title);
        let heading = heading.ok_or_else(|| Error::NotInChangelog {
            path: self.path.clone(),
            version: version.clone(),
        })?;
        let body = outline.without_links(&self.text, &heading.body);
        let body = body.trim().replace("\r\n", "\n");
        let is_used = |link: &&Link| {
            let label = link.label.to_lowercase();
            body.to_lowercase().contains(&format!("[{label}]"))
        };
        // Of several definitions the first counts.
        let mut labels = BTreeSet::new();
        let links = outline.links.iter().filter(is_used);
        let links = links.filter(|link| labels.insert(link.label.to_lowercase()));
        let links: Vec<String> = links
            .map(|link| format!("[{}]: {}\n", link.label, link.url))
            .collect();
        let gap = if links.is_empty() { "" } else { "\n" };
        Ok(format!("{body}\n{gap}{}", links.concat()))
    }

    /// Adds a heading of what is unreleased above the first version, in the form of its heading; at the end if there is no version.
    fn require_unreleased(&mut self) {
        let outline = Outline::of(&self.text);
        if outline.unreleased().is_some() {
            return;
        }
        let newline = line_end(&self.text);
        let (at, heading) = match outline.versions().next() {
            Some(first) => {
                let heading = first.renamed(&self.text, "Unreleased", "", newline);
                (first.range.start, format!("{heading}{newline}"))
            }
            None => {
                let end = outline.end_of_text(&self.text);
                let before = if self.text[..end].ends_with('\n') || end == 0 {
                    ""
                } else {
                    newline
                };
                let gap = if end == 0 { "" } else { newline };
                (end, format!("{before}{gap}## [Unreleased]{newline}"))
            }
        };
        self.text.insert_str(at, &heading);
    }
}

/// The heading of a version, with its line end.
fn heading_of(text: &str, outline: &Outline, version: &Version, date: &str) -> String {
    let newline = line_end(text);
    match (outline.versions().next(), outline.unreleased()) {
        (Some(last), _) => last.released(text, &version.to_string(), date, newline),
        (None, Some(unreleased)) => {
            let after = format!(" - {date}");
            unreleased.renamed(text, &version.to_string(), &after, newline)
        }
        (None, None) => format!("## [{version}] - {date}{newline}"),
    }
}

/// Where comparisons lead after a release.
struct Compared {
    of_unreleased: String,
    of_version: String,
}

/// Of an address such as `…/compare/v0.1.0...HEAD`.
fn compared(url: &str, tag: &str) -> Option<Compared> {
    let (before, end) = url.rsplit_once("...")?;
    let (site, _) = before.split_once("/compare/")?;
    Some(Compared {
        of_unreleased: format!("{site}/compare/{tag}...{end}"),
        of_version: format!("{before}...{tag}"),
    })
}

/// The day of a time in UTC, as `2026-05-01`; the clock of a release is that of [`Clock::now`](crate::Clock::now).
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use tuneup_packaging::date_of;
///
/// assert_eq!(date_of(UNIX_EPOCH + Duration::from_secs(951_782_400)), "2000-02-29");
/// ```
#[must_use]
pub fn date_of(time: SystemTime) -> String {
    // `days_from_civil` of "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant, backwards: years begin in March, eras have 400 years.
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
