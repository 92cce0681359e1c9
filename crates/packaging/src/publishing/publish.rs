//! Publishing for real, so that it can be stopped at any time and taken up again.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use semver::Version;
use serde::Serialize;

use crate::{
    Clock, Error, Index, Member, RehearsalOutcome, Runner, Workspace,
    publishing::cargo_command::{self, Failure},
    workspace::cargo,
};

mod packaged;
mod state;
mod trial;

use self::{
    packaged::Packaged,
    state::{PublishState, StateFile},
};

/// Publishes a workspace to a registry: each package once, each after those that it needs.
///
/// 1. All packages are packaged, and built from that; their checksums are taken.
/// 2. The index is asked for each. What is there with the same checksum is skipped; with another one, nothing is done at all.
/// 3. A state file says what is to come. It is written before the first upload and after each, whole or not at all, and is gone when all is done.
/// 4. Each package is uploaded by `cargo publish`; the next one waits until the index has it.
/// 5. A project that depends on all of them builds from the registry, and programs are installed from it.
///
/// Whatever stops it, to run it again takes it up where it was: Cargo itself refuses to publish a workspace a part of which is there.
///
/// Tokens are Cargo's business: from the environment or from its credential store. They are not read here, and what looks like one in the output of Cargo is
/// in no error. The commands run with the environment of this process; without a network of its own, everything is done through Cargo.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{CargoIndex, Publication, System, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let publication = Publication::of(&workspace, Path::new("target/publish.json"));
/// let report = publication.run(&CargoIndex::new(&System), &System, &System, &|_| {})?;
/// for package in report.packages {
///     println!("{} {} {}", package.package, package.version, package.checksum);
/// }
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is published before `run`"]
pub struct Publication<'a> {
    workspace: &'a Workspace,
    state: PathBuf,
    registry: Option<String>,
    patience: Duration,
    verifies: bool,
    tries_out: bool,
    crate_files: Option<PathBuf>,
}

/// What has become of a package.
///
/// ```
/// use tuneup_packaging::Arrival;
///
/// assert_eq!(serde_json::to_string(&Arrival::WasThere).unwrap(), "\"was_there\"");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Arrival {
    /// The registry had it before, with the same checksum.
    WasThere,
    /// It was uploaded.
    Uploaded,
}

/// A package that is on the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PublishedPackage {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: Version,
    /// SHA-256 of its `.crate`, here and there.
    pub checksum: String,
    /// How it has got there.
    pub arrival: Arrival,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PublishReport {
    /// In the order of their publishing.
    pub packages: Vec<PublishedPackage>,
    /// Whether they could be used from the registry. All of them are there in any case.
    pub trial: RehearsalOutcome,
    /// How long everything took, in milliseconds.
    pub took_ms: u64,
}

/// What a publication tells while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishProgress<'a> {
    /// All packages are being packaged, and built if that is wanted.
    Packaging,
    /// The registry has it.
    Skipped(&'a str),
    /// It is being uploaded.
    Uploading(&'a str),
    /// The index does not have it yet.
    Waiting(&'a str),
    /// Everything is there, and is being used from there.
    TryingOut,
}

/// By default, so long is waited for the index to have a package.
const PATIENCE: Duration = Duration::from_secs(300);

/// Between two questions to the index: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl<'a> Publication<'a> {
    /// A publication of everything that a workspace publishes, to the public registry. The state file keeps what is needed to take it up again.
    pub fn of(workspace: &'a Workspace, state: &Path) -> Self {
        Self {
            workspace,
            state: state.to_owned(),
            registry: None,
            patience: PATIENCE,
            verifies: true,
            tries_out: true,
            crate_files: None,
        }
    }

    /// To a registry that Cargo's configuration knows by this name.
    pub fn registry(mut self, name: impl Into<String>) -> Self {
        self.registry = Some(name.into());
        self
    }

    /// How long to wait until the index has a package; five minutes by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether what is packaged is built before the first upload; so by default.
    pub fn verify(mut self, verifies: bool) -> Self {
        self.verifies = verifies;
        self
    }

    /// Whether everything is used from the registry at the end; so by default.
    pub fn try_out(mut self, tries_out: bool) -> Self {
        self.tries_out = tries_out;
        self
    }

    /// The folder with the `.crate` files that were looked at and used before: nothing else is uploaded. They are named as Cargo names them.
    pub fn crate_files(mut self, folder: &Path) -> Self {
        self.crate_files = Some(folder.to_owned());
        self
    }

    /// Packages, reads the state file and asks the index what it has of all this; it uploads and writes nothing. Where [`Publication::crate_files`] are given,
    /// what is packaged is not built: whoever looked at them has done that.
    ///
    /// # Errors
    ///
    /// As [`Publication::run`] before the first upload: what is packaged is another than what was looked at ([`Error::PackagedAnew`]), the state file is of another
    /// release ([`Error::StateFile`]), something is there with other contents ([`Error::OtherContents`]), or was taken back ([`Error::TakenBack`]).
    pub fn check(&self, index: &dyn Index, runner: &dyn Runner) -> Result<(), Error> {
        let order = self.workspace.publish_order()?;
        let packaged = match &self.crate_files {
            Some(_) => self.clone().verify(false).packaged(&order, runner)?,
            None => self.packaged(&order, runner)?,
        };
        StateFile::begin(&self.state, self.registry.as_deref(), &packaged)?;
        for package in &packaged {
            package.is_in(index)?;
        }
        Ok(())
    }

    /// Publishes what is not there yet.
    ///
    /// # Errors
    ///
    /// - [`Error::Cycle`]; [`Error::CommandFailed`], if something cannot be packaged: nothing has been uploaded.
    /// - [`Error::PackagedAnew`]: a package is not the one of [`Publication::crate_files`].
    /// - [`Error::OtherContents`]: a version is on the registry with another checksum, or its checksum is not the one with which publishing began.
    /// - [`Error::TakenBack`]: a version is on the registry, and yanked.
    /// - [`Error::PublishStopped`]: an upload has failed. It says what is there and what is not; run it again to go on.
    /// - [`Error::IndexIsLate`]: the index has no uploaded package after all this time; run it again to go on.
    /// - [`Error::StateFile`], [`Error::File`]: the state file is of another release, cannot be read, or cannot be written.
    pub fn run(
        self,
        index: &dyn Index,
        runner: &dyn Runner,
        clock: &dyn Clock,
        progress: &dyn Fn(&PublishProgress<'_>),
    ) -> Result<PublishReport, Error> {
        let begun = clock.now();
        let order = self.workspace.publish_order()?;
        progress(&PublishProgress::Packaging);
        let packaged = self.packaged(&order, runner)?;
        let mut run = Run {
            state: StateFile::begin(&self.state, self.registry.as_deref(), &packaged)?,
            publication: &self,
            index,
            runner,
            clock,
            progress,
        };
        run.check_all(&packaged)?;
        run.state.write()?;
        let mut packages = Vec::new();
        for package in &packaged {
            packages.push(run.publish(package)?);
        }
        run.state.remove()?;
        let trial = if self.tries_out {
            progress(&PublishProgress::TryingOut);
            trial::try_out(&self, runner)?
        } else {
            RehearsalOutcome::skipped("it was not asked for")
        };
        let took = clock.now().duration_since(begun).unwrap_or_default();
        Ok(PublishReport {
            packages,
            trial,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// What Cargo packages, which is what was looked at.
    fn packaged(&self, order: &[&Member], runner: &dyn Runner) -> Result<Vec<Packaged>, Error> {
        let packaged = packaged::package(self, order, runner)?;
        if let Some(folder) = &self.crate_files {
            packaged::compare(&packaged, order, folder)?;
        }
        Ok(packaged)
    }

    /// A Cargo in the workspace. Where the registry is not the public one, it is named.
    fn cargo(&self, verb: &str) -> Command {
        let mut command = Command::new(cargo());
        command.arg(verb).current_dir(&self.workspace.root);
        if let Some(registry) = &self.registry {
            command.args(["--registry", registry]);
        }
        command
    }

    fn packages(&self, order: &[&Member]) -> Vec<String> {
        let names = order.iter().map(|member| member.name.clone());
        names
            .flat_map(|name| ["--package".to_owned(), name])
            .collect()
    }
}

/// A publication that goes on.
struct Run<'a> {
    publication: &'a Publication<'a>,
    state: StateFile,
    index: &'a dyn Index,
    runner: &'a dyn Runner,
    clock: &'a dyn Clock,
    progress: &'a dyn Fn(&PublishProgress<'_>),
}

impl Run<'_> {
    /// Before anything is uploaded: whether all that is there is what is here.
    fn check_all(&mut self, packaged: &[Packaged]) -> Result<(), Error> {
        for package in packaged {
            if package.is_in(self.index)? {
                self.state.set(&package.name, PublishState::WasThere);
            }
        }
        Ok(())
    }

    fn publish(&mut self, package: &Packaged) -> Result<PublishedPackage, Error> {
        let arrival = match self.state.of(&package.name) {
            PublishState::WasThere => {
                (self.progress)(&PublishProgress::Skipped(&package.name));
                Arrival::WasThere
            }
            // It was sent before, and the index did not have it a moment ago.
            PublishState::Uploaded => {
                self.wait(package)?;
                Arrival::Uploaded
            }
            PublishState::Waiting => {
                self.upload(package)?;
                self.state.set(&package.name, PublishState::Uploaded);
                self.state.write()?;
                self.wait(package)?;
                Arrival::Uploaded
            }
        };
        Ok(PublishedPackage {
            package: package.name.clone(),
            version: package.version.clone(),
            checksum: package.checksum.clone(),
            arrival,
        })
    }

    fn upload(&self, package: &Packaged) -> Result<(), Error> {
        (self.progress)(&PublishProgress::Uploading(&package.name));
        let mut command = self.publication.cargo("publish");
        // All of them have been built already, if that was wanted.
        command.args(["--quiet", "--no-verify", "--package", &package.name]);
        match cargo_command::run(self.runner, &mut command)? {
            Ok(_) => Ok(()),
            // The upload may have come through, and the answer not. The registry says so.
            Err(failure) => match package.is_in(self.index) {
                Ok(true) => Ok(()),
                Ok(false) if is_there_already(&failure) => Ok(()),
                Err(error @ (Error::OtherContents { .. } | Error::TakenBack { .. })) => Err(error),
                Ok(false) | Err(_) => Err(self.stopped(package, failure)),
            },
        }
    }

    fn stopped(&self, package: &Packaged, failure: Failure) -> Error {
        let (there, missing) = self.state.sides();
        Error::PublishStopped {
            package: package.name.clone(),
            version: package.version.clone().into(),
            said: failure.said,
            there: there.into(),
            missing: missing.into(),
            state: self.publication.state.clone(),
        }
    }

    /// Until the index has it. The first question is asked at once: Cargo itself has waited for a while.
    fn wait(&self, package: &Packaged) -> Result<(), Error> {
        let mut pause = FIRST_PAUSE;
        let mut waited = Duration::ZERO;
        loop {
            match package.is_in(self.index) {
                Ok(true) => return Ok(()),
                // Who cannot be asked now may be asked later.
                Ok(false) | Err(Error::CommandFailed { .. }) => {}
                Err(error) => return Err(error),
            }
            if waited >= self.publication.patience {
                return Err(Error::IndexIsLate {
                    package: package.name.clone(),
                    version: package.version.clone().into(),
                    waited,
                    state: self.publication.state.clone(),
                });
            }
            (self.progress)(&PublishProgress::Waiting(&package.name));
            let rest = self.publication.patience.saturating_sub(waited);
            self.clock.sleep(pause.min(rest));
            waited += pause.min(rest);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether Cargo or the registry has refused an upload because the version is there. Their sentences, and no single word of them: names of packages and
/// folders are in what is said, too, and what is taken for uploaded is never sent again.
fn is_there_already(failure: &Failure) -> bool {
    let sentences = [
        // Cargo, who has asked the index.
        "already exists on",
        // The public registry.
        "is already uploaded",
        // The one on loopback.
        "is there already",
    ];
    sentences
        .iter()
        .any(|sentence| failure.said.contains(sentence))
}
