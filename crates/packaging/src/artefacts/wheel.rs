//! Programs as Python wheels, so that `pip install` puts them into an environment.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    About, Error, Program, SourceDate,
    artefacts::{
        archive::{ArchivedFile, Packed, differences, length_of, zip},
        contents::{Contents, Entry, own_name},
    },
    sha256::sha256_of,
    whole_file::{WholeFile, read_text},
};

mod metadata;
mod names;
mod platform;
mod record;
mod verify;

pub use verify::verify_wheel;

use self::{
    metadata::Metadata,
    names::{distribution_name, normalized, python_version},
    record::Record,
};

/// A wheel that was written or read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Wheel {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in small hexadecimal digits.
    pub sha256: String,
    /// The version as Python writes it (PEP 440).
    pub version: String,
    /// What it can be installed on: `py3-none-manylinux_2_17_x86_64`.
    pub tags: Vec<String>,
    /// Its files, by name.
    pub files: BTreeMap<String, ArchivedFile>,
}

/// Describes a wheel, and writes it.
///
/// A wheel of programs has no Python in it: pip puts the programs into the folder of scripts of an environment. The platform tag comes from the programs:
/// the versions of glibc's symbols that they use (PEP 600), the C library musl (PEP 656), or the first version of macOS. The format is that
/// of [PEP 427](https://peps.python.org/pep-0427/) with metadata 2.4 ([PEP 639](https://peps.python.org/pep-0639/)).
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{About, SourceDate, System, WheelBuilder, verify_wheel};
///
/// let folder = tempfile::tempdir()?;
/// let about = About::load(Path::new("."), "tuneup-packaging", &System)?;
/// # if !cfg!(target_os = "linux") { return Ok(()); }
/// let wheel = WheelBuilder::new(about)
///     .program("/usr/bin/env")
///     .licence_file("LICENSE-MIT")
///     .write(folder.path(), SourceDate::from_unix(1_700_000_000)?)?;
/// assert_eq!(verify_wheel(&wheel.path)?, wheel);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a wheel is written by `write`"]
pub struct WheelBuilder {
    about: About,
    programs: Vec<PathBuf>,
    licence_files: Vec<PathBuf>,
    data: Vec<(String, PathBuf)>,
    classifiers: Vec<String>,
    requires_python: Option<String>,
    platforms: Vec<String>,
}

impl WheelBuilder {
    /// A wheel of a package, without programs yet.
    pub fn new(about: About) -> Self {
        Self {
            about,
            programs: Vec::new(),
            licence_files: Vec::new(),
            data: Vec::new(),
            classifiers: Vec::new(),
            requires_python: None,
            platforms: Vec::new(),
        }
    }

    /// Adds a program, under its own name. At least one is needed.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.programs.push(path.into());
        self
    }

    /// Adds the text of a licence, under its own name.
    pub fn licence_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.licence_files.push(path.into());
        self
    }

    /// Adds another file, by its place below the environment: `share/man/man1/tool.1`.
    pub fn data_file(mut self, place: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.data.push((place.into(), path.into()));
        self
    }

    /// Adds a classifier: `Environment :: Console`.
    pub fn classifier(mut self, classifier: impl Into<String>) -> Self {
        self.classifiers.push(classifier.into());
        self
    }

    /// Which versions of Python it is for, as `>=3.8`; any by default.
    pub fn requires_python(mut self, versions: impl Into<String>) -> Self {
        self.requires_python = Some(versions.into());
        self
    }

    /// Names a platform instead of finding it out: `linux_x86_64` for a program that needs a library which other systems may lack. Several are several
    /// platforms.
    pub fn platform(mut self, platform: impl Into<String>) -> Self {
        self.platforms.push(platform.into());
        self
    }

    /// Writes the wheel into a folder, which is made; its name follows from what is in it. What was written is read again and verified before it
    /// gets its name.
    ///
    /// Costs the compression at the highest level, and the memory of the wheel and its largest file.
    ///
    /// # Errors
    ///
    /// There is no program, or one that is none; a name or version that Python does not have; a file that cannot be read; a wheel that cannot be
    /// written; or a program that needs what not every system has.
    pub fn write(self, folder: &Path, date: SourceDate) -> Result<Wheel, Error> {
        let name = distribution_name(&self.about.name)?;
        let version = python_version(&self.about.version)?;
        let platforms = self.platforms()?;
        let stem = format!("{}-{version}", normalized(name, "_"));
        let path = folder.join(format!("{stem}-py3-none-{}.whl", platforms.join(".")));
        let tags: Vec<_> = platforms
            .iter()
            .map(|platform| format!("py3-none-{platform}"))
            .collect();
        let (files, info) = self.contents(&stem, &version, &tags)?;

        let mut whole = WholeFile::begin(&path)?;
        let (record, packed) = (
            RefCell::new(Record::default()),
            RefCell::new(BTreeMap::new()),
        );
        whole.fill(|buffer| {
            let put_in = |file: &Packed| {
                let about = ArchivedFile::of(&file.bytes, file.is_program);
                packed.borrow_mut().insert(file.name.clone(), about);
            };
            // What describes the wheel comes last, as its readers like it.
            let each = files.entries().chain(info.entries()).map(|(name, entry)| {
                let file = pack(name, entry)?;
                record.borrow_mut().add(name, &file.bytes);
                put_in(&file);
                Ok(file)
            });
            let last = std::iter::once_with(|| {
                let name = format!("{stem}.dist-info/RECORD");
                let file = Packed {
                    bytes: record.take().text(&name).into_bytes(),
                    name,
                    is_program: false,
                };
                put_in(&file);
                Ok(file)
            });
            zip::write(&path, buffer, each.chain(last), date)
        })?;
        let packed = packed.into_inner();
        let found = verify::check(&path, whole.unfinished())?;
        Error::unless_empty(&path, differences(&packed, &found.files))?;
        whole.keep()?;
        Wheel::new(&path, found)
    }

    fn platforms(&self) -> Result<Vec<String>, Error> {
        let subject = || format!("the wheel of `{}`", self.about.name);
        if self.programs.is_empty() {
            return Err(Error::unfit(subject(), "add a program to it"));
        }
        if let Some(strange) = self
            .platforms
            .iter()
            .find(|platform| !names::is_tag(platform))
        {
            let reason = format!("the platform `{strange}` is not letters, digits and `_`");
            return Err(Error::unfit(subject(), reason));
        }
        if !self.platforms.is_empty() {
            return Ok(self.platforms.clone());
        }
        let programs = self.programs.iter().map(|path| {
            let program = Program::read(path)?;
            let needs = platform::Platform::of(&program).map_err(|problem| {
                Error::unfit(format!("the program `{}`", path.display()), problem)
            })?;
            Ok::<_, Error>((path, needs))
        });
        let mut whole: Option<platform::Platform> = None;
        for program in programs {
            let (path, needs) = program?;
            whole = Some(match whole {
                None => needs,
                Some(whole) => whole.and(needs).ok_or_else(|| {
                    let reason =
                        format!("`{}` is for another system than the others", path.display());
                    Error::unfit(subject(), reason)
                })?,
            });
        }
        Ok(whole.map(platform::Platform::tags).unwrap_or_default())
    }

    /// The files that are installed, and those that describe them.
    fn contents(
        &self,
        stem: &str,
        version: &str,
        tags: &[String],
    ) -> Result<(Contents, Contents), Error> {
        let (mut files, mut info) = (Contents::new(), Contents::new());
        for path in &self.programs {
            let name = format!("{stem}.data/scripts/{}", own_name(path)?);
            files.add_program(&name, path)?;
        }
        for (place, path) in &self.data {
            files.add_file(&format!("{stem}.data/data/{place}"), path)?;
        }
        let mut licences = Vec::new();
        for path in &self.licence_files {
            let name = own_name(path)?;
            info.add_file(&format!("{stem}.dist-info/licenses/{name}"), path)?;
            licences.push(name.to_owned());
        }
        let readme = self.about.readme.as_deref().map(read_text).transpose()?;
        let metadata = Metadata {
            about: &self.about,
            version,
            licence_files: &licences,
            classifiers: &self.classifiers,
            requires_python: self.requires_python.as_deref(),
            readme: readme.as_deref(),
        };
        info.add_text(&format!("{stem}.dist-info/METADATA"), metadata.text()?)?;
        info.add_text(&format!("{stem}.dist-info/WHEEL"), wheel_text(tags))?;
        Ok((files, info))
    }
}

/// How a file of the wheel says what can install it.
fn wheel_text(tags: &[String]) -> String {
    let mut text = format!(
        "Wheel-Version: 1.0\nGenerator: tuneup-packaging {}\nRoot-Is-Purelib: false\n",
        env!("CARGO_PKG_VERSION")
    );
    for tag in tags {
        text += &format!("Tag: {tag}\n");
    }
    text
}

fn pack(name: &str, entry: &Entry) -> Result<Packed, Error> {
    Ok(Packed {
        name: name.to_owned(),
        bytes: entry.bytes()?,
        is_program: entry.is_program,
    })
}

impl Wheel {
    fn new(path: &Path, found: verify::Found) -> Result<Self, Error> {
        Ok(Self {
            path: path.to_owned(),
            bytes: length_of(path)?,
            sha256: sha256_of(path)?,
            version: found.version,
            tags: found.tags,
            files: found.files,
        })
    }
}

#[cfg(test)]
mod tests;
