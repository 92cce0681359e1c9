//! What a package says about itself, for those who list or install it.

use std::path::{Path, PathBuf};

use semver::Version;
use serde::Serialize;

use crate::{Error, Runner, workspace::metadata};

/// What a manifest says about a package. Wheels and Debian packages repeat it; change a field where they have to say something else.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{About, System};
///
/// let mut about = About::load(Path::new("."), "tuneup-packaging", &System)?;
/// assert_eq!(about.licence.as_deref(), Some("MIT OR Apache-2.0"));
/// about.name = "tuneup-tools".to_owned();
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct About {
    /// The name of the package.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// One sentence: `description` in the manifest.
    pub summary: Option<String>,
    /// An SPDX expression: `license` in the manifest.
    pub licence: Option<String>,
    /// A name each, mostly with `<address>` behind it.
    pub authors: Vec<String>,
    /// Words that it is found by.
    pub keywords: Vec<String>,
    /// Where people read about it.
    pub homepage: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// Where its documentation is.
    pub documentation: Option<String>,
    /// Its README, if it has one.
    pub readme: Option<PathBuf>,
}

impl About {
    /// With nothing but a name.
    ///
    /// ```
    /// use tuneup_packaging::About;
    ///
    /// let mut about = About::new("tool", "1.0.0".parse().unwrap());
    /// about.summary = Some("Does what tools do".to_owned());
    /// ```
    pub fn new(name: impl Into<String>, version: Version) -> Self {
        Self {
            name: name.into(),
            version,
            summary: None,
            licence: None,
            authors: Vec::new(),
            keywords: Vec::new(),
            homepage: None,
            repository: None,
            documentation: None,
            readme: None,
        }
    }

    /// Asks Cargo for a package of the workspace around a folder. Takes some ten milliseconds; no network is used.
    ///
    /// # Errors
    ///
    /// There is no workspace, or no package of this name in it.
    pub fn load(folder: &Path, package: &str, runner: &dyn Runner) -> Result<Self, Error> {
        let mut packages = metadata(folder, runner)?.packages.into_iter();
        let Some(found) = packages.find(|other| *other.name == package) else {
            let reason = format!(
                "no package of the workspace of `{}` has this name",
                folder.display()
            );
            return Err(Error::unfit(format!("`{package}`"), reason));
        };
        let readme = found
            .readme()
            .map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf);
        Ok(Self {
            name: found.name.to_string(),
            version: found.version,
            summary: found.description,
            licence: found.license,
            authors: found.authors,
            keywords: found.keywords,
            homepage: found.homepage,
            repository: found.repository,
            documentation: found.documentation,
            readme,
        })
    }

    /// The summary in one line: what people wrote over several lines is joined.
    pub(crate) fn summary_line(&self) -> Option<String> {
        let words: Vec<_> = self.summary.as_deref()?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}
