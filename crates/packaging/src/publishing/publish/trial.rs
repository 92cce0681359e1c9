//! Uses what was published, from where it was published.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use super::Publication;
use crate::{
    Error, RehearsalOutcome, Runner,
    publishing::{cargo_command, rehearse::Subject},
    workspace::cargo,
};

/// A project that depends on all libraries builds, and all programs can be installed, in a scratch folder.
///
/// Cargo's configuration is the user's, since a registry other than the public one is known from there; sources are the registry's all the same.
pub(super) fn try_out(
    publication: &Publication<'_>,
    runner: &dyn Runner,
) -> Result<RehearsalOutcome, Error> {
    let folder = tempfile::Builder::new()
        .prefix("tuneup-published-")
        .tempdir()
        .map_err(Error::file("make", std::env::temp_dir()))?;
    let mut metadata = Command::new(cargo());
    metadata.current_dir(&publication.workspace.root);
    let subjects = Subject::all(&mut metadata, runner)?;
    write_project(publication, folder.path(), &subjects)?;
    let mut build = in_scratch(folder.path());
    build.args(["build", "--quiet"]);
    if let Err(failure) = cargo_command::run(runner, &mut build)? {
        return Ok(RehearsalOutcome::failed(failure.said));
    }
    for subject in subjects
        .iter()
        .filter(|subject| !subject.programs.is_empty())
    {
        let mut install = in_scratch(folder.path());
        install.args(["install", "--quiet", "--debug", "--root", "installed"]);
        install.args(["--version", &format!("={}", subject.version), &subject.name]);
        if let Some(registry) = &publication.registry {
            install.args(["--registry", registry]);
        }
        if let Err(failure) = cargo_command::run(runner, &mut install)? {
            let name = &subject.name;
            return Ok(RehearsalOutcome::failed(format!(
                "`cargo install {name}`: {}",
                failure.said
            )));
        }
    }
    Ok(RehearsalOutcome::Passed)
}

fn in_scratch(folder: &Path) -> Command {
    let mut command = Command::new(cargo());
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    command
}

fn write_project(
    publication: &Publication<'_>,
    folder: &Path,
    subjects: &[Subject],
) -> Result<(), Error> {
    let registry = match &publication.registry {
        Some(name) => format!(", registry = \"{name}\""),
        None => String::new(),
    };
    let mut manifest = "[package]\nname = \"trial\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n[workspace]\n\n[dependencies]\n".to_owned();
    let mut program = String::new();
    let libraries = subjects.iter().filter(|subject| subject.has_library);
    for (number, subject) in libraries.enumerate() {
        let (name, version) = (&subject.name, &subject.version);
        // Writing to a text cannot fail.
        _ = writeln!(
            manifest,
            "used{number} = {{ package = \"{name}\", version = \"={version}\"{registry} }}"
        );
        _ = writeln!(program, "extern crate used{number} as _;");
    }
    program += "fn main() {}\n";
    fs::create_dir_all(folder.join("src")).map_err(Error::file("make", folder))?;
    for (file, text) in [("Cargo.toml", manifest), ("src/main.rs", program)] {
        let path = folder.join(file);
        fs::write(&path, text).map_err(Error::file("write", path))?;
    }
    Ok(())
}
