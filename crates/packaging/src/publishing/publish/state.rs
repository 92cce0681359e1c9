//! The file that says how far a publication has come.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use semver::Version;
use serde::{Deserialize, Serialize};

use super::packaged::Packaged;
use crate::{Error, whole_file::write_whole};

/// How far a package has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PublishState {
    /// It is to be uploaded.
    Waiting,
    /// Cargo has uploaded it.
    Uploaded,
    /// The index has it.
    WasThere,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    /// The public one, if none is named.
    registry: Option<String>,
    packages: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    package: String,
    version: Version,
    checksum: String,
    state: PublishState,
}

impl Entry {
    fn label(&self) -> String {
        format!("{} {}", self.package, self.version)
    }
}

/// The file, and what is to be in it.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    written: Written,
}

impl StateFile {
    /// Takes up the publication that the file tells of, or begins one if there is no file, or one in which nothing was uploaded.
    pub(super) fn begin(
        path: &Path,
        registry: Option<&str>,
        packaged: &[Packaged],
    ) -> Result<Self, Error> {
        let packages = packaged.iter().map(|package| Entry {
            package: package.name.clone(),
            version: package.version.clone(),
            checksum: package.checksum.clone(),
            state: PublishState::Waiting,
        });
        let mut file = Self {
            path: path.to_owned(),
            written: Written {
                registry: registry.map(str::to_owned),
                packages: packages.collect(),
            },
        };
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(file),
            Err(error) => return Err(Error::file("read", path)(error)),
        };
        let before = serde_json::from_slice(&text)
            .map_err(|error| file.useless(format!("it cannot be read ({error})")))?;
        file.take_up(before)?;
        Ok(file)
    }

    fn take_up(&mut self, before: Written) -> Result<(), Error> {
        let is_begun = |entry: &Entry| entry.state != PublishState::Waiting;
        if !before.packages.iter().any(is_begun) {
            return Ok(());
        }
        let labels = |written: &Written| -> Vec<String> {
            written.packages.iter().map(Entry::label).collect()
        };
        if labels(&before) != labels(&self.written) || before.registry != self.written.registry {
            let registry = before.registry.as_deref().unwrap_or("the public registry");
            let of = format!(
                "it is of publishing {} to {registry}",
                labels(&before).join(", ")
            );
            return Err(self.useless(of));
        }
        for (entry, before) in self.written.packages.iter_mut().zip(before.packages) {
            if entry.checksum != before.checksum {
                return Err(Error::OtherContents {
                    package: before.package,
                    version: before.version.into(),
                    here: entry.checksum.clone(),
                    there: before.checksum,
                    place: format!(
                        "in `{}`, where publishing has begun with it,",
                        self.path.display()
                    ),
                });
            }
            // What was there is asked for anew.
            if before.state == PublishState::Uploaded {
                entry.state = PublishState::Uploaded;
            }
        }
        Ok(())
    }

    fn useless(&self, reason: String) -> Error {
        Error::StateFile {
            path: self.path.clone(),
            reason,
        }
    }

    pub(super) fn of(&self, package: &str) -> PublishState {
        let mut entries = self.written.packages.iter();
        let entry = entries.find(|entry| entry.package == package);
        entry.map_or(PublishState::Waiting, |entry| entry.state)
    }

    pub(super) fn set(&mut self, package: &str, state: PublishState) {
        let mut entries = self.written.packages.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.package == package) {
            entry.state = state;
        }
    }

    /// What is on the registry, and what is not.
    pub(super) fn sides(&self) -> (Vec<String>, Vec<String>) {
        let entries = self.written.packages.iter();
        let (there, missing): (Vec<&Entry>, Vec<&Entry>) =
            entries.partition(|entry| entry.state != PublishState::Waiting);
        let labels = |entries: Vec<&Entry>| entries.into_iter().map(Entry::label).collect();
        (labels(there), labels(missing))
    }

    /// Writes it whole or not at all.
    pub(super) fn write(&self) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(&self.written)
            .map_err(io::Error::from)
            .map_err(Error::file("write", &self.path))?;
        write_whole(&self.path, &text)
    }

    pub(super) fn remove(&self) -> Result<(), Error> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::file("remove", &self.path)(error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
