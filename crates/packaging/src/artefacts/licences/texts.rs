//! Texts of licences, found where packages have them.

use std::{fs, path::Path};

use cargo_metadata::Package;

use crate::{Error, whole_file::read};

/// A text, and those that it is of.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Without white space and capitals: what makes two texts the same.
    letters: String,
    pub(super) text: String,
    /// `name version` each.
    pub(super) packages: Vec<String>,
}

/// Adds a text, or who it is of to one that is there.
pub(super) fn collect(texts: &mut Vec<Text>, text: &str, package: &str) {
    let letters: String = text
        .split_whitespace()
        .flat_map(str::chars)
        .flat_map(char::to_lowercase)
        .collect();
    match texts.iter_mut().find(|other| other.letters == letters) {
        Some(same) if same.packages.last().is_some_and(|last| last == package) => {}
        Some(same) => same.packages.push(package.to_owned()),
        None => texts.push(Text {
            letters,
            text: text.replace("\r\n", "\n"),
            packages: vec![package.to_owned()],
        }),
    }
}

/// How the names of files with licences begin, and of those that a licence asks to be passed on with it.
const LICENCES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "UNLICENSE"];
const NOTICES: &[&str] = &["NOTICE", "COPYRIGHT"];

/// Endings of what is no text but may be named so.
const NO_TEXTS: &[&str] = &["rs", "html", "json", "toml", "yml", "yaml", "py", "sh"];

/// Whether a file of this name is a licence, and not a notice alone.
pub(super) fn is_licence(name: &str) -> bool {
    let own = name.rsplit('/').next().unwrap_or(name).to_uppercase();
    !NOTICES.iter().any(|word| own.starts_with(word))
}

/// The texts of a package, by their paths in it, in order: from its folder, from `LICENSES`, and the file that its manifest names.
pub(super) fn of_package(package: &Package) -> Result<Vec<(String, String)>, Error> {
    let folder = package
        .manifest_path
        .parent()
        .map_or(Path::new("."), |folder| folder.as_std_path());
    let mut names = names_in(folder, "", |name| {
        let upper = name.to_uppercase();
        let ending = Path::new(name)
            .extension()
            .and_then(|ending| ending.to_str());
        LICENCES
            .iter()
            .chain(NOTICES)
            .any(|word| upper.starts_with(word))
            && ending.is_none_or(|ending| !NO_TEXTS.contains(&ending.to_lowercase().as_str()))
    })?;
    if folder.join("LICENSES").is_dir() {
        names.extend(names_in(&folder.join("LICENSES"), "LICENSES/", |_| true)?);
    }
    if let Some(file) = &package.license_file {
        names.push(file.to_string());
    }
    names.sort();
    names.dedup();
    let texts = names.into_iter().map(|name| {
        let bytes = read(&folder.join(&name))?;
        Ok((name, String::from_utf8_lossy(&bytes).into_owned()))
    });
    texts.collect()
}

fn names_in(
    folder: &Path,
    prefix: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let entry = entry.map_err(Error::file("read", folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if is_wanted(&name) && entry.path().is_file() {
            names.push(format!("{prefix}{name}"));
        }
    }
    Ok(names)
}
