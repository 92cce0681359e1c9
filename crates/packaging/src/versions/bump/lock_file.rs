//! The lock file with other versions of members, as Cargo would write it.

use std::{ops::Range, path::Path};

use semver::Version;
use toml_edit::{Document, Item, Table};

use crate::{
    Error, NextVersion,
    versions::file_edits::{line_end, splice},
};

#[cfg(test)]
mod tests;

/// What begins a package.
const PACKAGE: &str = "[[package]]";

pub(super) fn after(path: &Path, text: &str, versions: &[NextVersion]) -> Result<String, Error> {
    let document = Document::parse(text).map_err(|source| Error::Manifest {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    let packages = document.get("package").and_then(Item::as_array_of_tables);
    let mut places: Vec<(Range<usize>, String)> = Vec::new();
    for package in packages.into_iter().flatten() {
        places.extend(own_version(package, versions));
        places.extend(needed_versions(package, versions));
    }
    Ok(in_order(&splice(text, places)))
}

/// A package of the workspace has no source.
fn own_version(package: &Table, versions: &[NextVersion]) -> Option<(Range<usize>, String)> {
    let word = |key: &str| package.get(key).and_then(Item::as_str);
    let (name, version) = (word("name")?, word("version")?);
    let next = versions.iter().find(|next| next.package == name)?;
    if word("source").is_some() || version != next.from.to_string() {
        return None;
    }
    let range = package.get("version")?.span()?;
    Some((range, format!("\"{}\"", next.to)))
}

/// A package is named with its version where there are several of its name, and in old lock files always.
fn needed_versions(package: &Table, versions: &[NextVersion]) -> Vec<(Range<usize>, String)> {
    let needed = package.get("dependencies").and_then(Item::as_array);
    let places = needed.into_iter().flatten().filter_map(|entry| {
        let (name, version) = entry.as_str()?.split_once(' ')?;
        let next = versions.iter().find(|next| next.package == name)?;
        if version != next.from.to_string() {
            return None;
        }
        Some((entry.span()?, format!("\"{name} {}\"", next.to)))
    });
    places.collect()
}

/// Packages by name, version and source, and what they need by name and version: a version that has changed may have another place.
fn in_order(text: &str) -> String {
    let Some(begin) = text.find(PACKAGE) else {
        return text.to_owned();
    };
    let (head, rest) = text.split_at(begin);
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if line.starts_with('[') && line.trim_end() != PACKAGE {
            break;
        }
        end += line.len();
    }
    let (packages, tail) = rest.split_at(end);
    let newline = line_end(text);
    let mut packages: Vec<String> = packages
        .split(PACKAGE)
        .skip(1)
        .map(|package| with_needs_in_order(package.trim_end()))
        .collect();
    packages.sort_by_cached_key(|package| key(package));
    let packages: Vec<String> = packages
        .iter()
        .map(|package| format!("{PACKAGE}{package}{newline}"))
        .collect();
    let gap = if tail.is_empty() { "" } else { newline };
    format!("{head}{}{gap}{tail}", packages.join(newline))
}

/// The order of Cargo's lists of packages.
fn key(package: &str) -> (String, Option<Version>, String) {
    let word = |key: &str| {
        let lines = package.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        values
            .next()
            .map_or("", |value| value.trim_end_matches('"'))
    };
    (
        word("name").to_owned(),
        word("version").parse().ok(),
        word("source").to_owned(),
    )
}

fn with_needs_in_order(package: &str) -> String {
    let begin = "dependencies = [";
    let Some((before, list)) = package.split_once(begin) else {
        return package.to_owned();
    };
    let Some((list, after)) = list.split_once(']') else {
        return package.to_owned();
    };
    let mut lines: Vec<&str> = list
        .trim_start_matches(['\r', '\n'])
        .split_inclusive('\n')
        .collect();
    // Name, version and source are compared one after the other.
    lines.sort_by_cached_key(|line| {
        let words = line.trim().trim_matches(['"', ',']).split(' ');
        words.map(str::to_owned).collect::<Vec<_>>()
    });
    let newline = line_end(list);
    format!("{before}{begin}{newline}{}]{after}", lines.concat())
}
