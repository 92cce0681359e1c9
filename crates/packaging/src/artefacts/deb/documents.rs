//! The documents that each Debian package has.

use std::{io::Write as _, path::PathBuf};

use crate::{About, Error, SourceDate, artefacts::archive::tar_gz::gzip, whole_file::read_text};

use super::control::extended;

/// Compressed as Debian wants it: at the highest level, without a name and a date.
pub(super) fn gzipped(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = gzip(Vec::new());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(Error::file("write", "a compressed file in memory"))
}

/// The changelog of the package, with the one entry of this version.
pub(super) fn changelog(
    package: &str,
    version: &str,
    about: &About,
    maintainer: &str,
    date: SourceDate,
) -> String {
    format!(
        "{package} ({version}) unstable; urgency=medium\n\n  * Release {}.\n\n -- {maintainer}  {}\n",
        about.version,
        date.rfc2822()
    )
}

/// The copyright file, in the [form that machines read](https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/).
pub(super) fn copyright(
    about: &About,
    holders: Option<&str>,
    licence_files: &[PathBuf],
) -> Result<String, Error> {
    let subject = || format!("the Debian package of `{}`", about.name);
    let (Some(licence), false) = (&about.licence, licence_files.is_empty()) else {
        let reason = "it needs a licence: `license` in the manifest, and the file with its text";
        return Err(Error::unfit(subject(), reason));
    };
    let texts = licence_files
        .iter()
        .map(|path| Ok(read_text(path)?.replace("\r\n", "\n")));
    let texts = texts.collect::<Result<Vec<_>, Error>>()?;
    let holders = match holders {
        Some(holders) => holders.lines().map(str::trim).map(str::to_owned).collect(),
        None => holders_of(&texts, &about.authors),
    };
    let holders: Vec<_> = holders
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
    if holders.is_empty() {
        let reason = "it needs somebody who has the copyright: `authors` in the manifest, or the copyright of the package";
        return Err(Error::unfit(subject(), reason));
    }
    let mut text =
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n".to_owned();
    text += &format!("Upstream-Name: {}\n", about.name);
    if let Some(source) = about.repository.as_ref().or(about.homepage.as_ref()) {
        text += &format!("Source: {source}\n");
    }
    text += &format!(
        "\nFiles: *\nCopyright: {}\nLicense: {}\n",
        holders.join("\n           "),
        short_name(licence)
    );
    for (index, licence) in texts.iter().enumerate() {
        if index > 0 {
            text += " .\n";
        }
        text += &match on_debian(licence) {
            Some(name) => extended(&format!(
                "The text of this licence is on each Debian system, in the file\n/usr/share/common-licenses/{name}"
            )),
            None => extended(licence),
        };
    }
    Ok(text)
}

/// Who has the copyright by the texts of the licences, as `2015 Ada`; the authors if no text says so. A year is not made up.
fn holders_of(texts: &[String], authors: &[String]) -> Vec<String> {
    let mut holders: Vec<String> = Vec::new();
    // Of the well-known texts, it is the text that somebody has the copyright of.
    let own = texts.iter().filter(|text| on_debian(text).is_none());
    for line in own.flat_map(|text| text.lines()) {
        let Some(rest) = line.trim().strip_prefix("Copyright ") else {
            continue;
        };
        let marks = ["(c) ", "(C) ", "© "];
        let marked = marks.iter().find_map(|mark| rest.strip_prefix(mark));
        let is_dated = rest.starts_with(|first: char| first.is_ascii_digit());
        // Templates have names in brackets for who fills them in.
        let holder = marked
            .or(is_dated.then_some(rest))
            .filter(|holder| !holder.contains(['[', '{']));
        if let Some(holder) = holder.map(str::trim)
            && !holders.iter().any(|other| other == holder)
        {
            holders.push(holder.to_owned());
        }
    }
    if holders.is_empty() {
        authors.to_vec()
    } else {
        holders
    }
}

/// Licences that each Debian system has, which packages must not repeat: the file, and words of the title.
const COMMON: &[(&str, [&str; 2])] = &[
    (
        "Apache-2.0",
        ["Apache License", "Version 2.0, January 2004"],
    ),
    (
        "GPL-2",
        ["GNU GENERAL PUBLIC LICENSE", "Version 2, June 1991"],
    ),
    (
        "GPL-3",
        ["GNU GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007"],
    ),
    (
        "LGPL-2.1",
        [
            "GNU LESSER GENERAL PUBLIC LICENSE",
            "Version 2.1, February 1999",
        ],
    ),
    (
        "LGPL-3",
        [
            "GNU LESSER GENERAL PUBLIC LICENSE",
            "Version 3, 29 June 2007",
        ],
    ),
    ("MPL-2.0", ["Mozilla Public License", "ersion 2.0"]),
];

/// Whole licences are longer than this; what is shorter only speaks of one.
const SHORT: usize = 6000;

/// The name under which each Debian system has this text.
fn on_debian(licence: &str) -> Option<&'static str> {
    let title: String = licence.trim_start().chars().take(200).collect();
    let found = COMMON
        .iter()
        .find(|(_, words)| words.iter().all(|word| title.contains(word)));
    found
        .filter(|_| licence.len() > SHORT)
        .map(|(name, _)| *name)
}

/// An SPDX expression with Debian's words.
fn short_name(licence: &str) -> String {
    let words = licence.replace('/', " OR ");
    let words = words.split_whitespace().map(|word| match word {
        "OR" => "or",
        "AND" => "and",
        "WITH" => "with",
        "MIT" => "Expat",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
}
