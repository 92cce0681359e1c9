//! Looks at a wheel as its installer should: pip compares no hash when it installs from a file.

use std::{collections::BTreeMap, fs::File, io::Read as _, path::Path};

use crate::{
    Error,
    artefacts::archive::{ArchivedFile, zip},
};

use super::{
    Wheel,
    names::normalized,
    record::{self, Row, hash_text},
};

/// Descriptions are texts of some kilobytes; what is longer than this is none.
const LONGEST_TEXT: u64 = 16 << 20;

/// Reads a wheel, by whomever it was made, and compares all that it says about itself.
///
/// Its name has the five parts that it must have (six with a build number); name, version and tags are the same in the name of the file, of the folder of
/// descriptions, in METADATA and in WHEEL; RECORD has each file once, with its length and a strong hash, and both are right; each licence that is named is there.
/// Reads all of it once; needs the memory of its descriptions.
///
/// # Errors
///
/// [`Error::Faulty`] names all that is wrong.
///
/// ```
/// use tuneup_packaging::verify_wheel;
///
/// let error = verify_wheel(std::path::Path::new("tool-1.0.0.whl")).unwrap_err();
/// assert!(error.to_string().contains("cannot read"));
/// ```
pub fn verify_wheel(path: &Path) -> Result<Wheel, Error> {
    Wheel::new(path, check(path, path)?)
}

/// What was found in a wheel that is as it should be.
pub(super) struct Found {
    pub(super) version: String,
    pub(super) tags: Vec<String>,
    pub(super) files: BTreeMap<String, ArchivedFile>,
}

/// Looks at the file `from`, whose name is to be that of `path`.
pub(super) fn check(path: &Path, from: &Path) -> Result<Found, Error> {
    let faulty = |problem: String| Error::faulty(path, problem);
    let file = File::open(from).map_err(Error::file("read", path))?;
    let name = FileName::of(path).map_err(faulty)?;
    let files = zip::files(&file).map_err(faulty)?;
    let info = format!("{}-{}.dist-info", name.name, name.version);
    let text = |part: &str| text_of(&file, &format!("{info}/{part}")).map_err(faulty);

    let mut problems = Vec::new();
    problems.extend(strange_folders(&files, &name, &info));
    problems.extend(problems_of_record(&text("RECORD")?, &files, &info));
    problems.extend(problems_of_wheel(&text("WHEEL")?, &name));
    problems.extend(problems_of_metadata(
        &text("METADATA")?,
        &name,
        &files,
        &info,
    ));
    let scripts = format!("{}-{}.data/scripts/", name.name, name.version);
    let not_run = files
        .iter()
        .filter(|(name, file)| name.starts_with(&scripts) && !file.is_program);
    problems.extend(not_run.map(|(name, _)| format!("`{name}` is not marked as a program")));
    Error::unless_empty(path, problems)?;
    Ok(Found {
        version: name.version.clone(),
        tags: name.tags(),
        files,
    })
}

/// The parts of a wheel's name.
struct FileName {
    name: String,
    version: String,
    tag: [String; 3],
}

impl FileName {
    fn of(path: &Path) -> Result<Self, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parts: Vec<_> = name
            .strip_suffix(".whl")
            .unwrap_or_default()
            .split('-')
            .collect();
        let (head, tag) = match parts[..] {
            [name, version, python, abi, platform] => ([name, version], [python, abi, platform]),
            [name, version, build, python, abi, platform]
                if build.starts_with(|first: char| first.is_ascii_digit()) =>
            {
                ([name, version], [python, abi, platform])
            }
            _ => return Err("its name is not `name-version-python-abi-platform.whl`".to_owned()),
        };
        let is_tag = |part: &str| part.split('.').all(super::names::is_tag);
        if let Some(strange) = tag.iter().find(|part| !is_tag(part)) {
            return Err(format!(
                "the tag `{strange}` in its name is not letters, digits and `_`"
            ));
        }
        let [name, version] = head.map(str::to_owned);
        if name.is_empty() || !version.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(format!(
                "`{name}-{version}` in its name is no name and version"
            ));
        }
        if normalized(&name, "_") != name.to_lowercase() {
            return Err(format!(
                "the name `{name}` is written `{}`",
                normalized(&name, "_")
            ));
        }
        Ok(Self {
            name,
            version,
            tag: tag.map(str::to_owned),
        })
    }

    /// Each combination of the parts.
    fn tags(&self) -> Vec<String> {
        let [pythons, abis, platforms] = &self.tag;
        let mut tags = Vec::new();
        for python in pythons.split('.') {
            for abi in abis.split('.') {
                tags.extend(
                    platforms
                        .split('.')
                        .map(|platform| format!("{python}-{abi}-{platform}")),
                );
            }
        }
        tags
    }
}

/// Another package's folder of descriptions or data would be installed over that of the other package.
fn strange_folders(
    files: &BTreeMap<String, ArchivedFile>,
    name: &FileName,
    info: &str,
) -> Vec<String> {
    let data = format!("{}-{}.data", name.name, name.version);
    let mut strange: Vec<_> = files
        .keys()
        .filter_map(|name| name.split('/').next())
        .filter(|folder| folder.ends_with(".dist-info") || folder.ends_with(".data"))
        .filter(|folder| *folder != info && *folder != data)
        .map(|folder| format!("the folder `{folder}` does not belong to `{}`", name.name))
        .collect();
    strange.dedup();
    strange
}

fn problems_of_record(
    text: &str,
    files: &BTreeMap<String, ArchivedFile>,
    info: &str,
) -> Vec<String> {
    let (mut rows, mut problems) = record::parse(text);
    let own = format!("{info}/RECORD");
    // A signature can only be made when the record is complete.
    let needs_none =
        |name: &str| name == own || name == format!("{own}.jws") || name == format!("{own}.p7s");
    for (name, file) in files {
        match rows.remove(name) {
            None if needs_none(name) && *name != own => {}
            None => problems.push(format!("RECORD lacks `{name}`")),
            Some(row) if needs_none(name) => {
                if !row.hash.is_empty() || !row.length.is_empty() {
                    problems.push(format!(
                        "RECORD has a hash of `{name}`, which cannot be right"
                    ));
                }
            }
            Some(row) => problems.extend(problem_of_row(name, &row, file)),
        }
    }
    problems.extend(
        rows.keys()
            .map(|name| format!("RECORD has `{name}`, and the wheel has not")),
    );
    problems
}

fn problem_of_row(name: &str, row: &Row, file: &ArchivedFile) -> Option<String> {
    let expected = hash_text(&bytes_of(&file.sha256));
    if row.length != file.bytes.to_string() {
        Some(format!(
            "`{name}` has {} bytes, and {} in RECORD",
            file.bytes, row.length
        ))
    } else if !row.hash.starts_with("sha256=") {
        Some(format!("the hash of `{name}` in RECORD is no SHA-256"))
    } else if row.hash != expected {
        Some(format!("`{name}` has another hash than in RECORD"))
    } else {
        None
    }
}

fn bytes_of(hex: &str) -> [u8; 32] {
    std::array::from_fn(|index| {
        u8::from_str_radix(hex.get(2 * index..2 * index + 2).unwrap_or("0"), 16).unwrap_or(0)
    })
}

fn problems_of_wheel(text: &str, name: &FileName) -> Vec<String> {
    let mut problems = Vec::new();
    match &values(text, "Wheel-Version")[..] {
        [version] if version.starts_with("1.") => {}
        _ => problems.push("WHEEL does not say version 1 of the format".to_owned()),
    }
    let [mut said, mut named] = [values(text, "Tag"), name.tags()];
    said.sort();
    named.sort();
    if said != named {
        problems.push(format!(
            "its name has the tags {}, and WHEEL has {}",
            named.join(" "),
            said.join(" ")
        ));
    }
    problems
}

fn problems_of_metadata(
    text: &str,
    name: &FileName,
    files: &BTreeMap<String, ArchivedFile>,
    info: &str,
) -> Vec<String> {
    let mut problems = Vec::new();
    let one = |field: &str| values(text, field).into_iter().next().unwrap_or_default();
    let (said, version) = (one("Name"), one("Version"));
    if normalized(&said, "_") != name.name.to_lowercase() {
        problems.push(format!("METADATA has the name `{said}`"));
    }
    if version != name.version {
        problems.push(format!("METADATA has the version `{version}`"));
    }
    if one("Metadata-Version").is_empty() {
        problems.push("METADATA does not say its version".to_owned());
    }
    let licences = values(text, "License-File").into_iter().filter(|licence| {
        let places = [
            format!("{info}/licenses/{licence}"),
            format!("{info}/{licence}"),
        ];
        !places.iter().any(|place| files.contains_key(place))
    });
    problems.extend(licences.map(|licence| format!("the licence `{licence}` is missing")));
    problems
}

/// The values of a field, which end where the text begins.
fn values(text: &str, field: &str) -> Vec<String> {
    let lines = text.lines().take_while(|line| !line.is_empty());
    let fields = lines.filter_map(|line| line.split_once(':'));
    fields
        .filter(|(name, _)| name.eq_ignore_ascii_case(field))
        .map(|(_, value)| value.trim().to_owned())
        .collect()
}

fn text_of(file: &File, name: &str) -> Result<String, String> {
    let mut archive = zip::open(file)?;
    let entry = archive
        .by_name(name)
        .map_err(|_| format!("`{name}` is missing"))?;
    let mut text = String::new();
    let length = entry
        .take(LONGEST_TEXT + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("`{name}`: {error}"))?;
    if length as u64 > LONGEST_TEXT {
        return Err(format!("`{name}` is longer than {LONGEST_TEXT} bytes"));
    }
    Ok(text)
}
