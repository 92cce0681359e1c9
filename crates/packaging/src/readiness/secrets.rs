//! Secrets in the files of a repository and in all of its history.

mod allow_list;
mod history;
mod rules;
mod utf16;
mod window;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, TimeLimit,
    sha256::{hex, sha256},
};
use history::{History, Object, Objects};
use window::Sighting;

pub use allow_list::AllowedSecrets;

/// So many different secrets are kept; of more, only the number is.
const MOST_SECRETS: usize = 1000;

/// Of so many contents with secrets it is found out which commit brought them.
const MOST_PLACES: usize = 100_000;

/// What [`find_secrets`] has read and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SecretsReport {
    /// Files of the checkout that differ from the current commit, or are not in it.
    pub files: u64,
    /// Different contents of files in the history.
    pub blobs: u64,
    /// Commits, whose messages were read.
    pub commits: u64,
    /// How much was read of all these.
    pub bytes: u64,
    /// Each secret once, in the order of path and line; at most 1000.
    pub found: Vec<FoundSecret>,
    /// Sightings of secrets beyond these.
    pub more: u64,
    /// How many of the different secrets are allowed.
    pub allowed: u64,
    /// Fingerprints that are allowed and were not found.
    pub stale: Vec<String>,
}

/// A secret and the first place where it was found. The secret itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FoundSecret {
    /// The name of the kind of secret.
    pub rule: String,
    /// The kind in words.
    pub about: String,
    /// The file, from the root of the repository on; `(message)` for the message of a commit, and `(tag NAME)` for that of a tag.
    pub path: String,
    /// From 1 on, in the content that was found first.
    pub line: u64,
    /// The commit that brought it, or the object of the tag; `None` if it was never committed.
    pub commit: Option<String>,
    /// Whether the current commit or the checkout has it.
    pub is_current: bool,
    /// What may be shown of it, and its length.
    pub masked: String,
    /// For [`AllowedSecrets`].
    pub fingerprint: String,
    /// In how many different contents it was found.
    pub times: u64,
}

impl FoundSecret {
    /// Where it is and what it is, in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let commit = match &self.commit {
            Some(commit) => format!(" since commit {}", commit.get(..10).unwrap_or(commit)),
            None => " (not committed)".to_owned(),
        };
        let now = match self.is_current {
            true => "",
            false => ", not there any more",
        };
        format!(
            "{}:{}{commit}{now}: {}, {} [{}]",
            self.path, self.line, self.about, self.masked, self.fingerprint
        )
    }
}

/// Looks for secrets in all that a branch, a tag, a stash or the checkout of a repository can reach, and in files that are not
/// committed and not ignored. Binary files are searched like others.
///
/// Known formats are found by what they look like: private keys, tokens of well-known services, keys of minisign and age, JSON web
/// tokens; and passwords, secrets and tokens in settings if they look random. Each content is read once, in a bounded part of memory,
/// which takes about a second for 100 MB. Texts may be in UTF-16, if they begin with its mark. What is compressed, and what Git keeps elsewhere (submodules, large file storage), is not seen.
///
/// # Errors
///
/// There is no repository, or no Git of version 2.36 or later; [`Error::ShallowClone`]: old commits are not there; [`Error::TookTooLong`].
///
/// ```
/// use std::{fs, process::Command, time::Duration};
/// use tuneup_packaging::{AllowedSecrets, TimeLimit, find_secrets};
///
/// let folder = tempfile::tempdir()?;
/// Command::new("git").arg("init").current_dir(&folder).output()?;
/// let key = ["AKIA", "Q7RMT3ZK5WYUB2LN"].concat();
/// fs::write(folder.path().join("deploy.sh"), format!("#!/bin/sh\nkey={key}\n"))?;
///
/// let report = find_secrets(folder.path(), &AllowedSecrets::default(), &TimeLimit::new(Duration::from_secs(60)))?;
/// let found = &report.found[0];
/// assert_eq!((&found.rule[..], &found.path[..], found.line), ("aws-access-key", "deploy.sh", 2));
/// assert_eq!(found.masked, "AKIA… (20 characters)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find_secrets(
    folder: &Path,
    allowed: &AllowedSecrets,
    limit: &TimeLimit,
) -> Result<SecretsReport, Error> {
    let history = History::open(folder)?;
    let mut search = Search {
        report: SecretsReport::default(),
        known: BTreeMap::new(),
        room: MOST_PLACES,
        buffer: Vec::new(),
    };
    search.report.blobs = history.each(Objects::Blobs, limit, |object| search.blob(object))?;
    search.report.commits =
        history.each(Objects::Commits, limit, |object| search.message(object))?;
    history.each(Objects::Tags, limit, |object| search.tag(object))?;
    search.checkout(&history, limit)?;
    search.finish(&history, allowed, limit)
}

/// What has a secret.
#[derive(Clone, Copy)]
enum Place<'a> {
    Blob(&'a str),
    Message(&'a str),
    Tag(&'a str),
    Checkout,
}

/// What is known of one secret until it is told.
struct Known {
    secret: FoundSecret,
    /// The contents that have it.
    blobs: Vec<String>,
}

impl Known {
    /// Remembers where it is; the room for it is shared by all secrets.
    fn is_in(&mut self, place: Place<'_>, room: &mut usize) {
        match place {
            Place::Blob(name) if *room > 0 => {
                *room -= 1;
                self.blobs.push(name.to_owned());
            }
            Place::Blob(_) => {}
            // Commits come from the last to the first.
            Place::Message(commit) => self.secret.commit = Some(commit.to_owned()),
            // The message of a commit is what brought it, if one has it as well.
            Place::Tag(tag) => {
                self.secret.commit.get_or_insert_with(|| tag.to_owned());
            }
            Place::Checkout => self.secret.is_current = true,
        }
    }
}

struct Search {
    report: SecretsReport,
    known: BTreeMap<String, Known>,
    room: usize,
    buffer: Vec<u8>,
}

impl Search {
    fn blob(&mut self, object: Object<'_>) -> io::Result<()> {
        self.content(object.path, object.content, Place::Blob(object.name))
    }

    fn message(&mut self, object: Object<'_>) -> io::Result<()> {
        self.content("(message)", object.content, Place::Message(object.name))
    }

    fn tag(&mut self, object: Object<'_>) -> io::Result<()> {
        let path = format!("(tag {})", object.path);
        self.content(&path, object.content, Place::Tag(object.name))
    }

    fn checkout(&mut self, history: &History, limit: &TimeLimit) -> Result<(), Error> {
        let root = history.root()?;
        for path in history.changed_files()? {
            let file = root.join(&path);
            // What was deleted is in the list too, and so are links, which lead to what is read by itself.
            if !file.symlink_metadata().is_ok_and(|data| data.is_file()) {
                continue;
            }
            let name = path.to_string_lossy();
            limit.check().map_err(|source| Error::TookTooLong {
                command: format!("read {name}"),
                source,
            })?;
            let content = File::open(&file).map_err(Error::file("read", &file))?;
            let read = self.content(&name, content, Place::Checkout);
            read.map_err(Error::file("read", &file))?;
            self.report.files += 1;
        }
        Ok(())
    }

    fn content(&mut self, path: &str, content: impl Read, place: Place<'_>) -> io::Result<()> {
        let Self {
            report,
            known,
            room,
            buffer,
        } = self;
        let mut here = BTreeSet::new();
        report.bytes += window::search(utf16::plain(content)?, buffer, |sighting| {
            let fingerprint = fingerprint(&sighting);
            if !here.insert(fingerprint.clone()) {
                return;
            }
            if let Some(known) = known.get_mut(&fingerprint) {
                known.secret.times += 1;
                known.is_in(place, room);
            } else if known.len() < MOST_SECRETS {
                let mut new = Known {
                    secret: first(path, &sighting, &fingerprint),
                    blobs: Vec::new(),
                };
                new.is_in(place, room);
                known.insert(fingerprint, new);
            } else {
                report.more += 1;
            }
        })?;
        Ok(())
    }

    fn finish(
        self,
        history: &History,
        allowed: &AllowedSecrets,
        limit: &TimeLimit,
    ) -> Result<SecretsReport, Error> {
        let Self {
            mut report, known, ..
        } = self;
        let (let_be, found): (Vec<_>, Vec<_>) = known
            .into_iter()
            .partition(|(fingerprint, _)| allowed.reasons.contains_key(fingerprint));
        report.allowed = let_be.len() as u64;
        let let_be: BTreeSet<String> = let_be
            .into_iter()
            .map(|(fingerprint, _)| fingerprint)
            .collect();
        let stale = allowed
            .reasons
            .keys()
            .filter(|fingerprint| !let_be.contains(*fingerprint));
        report.stale = stale.cloned().collect();
        let blobs = found.iter().flat_map(|(_, known)| &known.blobs);
        let blobs: HashSet<String> = blobs.cloned().collect();
        let commits = history.commits_of(&blobs, limit)?;
        let current = history.current(&blobs)?;
        report.found = found
            .into_iter()
            .map(|(_, Known { mut secret, blobs })| {
                secret.is_current |= blobs.iter().any(|blob| current.contains(blob));
                let first = blobs.iter().filter_map(|blob| commits.get(blob)).min();
                secret.commit = first.map(|(_, commit)| commit.clone()).or(secret.commit);
                secret
            })
            .collect();
        let place = |secret: &FoundSecret| (secret.path.clone(), secret.line);
        report.found.sort_by_cached_key(place);
        Ok(report)
    }
}

fn first(path: &str, sighting: &Sighting<'_>, fingerprint: &str) -> FoundSecret {
    let rule = sighting.found.rule;
    let shown = String::from_utf8_lossy(&sighting.secret[..rule.public.min(sighting.secret.len())]);
    FoundSecret {
        rule: rule.id.to_owned(),
        about: rule.about.to_owned(),
        path: path.to_owned(),
        line: sighting.line,
        commit: None,
        is_current: false,
        masked: format!("{shown}… ({} characters)", sighting.secret.len()),
        fingerprint: fingerprint.to_owned(),
        times: 1,
    }
}

/// The rule and 64 bits of the hash of the secret: it tells secrets apart and does not give them away.
fn fingerprint(sighting: &Sighting<'_>) -> String {
    let hash = sha256(sighting.secret);
    format!("{}:{}", sighting.found.rule.id, hex(&hash[..8]))
}
