//! Where a profile goes, and how many older ones stay beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use regex_lite::Regex;

use crate::{Error, Profile, export};

/// A path that was checked when the session started.
#[derive(Debug)]
pub(crate) struct Keeping {
    path: PathBuf,
    files: u32,
    filter: Option<Regex>,
}

impl Keeping {
    /// `None` if nothing is to be saved.
    pub(crate) fn new(
        path: Option<PathBuf>,
        files: u32,
        filter: Option<String>,
    ) -> Result<Option<Self>, Error> {
        let compile = |pattern: String| match Regex::new(&pattern) {
            Ok(regex) => Ok(regex),
            Err(source) => Err(Error::Filter { pattern, source }),
        };
        let filter = filter.map(compile).transpose()?;
        let Some(path) = path else {
            return Ok(None);
        };
        let path = with_process_number(&path);
        export::check(&path)?;
        check_writable(&path)?;
        Ok(Some(Self {
            path,
            files,
            filter,
        }))
    }

    pub(crate) fn path(&self) -> &PathBuf {
        &self.path
    }

    pub(crate) fn save(&self, profile: &Profile) -> Result<(), Error> {
        match &self.filter {
            Some(filter) => profile.matching(filter).save(&self.path),
            None => profile.save(&self.path),
        }
    }

    /// Moves what was saved before one number up first. The newest stays where it is until it is replaced: whenever the process
    /// is killed, there is a whole file under the path itself.
    pub(crate) fn save_and_rotate(&self, profile: &Profile) -> Result<(), Error> {
        for number in (2..self.files).rev() {
            let (from, to) = (self.numbered(number - 1), self.numbered(number));
            unless_missing(fs::rename(from, &to), &to)?;
        }
        if self.files > 1 {
            let second = self.numbered(1);
            unless_missing(fs::remove_file(&second), &second)?;
            let linked = fs::hard_link(&self.path, &second);
            // Not every file system has links.
            let kept = linked.or_else(|_| fs::copy(&self.path, &second).map(drop));
            unless_missing(kept, &second)?;
        }
        self.save(profile)
    }

    /// `profile.json`, `profile.1.json`, `profile.2.json`, …
    fn numbered(&self, number: u32) -> PathBuf {
        if number == 0 {
            return self.path.clone();
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let (stem, extension) = export::split_name(&name);
        self.path
            .with_file_name(format!("{stem}.{number}{extension}"))
    }
}

/// At first there is nothing to move.
fn unless_missing(moved: io::Result<()>, path: &Path) -> Result<(), Error> {
    match moved {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Write {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

fn with_process_number(path: &Path) -> PathBuf {
    let Some(text) = path.to_str() else {
        return path.to_owned();
    };
    PathBuf::from(text.replace("{pid}", &std::process::id().to_string()))
}

/// Finds out now what saving would run into later, when nobody is left to choose another path.
fn check_writable(path: &Path) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let probe = folder.join(format!(".tuneup-{}", std::process::id()));
    fs::File::create(&probe)
        .and_then(|_| fs::remove_file(&probe))
        .map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
}
