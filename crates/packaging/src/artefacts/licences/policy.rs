//! Which licences are allowed.

use std::path::PathBuf;

use cargo_metadata::Package;
use spdx::{Expression, Licensee, ParseMode};

use crate::{Error, whole_file::read_text};

use super::{LicensedPackage, OwnTexts};

/// Which licences are allowed, which packages are an exception and why, and where missing texts are.
///
/// ```
/// use tuneup_packaging::LicencePolicy;
///
/// let policy = LicencePolicy::new(["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"])
///     .except("self-made", "LICENSE", "read on 2024-05-01: the terms of MIT in other words")
///     .text_of("textless", "licences/textless.txt")
///     .with_standard_texts();
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, Default)]
pub struct LicencePolicy {
    allowed: Vec<String>,
    exceptions: Vec<Exception>,
    texts: OwnTexts,
    has_standard_texts: bool,
}

#[derive(Clone, Debug)]
struct Exception {
    package: String,
    licence: String,
    reason: String,
}

impl LicencePolicy {
    /// Allows these licences, as SPDX names them. Of an expression with `OR` one has to be allowed, with `AND` all.
    pub fn new<L: Into<String>>(allowed: impl IntoIterator<Item = L>) -> Self {
        Self {
            allowed: allowed.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Accepts one more licence of one package, for a reason, which is shown in reports. The licence is as the manifest of the package says it; for a package
    /// that names a file instead, the name of the file.
    #[must_use]
    pub fn except(
        mut self,
        package: impl Into<String>,
        licence: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        self.exceptions.push(Exception {
            package: package.into(),
            licence: licence.into(),
            reason: reason.into(),
        });
        self
    }

    /// Takes the text of a package's licence from here, instead of from the package.
    #[must_use]
    pub fn text_of(mut self, package: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.texts
            .entry(package.into())
            .or_default()
            .push(path.into());
        self
    }

    /// Takes the text of SPDX for a package that comes without one. It does not say who has the copyright; the authors are named beside it.
    #[must_use]
    pub fn with_standard_texts(mut self) -> Self {
        self.has_standard_texts = true;
        self
    }

    pub(super) fn compile(&self) -> Result<Compiled<'_>, Error> {
        let subject = |licence: &str| format!("the licence `{licence}` of the policy");
        let licensees = self.allowed.iter().map(|licence| {
            Licensee::parse(licence).map_err(|error| {
                Error::unfit(
                    subject(licence),
                    format!("SPDX does not know it: {}", error.reason),
                )
            })
        });
        let without = self
            .exceptions
            .iter()
            .find(|exception| exception.reason.trim().is_empty());
        if let Some(exception) = without {
            let subject = format!("the exception for `{}`", exception.package);
            return Err(Error::unfit(subject, "give it a reason"));
        }
        Ok(Compiled {
            policy: self,
            licensees: licensees.collect::<Result<_, Error>>()?,
        })
    }

    /// Exceptions that no package has needed.
    pub(super) fn unused(&self, packages: &[LicensedPackage]) -> Vec<String> {
        let is_used = |exception: &&Exception| {
            packages.iter().any(|package| {
                package.name == exception.package
                    && package.exception.as_ref() == Some(&exception.reason)
            })
        };
        let unused = self
            .exceptions
            .iter()
            .filter(|exception| !is_used(exception));
        unused
            .map(|exception| format!("`{}` with {}", exception.package, exception.licence))
            .collect()
    }
}

/// A policy whose licences were looked up.
pub(super) struct Compiled<'a> {
    policy: &'a LicencePolicy,
    licensees: Vec<Licensee>,
}

impl Compiled<'_> {
    /// Why a package is accepted although its licence is not allowed, if it is so; or why it is not accepted.
    pub(super) fn judge(&self, package: &Package) -> Result<Option<String>, String> {
        let said = package.license.clone();
        let file = package.license_file.as_ref().map(ToString::to_string);
        let reason = match (&said, &file) {
            (Some(licence), _) => match Expression::parse_mode(licence, ParseMode::LAX) {
                Ok(expression) if self.allows(&expression) => return Ok(None),
                Ok(_) => format!("has the licence {licence}, which is not allowed"),
                Err(error) => format!(
                    "has the licence `{licence}`, which is no SPDX expression ({})",
                    error.reason
                ),
            },
            (None, Some(file)) => format!(
                "names no licence but the file `{file}`; read it, and make an exception if it is all right"
            ),
            (None, None) => "names no licence".to_owned(),
        };
        let mut exceptions = self.policy.exceptions.iter();
        let fits = |licence: &str| said.as_deref().or(file.as_deref()) == Some(licence);
        match exceptions
            .find(|exception| exception.package == *package.name && fits(&exception.licence))
        {
            Some(exception) => Ok(Some(exception.reason.clone())),
            None => Err(reason),
        }
    }

    fn allows(&self, expression: &Expression) -> bool {
        expression.evaluate(|wanted| {
            self.licensees
                .iter()
                .any(|allowed| allowed.satisfies(wanted))
        })
    }

    /// The texts that the policy gives for a package: names of files, and what is in them.
    pub(super) fn own_texts(&self, package: &str) -> Result<Option<Vec<(String, String)>>, Error> {
        let Some(paths) = self.policy.texts.get(package) else {
            return Ok(None);
        };
        let texts = paths.iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // Whatever its name is: the policy says that it is one.
            Ok((format!("LICENSE: {name}"), read_text(path)?))
        });
        texts.collect::<Result<_, Error>>().map(Some)
    }

    /// The texts of SPDX, of the fewest licences that are enough, with the authors; none unless the policy takes them.
    pub(super) fn standard_texts(&self, package: &Package) -> Vec<(String, String)> {
        let licence = package.license.as_deref().unwrap_or_default();
        let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
            return Vec::new();
        };
        if !self.policy.has_standard_texts {
            return Vec::new();
        }
        let enough = expression
            .minimized_requirements(&self.licensees)
            .unwrap_or_default();
        let texts = enough.iter().filter_map(|wanted| {
            let id = wanted.license.id()?;
            let mut text = format!("Copyright (c) {}\n\n", package.authors.join(", "));
            if package.authors.is_empty() {
                text = format!("Copyright (c) the authors of {}\n\n", package.name);
            }
            text += id.text();
            Some((wanted.to_string(), text))
        });
        texts.collect()
    }
}
