//! What a wheel says about itself: the file METADATA.

use std::path::Path;

use spdx::Expression;

use crate::{About, Error};

/// What goes into the file.
pub(super) struct Metadata<'a> {
    pub(super) about: &'a About,
    pub(super) version: &'a str,
    pub(super) licence_files: &'a [String],
    pub(super) classifiers: &'a [String],
    pub(super) requires_python: Option<&'a str>,
    pub(super) readme: Option<&'a str>,
}

impl Metadata<'_> {
    /// Fields by version 2.4 of the format, then the README.
    pub(super) fn text(&self) -> Result<String, Error> {
        let about = self.about;
        let mut text = String::new();
        let mut field = |name: &str, value: &str| {
            if value.contains(['\n', '\r']) {
                let reason = format!("a line end in the field {name} would begin another field");
                return Err(Error::unfit(
                    format!("the wheel of `{}`", about.name),
                    reason,
                ));
            }
            text += &format!("{name}: {value}\n");
            Ok(())
        };
        field("Metadata-Version", "2.4")?;
        field("Name", &about.name)?;
        field("Version", self.version)?;
        if let Some(summary) = about.summary_line() {
            field("Summary", &summary)?;
        }
        let (with_address, names): (Vec<_>, Vec<_>) = about
            .authors
            .iter()
            .partition(|author| author.contains('@'));
        for (name, people) in [("Author", names), ("Author-email", with_address)] {
            if !people.is_empty() {
                let people: Vec<_> = people.into_iter().map(String::as_str).collect();
                field(name, &people.join(", "))?;
            }
        }
        if !about.keywords.is_empty() {
            field("Keywords", &about.keywords.join(","))?;
        }
        if let Some(licence) = &about.licence {
            field("License-Expression", &expression(licence)?)?;
        }
        for name in self.licence_files {
            field("License-File", name)?;
        }
        for classifier in self.classifiers {
            field("Classifier", classifier)?;
        }
        if let Some(versions) = self.requires_python {
            field("Requires-Python", versions)?;
        }
        let addresses = [
            ("Homepage", &about.homepage),
            ("Documentation", &about.documentation),
            ("Repository", &about.repository),
        ];
        for (label, address) in addresses {
            if let Some(address) = address {
                field("Project-URL", &format!("{label}, {address}"))?;
            }
        }
        if let Some(readme) = self.readme {
            field(
                "Description-Content-Type",
                content_type(about.readme.as_deref()),
            )?;
            text += &format!("\n{}", readme.replace("\r\n", "\n"));
        }
        Ok(text)
    }
}

/// What a README is written in, by its name; without an ending it is Markdown, as for the public registry of Cargo.
fn content_type(readme: Option<&Path>) -> &'static str {
    let ending = readme.and_then(Path::extension).unwrap_or_default();
    match &ending.to_string_lossy().to_lowercase()[..] {
        "rst" => "text/x-rst; charset=UTF-8",
        "txt" => "text/plain; charset=UTF-8",
        _ => "text/markdown; charset=UTF-8; variant=GFM",
    }
}

/// An SPDX expression as the standard writes it: old manifests have `MIT/Apache-2.0`.
fn expression(licence: &str) -> Result<String, Error> {
    let canonical = Expression::canonicalize(licence)
        .ok()
        .flatten()
        .unwrap_or_else(|| licence.to_owned());
    match Expression::parse(&canonical) {
        Ok(_) => Ok(canonical),
        Err(error) => Err(Error::unfit(
            format!("the licence `{licence}`"),
            format!("it is no SPDX expression: {}", error.reason),
        )),
    }
}
