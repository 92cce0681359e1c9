//! What is to be published, as Cargo packages it.

use std::path::Path;

use semver::Version;

use super::Publication;
use crate::{
    Error, Index, IndexedVersion, Member, Runner, publishing::cargo_command, sha256::sha256_of,
};

/// A package with its `.crate`.
#[derive(Clone, Debug)]
pub(super) struct Packaged {
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) checksum: String,
}

impl Packaged {
    /// Whether the index has it. What is there has to be the same, and not taken back.
    pub(super) fn is_in(&self, index: &dyn Index) -> Result<bool, Error> {
        let there = index.version(&self.name, &self.version)?;
        match there {
            None => Ok(false),
            Some(IndexedVersion {
                is_yanked: true, ..
            }) => Err(Error::TakenBack {
                package: self.name.clone(),
                version: self.version.clone().into(),
            }),
            Some(there) if there.checksum == self.checksum => Ok(true),
            Some(there) => Err(Error::OtherContents {
                package: self.name.clone(),
                version: self.version.clone().into(),
                here: self.checksum.clone(),
                there: there.checksum,
                place: "on the registry".to_owned(),
            }),
        }
    }
}

/// Packages all at once: those that are not on the registry yet find each other.
pub(super) fn package(
    publication: &Publication<'_>,
    order: &[&Member],
    runner: &dyn Runner,
) -> Result<Vec<Packaged>, Error> {
    if order.is_empty() {
        return Ok(Vec::new());
    }
    let mut command = publication.cargo("package");
    command.arg("--quiet").args(publication.packages(order));
    if !publication.verifies {
        command.arg("--no-verify");
    }
    if let Err(failure) = cargo_command::run(runner, &mut command)? {
        return Err(failure.into());
    }
    read(order, &publication.workspace.target.join("package"))
}

/// What lies in a folder, under the names that Cargo gives.
pub(super) fn read(order: &[&Member], folder: &Path) -> Result<Vec<Packaged>, Error> {
    let packaged = order.iter().map(|member| {
        let path = folder.join(format!("{}-{}.crate", member.name, member.version));
        Ok(Packaged {
            name: member.name.clone(),
            version: member.version.clone(),
            checksum: sha256_of(&path)?,
        })
    });
    packaged.collect()
}

/// Whether what was packaged is what lies in a folder.
pub(super) fn compare(
    packaged: &[Packaged],
    order: &[&Member],
    folder: &Path,
) -> Result<(), Error> {
    let before = read(order, folder)?;
    let other = packaged
        .iter()
        .zip(before)
        .find(|(now, before)| now.checksum != before.checksum);
    match other {
        None => Ok(()),
        Some((now, before)) => Err(Error::PackagedAnew {
            package: now.name.clone(),
            version: now.version.clone().into(),
            here: now.checksum.clone(),
            before: before.checksum,
            folder: folder.to_owned(),
        }),
    }
}
