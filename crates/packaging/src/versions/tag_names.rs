//! How the tags of releases are named.

use std::{fmt, str::FromStr};

use semver::Version;
use serde::{Serialize, Serializer};

use crate::{Error, Tag};

#[cfg(test)]
mod tests;

/// What stands for the version in a template.
const VERSION: &str = "{version}";
/// What stands for the name of the package.
const NAME: &str = "{name}";

/// The names of tags, as a text with `{version}`, and with `{name}` where each package has tags of its own.
///
/// ```
/// use tuneup_packaging::TagTemplate;
///
/// let template: TagTemplate = "{name}-v{version}".parse()?;
/// assert_eq!(template.name_of("toy", &"0.3.1".parse().unwrap()), "toy-v0.3.1");
/// assert_eq!(template.version_of("toy", "toy-v0.3.1"), Some("0.3.1".parse().unwrap()));
/// assert_eq!(template.version_of("toy", "other-v0.3.1"), None);
/// assert!("release".parse::<TagTemplate>().is_err());
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagTemplate {
    text: String,
}

impl TagTemplate {
    /// The name of the tag of a version.
    #[must_use]
    pub fn name_of(&self, package: &str, version: &Version) -> String {
        let text = self.text.replace(VERSION, &version.to_string());
        text.replace(NAME, package)
    }

    /// Of which version of a package a tag is; none if it is of something else.
    #[must_use]
    pub fn version_of(&self, package: &str, tag: &str) -> Option<Version> {
        let (before, after) = self.text.split_once(VERSION)?;
        let tag = tag.strip_prefix(&before.replace(NAME, package)[..])?;
        let version = tag.strip_suffix(&after.replace(NAME, package)[..])?;
        version.parse().ok()
    }

    /// Whether each package has tags of its own.
    #[must_use]
    pub fn is_per_package(&self) -> bool {
        self.text.contains(NAME)
    }

    /// Of these tags, that of the highest version of a package.
    pub(crate) fn latest<'a>(&self, package: &str, tags: &'a [Tag]) -> Option<(Version, &'a Tag)> {
        let versions = tags
            .iter()
            .filter_map(|tag| Some((self.version_of(package, &tag.name)?, tag)));
        versions.max_by(|(one, _), (other, _)| one.cmp(other))
    }
}

/// Forms that many repositories have; the first of each kind is taken where there is no tag yet.
const SHARED: &[&str] = &["v{version}", "{version}"];
const PER_PACKAGE: &[&str] = &[
    "{name}-v{version}",
    "{name}-{version}",
    "{name}/v{version}",
    "{name}/{version}",
    "{name}@{version}",
    "{name}@v{version}",
    "{name}_v{version}",
];

/// The forms that a tag of a package may have, the usual one first.
pub(crate) fn known(is_shared_first: bool) -> Vec<TagTemplate> {
    let lists = if is_shared_first {
        [SHARED, PER_PACKAGE]
    } else {
        [PER_PACKAGE, &[]]
    };
    let texts = lists.into_iter().flatten();
    texts
        .map(|text| TagTemplate {
            text: (*text).to_owned(),
        })
        .collect()
}

impl FromStr for TagTemplate {
    type Err = Error;

    /// A text with one `{version}`, of which git can make a tag.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = |reason| Error::TagTemplate {
            text: text.to_owned(),
            reason,
        };
        if text.matches(VERSION).count() != 1 {
            return Err(refused("it has to have one {version}"));
        }
        let rest = text.replace(VERSION, "").replace(NAME, "");
        if rest.contains(['{', '}']) {
            return Err(refused(
                "there is nothing in braces but {version} and {name}",
            ));
        }
        // As git-check-ref-format(1) has it.
        let is_bad = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
        let parts_are_bad = rest.contains("..") || rest.contains("@{") || rest.contains("//");
        if rest.contains(is_bad)
            || parts_are_bad
            || text.starts_with(['-', '/', '.'])
            || text.ends_with(['/', '.'])
        {
            return Err(refused("git takes no tag of such a name"));
        }
        Ok(Self {
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for TagTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for TagTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
