//! Taking a whole release back, and the undoing of that.

use std::process::Command;

use semver::Version;
use serde::Serialize;

use crate::{Error, Index, Member, Runner, Workspace, publishing::cargo_command, workspace::cargo};

/// Takes a release back: nobody depends on it anew, and those who do already go on.
///
/// All packages are tried, whatever becomes of one of them; to run it again does what is left. What others need goes last, and comes back first.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{CargoIndex, System, Withdrawal, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let withdrawal = Withdrawal::of(&workspace).at("0.2.0".parse().unwrap());
/// for package in withdrawal.run(&CargoIndex::new(&System), &System)?.packages {
///     println!("{} {}: {:?}", package.package, package.version, package.outcome);
/// }
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[doc(alias = "yank")]
#[derive(Clone, Debug)]
#[must_use = "nothing is taken back before `run`"]
pub struct Withdrawal<'a> {
    workspace: &'a Workspace,
    version: Option<Version>,
    registry: Option<String>,
}

/// What has become of a package.
///
/// ```
/// use tuneup_packaging::YankOutcome;
///
/// assert_eq!(serde_json::to_string(&YankOutcome::Done).unwrap(), "{\"outcome\":\"done\"}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
#[non_exhaustive]
pub enum YankOutcome {
    /// It is as it was to be.
    Done,
    /// It was so already.
    WasSo,
    /// The registry has no such version.
    NotThere,
    /// It stays as it was.
    Failed {
        /// What Cargo said.
        reason: String,
    },
}

/// A package that was to be taken back or brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct YankedPackage {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: Version,
    /// What has become of it.
    #[serde(flatten)]
    pub outcome: YankOutcome,
}

/// What was taken back or brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct YankReport {
    /// In the order in which they were tried.
    pub packages: Vec<YankedPackage>,
}

impl YankReport {
    /// Whether nothing has failed. What is not there can be neither taken back nor brought back.
    #[must_use]
    pub fn is_all_right(&self) -> bool {
        let mut packages = self.packages.iter();
        !packages.any(|package| matches!(package.outcome, YankOutcome::Failed { .. }))
    }
}

impl<'a> Withdrawal<'a> {
    /// A withdrawal of all published packages, at the versions of the checkout, from the public registry.
    pub fn of(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            version: None,
            registry: None,
        }
    }

    /// The same packages at another version, as of an earlier release in lock-step.
    pub fn at(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// From a registry that Cargo's configuration knows by this name.
    pub fn registry(mut self, name: impl Into<String>) -> Self {
        self.registry = Some(name.into());
        self
    }

    /// Takes everything back.
    ///
    /// # Errors
    ///
    /// [`Error::Cycle`], or Cargo cannot be started. What a registry refuses is in the report.
    pub fn run(self, index: &dyn Index, runner: &dyn Runner) -> Result<YankReport, Error> {
        let mut order = self.workspace.publish_order()?;
        order.reverse();
        self.set(&order, true, index, runner)
    }

    /// Brings everything back.
    ///
    /// # Errors
    ///
    /// As [`Withdrawal::run`].
    #[doc(alias = "unyank")]
    pub fn undo(self, index: &dyn Index, runner: &dyn Runner) -> Result<YankReport, Error> {
        let order = self.workspace.publish_order()?;
        self.set(&order, false, index, runner)
    }

    fn set(
        &self,
        order: &[&Member],
        is_yanked: bool,
        index: &dyn Index,
        runner: &dyn Runner,
    ) -> Result<YankReport, Error> {
        let mut packages = Vec::new();
        for member in order {
            let version = self.version.as_ref().unwrap_or(&member.version);
            let outcome = match index.version(&member.name, version) {
                Ok(None) => YankOutcome::NotThere,
                Ok(Some(there)) if there.is_yanked == is_yanked => YankOutcome::WasSo,
                // Of a version that needs what was taken back, Cargo does not tell how it is.
                Ok(Some(_)) | Err(Error::CommandFailed { .. }) => {
                    self.set_one(&member.name, version, is_yanked, runner)?
                }
                Err(error @ Error::CannotStart { .. }) => return Err(error),
                Err(error) => YankOutcome::Failed {
                    reason: error.to_string(),
                },
            };
            packages.push(YankedPackage {
                package: member.name.clone(),
                version: version.clone(),
                outcome,
            });
        }
        Ok(YankReport { packages })
    }

    fn set_one(
        &self,
        package: &str,
        version: &Version,
        is_yanked: bool,
        runner: &dyn Runner,
    ) -> Result<YankOutcome, Error> {
        let mut command = Command::new(cargo());
        command
            .args([
                "yank",
                "--quiet",
                "--version",
                &version.to_string(),
                package,
            ])
            .current_dir(&self.workspace.root);
        if !is_yanked {
            command.arg("--undo");
        }
        if let Some(registry) = &self.registry {
            command.args(["--registry", registry]);
        }
        Ok(match cargo_command::run(runner, &mut command)? {
            Ok(_) => YankOutcome::Done,
            Err(failure) => YankOutcome::Failed {
                reason: failure.said,
            },
        })
    }
}
