//! Programs as Debian packages, written without Debian's tools.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    About, Contents, Error, Program, SourceDate,
    artefacts::{archive::length_of, contents::own_name},
    sha256::sha256_of,
    whole_file::{WholeFile, read},
};

mod ar;
mod control;
mod depends;
mod documents;
mod tarball;

use self::{control::Control, tarball::Tarball};

/// A Debian package that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Deb {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in small hexadecimal digits.
    pub sha256: String,
    /// Its name as Debian has it.
    pub package: String,
    /// Its version as Debian has it: `1.0.0~rc.1-1`.
    pub version: String,
    /// For which processors: `amd64`.
    pub architecture: String,
    /// What it depends on: `libc6 (>= 2.34)`.
    pub depends: Vec<String>,
    /// What it installs, by path.
    pub files: BTreeSet<String>,
}

/// Describes a Debian package, and writes it.
///
/// The package follows the [Debian policy](https://www.debian.org/doc/debian-policy/) for what programs need: a changelog, a copyright file that machines can
/// read, hashes, and dependencies on packages of libraries, with the versions of the symbols that the programs really use. It has no scripts and no
/// configuration files. Debian wants programs without symbols: set `strip = true` in the profile that they are built with.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{About, DebBuilder, SourceDate, System};
///
/// let folder = tempfile::tempdir()?;
/// let about = About::load(Path::new("."), "tuneup-packaging", &System)?;
/// # if !cfg!(target_os = "linux") { return Ok(()); }
/// let version = about.version.to_string();
/// let deb = DebBuilder::new(about, "Ada <ada@example.org>")
///     .program("/usr/bin/env")
///     .licence_file("LICENSE-MIT")
///     .write(folder.path(), SourceDate::from_unix(1_700_000_000)?)?;
/// let name = format!("tuneup-packaging_{version}-1_{}.deb", deb.architecture);
/// assert!(deb.path.ends_with(name));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a package is written by `write`"]
pub struct DebBuilder {
    about: About,
    maintainer: String,
    copyright: Option<String>,
    description: Option<String>,
    section: String,
    revision: String,
    programs: Vec<PathBuf>,
    man_pages: Vec<PathBuf>,
    licence_files: Vec<PathBuf>,
    completions: Vec<(Shell, PathBuf)>,
    others: Vec<(String, PathBuf)>,
    changelog: Option<PathBuf>,
    library_packages: BTreeMap<String, String>,
}

/// A shell that completes words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shell {
    /// GNU Bash: the file is named as the program.
    Bash,
    /// Fish: the file is named as the program, with `.fish`.
    Fish,
    /// Z shell: the file is named as the program, with `_` before.
    Zsh,
}

impl Shell {
    fn folder(self) -> &'static str {
        match self {
            Self::Bash => "usr/share/bash-completion/completions",
            Self::Fish => "usr/share/fish/vendor_completions.d",
            Self::Zsh => "usr/share/zsh/vendor-completions",
        }
    }
}

impl DebBuilder {
    /// A package, without programs yet. Who keeps it is a name with an address in angle brackets.
    pub fn new(about: About, maintainer: impl Into<String>) -> Self {
        Self {
            about,
            maintainer: maintainer.into(),
            copyright: None,
            description: None,
            section: "utils".to_owned(),
            revision: "1".to_owned(),
            programs: Vec::new(),
            man_pages: Vec::new(),
            licence_files: Vec::new(),
            completions: Vec::new(),
            others: Vec::new(),
            changelog: None,
            library_packages: BTreeMap::new(),
        }
    }

    /// Adds a program to `/usr/bin`, under its own name. At least one is needed.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.programs.push(path.into());
        self
    }

    /// Adds a man page, under its own name: `tool.1`. It is compressed.
    pub fn man_page(mut self, path: impl Into<PathBuf>) -> Self {
        self.man_pages.push(path.into());
        self
    }

    /// Adds completions of a shell, under their own name.
    pub fn completions(mut self, shell: Shell, path: impl Into<PathBuf>) -> Self {
        self.completions.push((shell, path.into()));
        self
    }

    /// Adds the text of a licence to the copyright file.
    pub fn licence_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.licence_files.push(path.into());
        self
    }

    /// Adds another file, by its place: `usr/share/tool/themes/dark.toml`. Configuration in `etc` is refused: dpkg would have to ask about it.
    pub fn file(mut self, place: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.others.push((place.into(), path.into()));
        self
    }

    /// The changelog for people. It is compressed.
    pub fn changelog(mut self, path: impl Into<PathBuf>) -> Self {
        self.changelog = Some(path.into());
        self
    }

    /// Who has the copyright, with years, in a line each: `2024 Ada`. By default those that the texts of the licences name, or else the authors.
    pub fn copyright(mut self, holders: impl Into<String>) -> Self {
        self.copyright = Some(holders.into());
        self
    }

    /// What the program is, in a few sentences. By default the summary, if it was too long for the first line, and the names of the programs.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// The section of the archive: `utils` by default, `devel` for what programmers use.
    pub fn section(mut self, section: impl Into<String>) -> Self {
        self.section = section.into();
        self
    }

    /// Which package of this version it is: 1 by default.
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = revision.into();
        self
    }

    /// Tells which package has a library that is not one of the C library and the compiler: `libssl.so.3` is in `libssl3`.
    pub fn library_package(
        mut self,
        library: impl Into<String>,
        package: impl Into<String>,
    ) -> Self {
        self.library_packages.insert(library.into(), package.into());
        self
    }

    /// Writes the package into a folder, which is made; its name follows from what is in it.
    ///
    /// Costs the compression at the highest level, and twice the memory of all files compressed.
    ///
    /// # Errors
    ///
    /// There is no program or licence, or a program that is none of Linux; a name, version or other field that Debian does not have; a library whose package is
    /// not known; a file that cannot be read; or a package that cannot be written.
    pub fn write(self, folder: &Path, date: SourceDate) -> Result<Deb, Error> {
        let package = control::package_name(&self.about.name)?;
        let version = control::debian_version(&self.about.version, &self.revision)?;
        let (architecture, depends) = self.needs()?;
        let mut files = Tarball::new(date);
        for (name, entry) in self.contents(&package, &version, date)?.entries() {
            files.add(name, &entry.bytes()?, entry.is_program)?;
        }
        let files = files.finish()?;
        let control = Control {
            about: &self.about,
            package: &package,
            version: &version,
            architecture,
            maintainer: &self.maintainer,
            section: &self.section,
            description: self.description.as_deref(),
            programs: &self.programs,
            depends: &depends,
            installed_kib: files.installed_kib,
        };
        let mut descriptions = Tarball::new(date);
        descriptions.add("control", control.text()?.as_bytes(), false)?;
        descriptions.add("md5sums", files.md5sums.as_bytes(), false)?;
        let descriptions = descriptions.finish()?;

        let path = folder.join(format!("{package}_{version}_{architecture}.deb"));
        let mut whole = WholeFile::begin(&path)?;
        whole.fill(|buffer| {
            let bytes = ar::archive(
                &[
                    ("debian-binary", b"2.0\n"),
                    ("control.tar.gz", &descriptions.bytes),
                    ("data.tar.gz", &files.bytes),
                ],
                date,
            );
            buffer
                .write_all(&bytes)
                .map_err(Error::file("write", &path))
        })?;
        whole.keep()?;
        Ok(Deb {
            bytes: length_of(&path)?,
            sha256: sha256_of(&path)?,
            path,
            package,
            version,
            architecture: architecture.to_owned(),
            depends,
            files: files.names,
        })
    }

    /// The processor of all programs, and what they depend on.
    fn needs(&self) -> Result<(&'static str, Vec<String>), Error> {
        let subject = || format!("the Debian package of `{}`", self.about.name);
        let mut whole = depends::Depends::default();
        let mut architecture = None;
        for path in &self.programs {
            let subject = format!("the program `{}`", path.display());
            let program = Program::read(path)?;
            let own = control::architecture(&program)
                .map_err(|problem| Error::unfit(&subject, problem))?;
            if architecture.is_some_and(|other| other != own) {
                return Err(Error::unfit(
                    subject,
                    "it is for another processor than the others",
                ));
            }
            architecture = Some(own);
            whole
                .add(&program, &self.library_packages)
                .map_err(|problem| Error::unfit(&subject, problem))?;
        }
        match architecture {
            Some(architecture) => Ok((architecture, whole.list())),
            None => Err(Error::unfit(subject(), "add a program to it")),
        }
    }

    fn contents(&self, package: &str, version: &str, date: SourceDate) -> Result<Contents, Error> {
        let mut contents = Contents::new();
        for path in &self.programs {
            contents.add_program(&format!("usr/bin/{}", own_name(path)?), path)?;
        }
        for path in &self.man_pages {
            let name = own_name(path)?;
            let section = name
                .rsplit('.')
                .next()
                .filter(|section| section.starts_with(|first: char| ('1'..='9').contains(&first)));
            let Some(section) = section else {
                let reason = "its name does not end with a section, as `tool.1` does";
                return Err(Error::unfit(
                    format!("the man page `{}`", path.display()),
                    reason,
                ));
            };
            let folder = format!("usr/share/man/man{}", &section[..1]);
            let page = documents::gzipped(&read(path)?)?;
            contents.add_text(&format!("{folder}/{name}.gz"), page)?;
        }
        for (shell, path) in &self.completions {
            contents.add_file(&format!("{}/{}", shell.folder(), own_name(path)?), path)?;
        }
        for (place, path) in &self.others {
            if place.starts_with("etc/") {
                let reason = "files in `etc` are configuration, which this package does not keep; install a default below `usr/share`";
                return Err(Error::unfit(format!("the file `{place}`"), reason));
            }
            contents.add_file(place, path)?;
        }
        let documents = format!("usr/share/doc/{package}");
        if let Some(path) = &self.changelog {
            let text = documents::gzipped(&read(path)?)?;
            contents.add_text(&format!("{documents}/changelog.gz"), text)?;
        }
        let own = documents::changelog(package, version, &self.about, &self.maintainer, date);
        let own = documents::gzipped(own.as_bytes())?;
        contents.add_text(&format!("{documents}/changelog.Debian.gz"), own)?;
        let holders = self.copyright.as_deref();
        let text = documents::copyright(&self.about, holders, &self.licence_files)?;
        contents.add_text(&format!("{documents}/copyright"), text)?;
        Ok(contents)
    }
}

#[cfg(test)]
mod tests;
