//! What is to be published, as Cargo packages it.

use semver::Version;

use super::Publication;
use crate::{Error, Member, Runner, publishing::cargo_command, sha256::sha256_of};

/// A package with its `.crate`.
#[derive(Clone, Debug)]
pub(super) struct Packaged {
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) checksum: String,
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
    let folder = publication.workspace.target.join("package");
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
