//! Artefacts, installed as people install them, and the programs in them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    report::{RehearsalCheck, RehearsalOutcome},
    steps::Steps,
    stranger::Stranger,
};
use crate::{Error, Runner, publishing::cargo_command::run_without_secrets, runner::line};

/// A run of a program that shows whether it works.
///
/// ```
/// use tuneup_packaging::Smoke;
///
/// let smoke = Smoke::new("ripgrep", "rg").with_arguments(["--version"]).with_expected("ripgrep 15");
/// assert_eq!(smoke.arguments, ["--version"]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Smoke {
    /// The package that the program is of.
    pub package: String,
    /// Its name.
    pub program: String,
    /// What it is called with.
    pub arguments: Vec<String>,
    /// What its output has somewhere, on one of its two streams. It has to end well in any case.
    pub expected: String,
}

impl Smoke {
    /// A run without arguments, of which nothing but a good end is expected.
    #[must_use]
    pub fn new(package: impl Into<String>, program: impl Into<String>) -> Self {
        Self {
            package: package.into(),
            program: program.into(),
            arguments: Vec::new(),
            expected: String::new(),
        }
    }

    /// Calls the program with these.
    #[must_use]
    pub fn with_arguments(self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            arguments: arguments.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Wants this in the output.
    #[must_use]
    pub fn with_expected(self, expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            ..self
        }
    }

    /// Tries all, in an empty folder; the first that fails is told.
    pub(super) fn all<'a>(
        smokes: impl Iterator<Item = &'a Self>,
        programs: &Path,
        stranger: &Stranger,
        runner: &dyn Runner,
    ) -> Result<RehearsalOutcome, Error> {
        for smoke in smokes {
            let outcome = smoke.try_out(programs, stranger, runner)?;
            if outcome != RehearsalOutcome::Passed {
                return Ok(outcome);
            }
        }
        Ok(RehearsalOutcome::Passed)
    }

    fn try_out(
        &self,
        programs: &Path,
        stranger: &Stranger,
        runner: &dyn Runner,
    ) -> Result<RehearsalOutcome, Error> {
        let program = programs.join(format!("{}{}", self.program, env::consts::EXE_SUFFIX));
        if !program.is_file() {
            return Ok(RehearsalOutcome::failed(format!(
                "there is no program `{}` in it",
                self.program
            )));
        }
        let folder = tempfile::tempdir().map_err(Error::file("make", env::temp_dir()))?;
        let mut command = stranger.command(&program, folder.path());
        command.args(&self.arguments);
        let output = match run(runner, &mut command)? {
            Ok(output) => output,
            Err(reason) => return Ok(RehearsalOutcome::failed(reason)),
        };
        if output.contains(&self.expected) {
            return Ok(RehearsalOutcome::Passed);
        }
        Ok(RehearsalOutcome::failed(format!(
            "`{}` was to say `{}`, and said: {}",
            line(&command),
            self.expected,
            output.trim()
        )))
    }
}

/// In which form a program is handed out.
///
/// ```
/// use tuneup_packaging::Artefact;
///
/// assert_ne!(Artefact::Wheel, Artefact::Deb);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Artefact {
    /// A `.crate`: unpacked by `tar`, and installed by `cargo install --path`.
    CrateFile,
    /// A `.zip`, by `unzip`, or whatever `tar` knows. The program may be in any folder of it.
    Archive,
    /// A Python wheel: installed by pip, without a network, into a virtual environment of its own.
    Wheel,
    /// A Debian package: installed by dpkg under a root of its own; as another user than root, unpacked by `dpkg-deb`.
    Deb,
}

/// An artefact that is installed and tried.
///
/// ```
/// use std::path::PathBuf;
/// use tuneup_packaging::{Artefact, Installable, Smoke};
///
/// let wheel = Installable {
///     artefact: Artefact::Wheel,
///     path: PathBuf::from("dist/mine-0.1.0-py3-none-manylinux_2_34_x86_64.whl"),
///     smoke: Smoke::new("mine", "mine").with_arguments(["--version"]).with_expected("mine 0.1.0"),
/// };
/// assert_eq!(wheel.artefact, Artefact::Wheel);
/// ```
#[derive(Clone, Debug)]
pub struct Installable {
    /// What it is.
    pub artefact: Artefact,
    /// Its file.
    pub path: PathBuf,
    /// How its program is tried.
    pub smoke: Smoke,
}

/// Where the programs are, or why it cannot be installed.
type Installed = Result<PathBuf, String>;

impl Installable {
    pub(super) fn try_out(
        &self,
        stranger: &Stranger,
        scratch: &Path,
        runner: &dyn Runner,
        steps: &mut Steps<'_>,
    ) -> Result<(), Error> {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        let check = RehearsalCheck::Artefact {
            file: file.into_owned(),
        };
        steps.run(&self.smoke.package, check, || {
            if !self.path.is_file() {
                let path = self.path.display();
                return Ok(RehearsalOutcome::failed(format!(
                    "there is no file `{path}`"
                )));
            }
            let folder = tempfile::Builder::new()
                .prefix("artefact-")
                .tempdir_in(scratch)
                .map_err(Error::file("make", scratch))?;
            let place = Place {
                path: self
                    .path
                    .canonicalize()
                    .map_err(Error::file("read", &self.path))?,
                folder: folder.path(),
                stranger,
                runner,
            };
            let installed = match self.artefact {
                Artefact::CrateFile => place.install_crate()?,
                Artefact::Archive => place.unpack_archive(&self.smoke.program)?,
                Artefact::Wheel => place.install_wheel()?,
                Artefact::Deb => place.install_deb()?,
            };
            match installed {
                Ok(programs) => self.smoke.try_out(&programs, stranger, runner),
                Err(reason) => Ok(RehearsalOutcome::failed(reason)),
            }
        })
    }
}

/// An artefact, and the empty folder for it.
struct Place<'a> {
    path: PathBuf,
    folder: &'a Path,
    stranger: &'a Stranger,
    runner: &'a dyn Runner,
}

impl Place<'_> {
    fn command(&self, program: &str) -> Command {
        self.stranger.command(program, self.folder)
    }

    fn install_crate(&self) -> Result<Installed, Error> {
        let mut unpack = self.command("tar");
        unpack.arg("-xzf").arg(&self.path);
        if let Err(reason) = run(self.runner, &mut unpack)? {
            return Ok(Err(reason));
        }
        let folders = fs::read_dir(self.folder).map_err(Error::file("read", self.folder))?;
        let mut folders = folders.flatten().map(|entry| entry.path());
        let Some(sources) = folders.next() else {
            return Ok(Err("the crate is empty".to_owned()));
        };
        let mut install = self.stranger.cargo(self.folder);
        install
            .args([
                "install",
                "--quiet",
                "--debug",
                "--root",
                "installed",
                "--path",
            ])
            .arg(sources);
        let installed = run(self.runner, &mut install)?;
        Ok(installed.map(|_| self.folder.join("installed/bin")))
    }

    fn unpack_archive(&self, program: &str) -> Result<Installed, Error> {
        let is_zip = self
            .path
            .extension()
            .is_some_and(|extension| extension == "zip");
        let mut unpack = self.command(if is_zip { "unzip" } else { "tar" });
        unpack
            .arg(if is_zip { "-q" } else { "-xf" })
            .arg(&self.path);
        if let Err(reason) = run(self.runner, &mut unpack)? {
            return Ok(Err(reason));
        }
        let name = format!("{program}{}", env::consts::EXE_SUFFIX);
        let found = folder_of(self.folder, &name)?;
        Ok(found.ok_or_else(|| format!("there is no program `{program}` in it")))
    }

    fn install_wheel(&self) -> Result<Installed, Error> {
        let mut make = self.command("python3");
        make.args(["-m", "venv", "venv"]);
        if let Err(reason) = run(self.runner, &mut make)? {
            return Ok(Err(reason));
        }
        let programs = self.folder.join(if cfg!(windows) {
            "venv/Scripts"
        } else {
            "venv/bin"
        });
        let mut install = self.stranger.command(programs.join("python"), self.folder);
        install
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--no-index", "--no-deps", "--no-cache-dir"])
            .arg(&self.path);
        Ok(run(self.runner, &mut install)?.map(|_| programs))
    }

    fn install_deb(&self) -> Result<Installed, Error> {
        let mut who = self.command("id");
        let user = match run(self.runner, who.arg("-u"))? {
            Ok(user) => user,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut install = if user.trim() == "0" {
            self.write_dpkg_state()?;
            let mut dpkg = self.command("dpkg");
            // Of what it depends on, this root has nothing; the machine has it.
            dpkg.args(["--force-depends", "--root"])
                .arg(self.folder)
                .arg("--install")
                .arg(&self.path);
            dpkg
        } else {
            let mut extract = self.command("dpkg-deb");
            extract.arg("--extract").arg(&self.path).arg(self.folder);
            extract
        };
        Ok(run(self.runner, &mut install)?.map(|_| self.folder.join("usr/bin")))
    }

    /// What dpkg wants to find under a root.
    fn write_dpkg_state(&self) -> Result<(), Error> {
        let state = self.folder.join("var/lib/dpkg");
        for folder in ["info", "triggers", "updates"] {
            let folder = state.join(folder);
            fs::create_dir_all(&folder).map_err(Error::file("make", folder))?;
        }
        let status = state.join("status");
        fs::write(&status, "").map_err(Error::file("write", status))
    }
}

/// What a program has said on both of its streams; a reason if it has failed or is not there.
fn run(runner: &dyn Runner, command: &mut Command) -> Result<Result<String, String>, Error> {
    match run_without_secrets(runner, command) {
        Ok(Ok(output)) => {
            let said = [&output.stdout[..], &output.stderr].concat();
            Ok(Ok(String::from_utf8_lossy(&said).into_owned()))
        }
        Ok(Err(failure)) => Ok(Err(format!(
            "`{}` has failed: {}",
            failure.command, failure.said
        ))),
        Err(Error::CannotStart { command, source }) => Ok(Err(format!(
            "cannot start `{command}`: {source}; is the program installed, and in a folder of PATH?"
        ))),
        Err(error) => Err(error),
    }
}

/// The folder, below this one, with a file of this name.
fn folder_of(folder: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
    if folder.join(name).is_file() {
        return Ok(Some(folder.to_owned()));
    }
    for entry in fs::read_dir(folder).map_err(Error::file("read", folder))? {
        let entry = entry.map_err(Error::file("read", folder))?;
        // A link may lead anywhere, and in circles.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && let Some(found) = folder_of(&entry.path(), name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
