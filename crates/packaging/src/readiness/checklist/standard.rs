//! The checks that fit every workspace.

mod documentation;
mod packaging;
mod quality;
mod security;
mod test_runs;

use std::path::PathBuf;

use super::check::Check;
use crate::{AllowedSource, Area, ReadmeOptions, State, Workspace};

/// The checks that fit every workspace, and what they need to know.
///
/// | area | checks |
/// |---|---|
/// | security | `secrets`, `advisories`, `sources`, `yanked`, `unsafe`, `signatures` |
/// | quality | `format`, `lints` |
/// | tests | `tests`, `unpacked` |
/// | documentation | `docs`, `readme`, `changelog` |
/// | packaging | `contents`, `metadata`, `msrv` |
/// | performance | `bench-gate` |
///
/// What is not given stays unknown, which counts as failed, until it is given or declared not applicable with a reason.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{Readiness, StandardChecks, System, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let standard = StandardChecks::new(&workspace)
///     .skip_command("cargo run --example forever", "it runs until it is stopped");
/// let checklist = Readiness::builder(&workspace.root)
///     .checks(standard.checks())
///     .not_applicable("bench-gate", "no release was measured before")
///     .build()?;
/// // `checklist.run()` takes a build of the workspace, or two.
/// # drop(checklist);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "the checks are made by checks()"]
pub struct StandardChecks<'a> {
    workspace: Workspace,
    advisories: Option<PathBuf>,
    allowed_secrets: Option<PathBuf>,
    allowed_sources: Vec<AllowedSource>,
    recorded_unsafe: Option<PathBuf>,
    readme: ReadmeOptions,
    all_features: bool,
    is_tested_once: bool,
    signatures: Option<Check<'a>>,
    bench_gate: Option<Check<'a>>,
}

impl<'a> StandardChecks<'a> {
    /// For a workspace, with all features, and nothing allowed.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// assert!(StandardChecks::new(&workspace).checks().len() > 10);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn new(workspace: &Workspace) -> Self {
        Self {
            workspace: workspace.clone(),
            advisories: None,
            allowed_secrets: None,
            allowed_sources: Vec::new(),
            recorded_unsafe: None,
            readme: ReadmeOptions::new(workspace),
            all_features: true,
            is_tested_once: false,
            signatures: None,
            bench_gate: None,
        }
    }

    /// The checkout of an advisory database, for `advisories`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let standard = StandardChecks::new(&workspace).advisories("advisory-db");
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn advisories(mut self, database: impl Into<PathBuf>) -> Self {
        self.advisories = Some(database.into());
        self
    }

    /// A file of [`AllowedSecrets`](crate::AllowedSecrets), for `secrets`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let standard = StandardChecks::new(&workspace).allowed_secrets("allowed-secrets.toml");
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn allowed_secrets(mut self, file: impl Into<PathBuf>) -> Self {
        self.allowed_secrets = Some(file.into());
        self
    }

    /// Sources beside crates.io, for `sources`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// use tuneup_packaging::AllowedSource;
    ///
    /// let fork = AllowedSource::new("git+https://example.org/fork.git", "until our change is released");
    /// let standard = StandardChecks::new(&workspace).allowed_sources([fork]);
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn allowed_sources(mut self, sources: impl IntoIterator<Item = AllowedSource>) -> Self {
        self.allowed_sources.extend(sources);
        self
    }

    /// A file of counts, as [`read_unsafe_counts`](crate::read_unsafe_counts) reads it, for `unsafe`: with it, unsafe code may not grow
    /// unnoticed.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let standard = StandardChecks::new(&workspace).recorded_unsafe("unsafe.toml");
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn recorded_unsafe(mut self, file: impl Into<PathBuf>) -> Self {
        self.recorded_unsafe = Some(file.into());
        self
    }

    /// A command of a README that is not run: how it begins, and why not.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let standard = StandardChecks::new(&workspace).skip_command("cargo run --example server", "it runs until it is stopped");
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn skip_command(mut self, begin: impl Into<String>, reason: impl Into<String>) -> Self {
        self.readme = self.readme.skip(begin, reason);
        self
    }

    /// A variable of the environment of the commands of READMEs.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let standard = StandardChecks::new(&workspace).command_env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn command_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.readme = self.readme.env(name, value);
        self
    }

    /// Another folder for clones and what is built of them; by default `tuneup/readiness` in the target folder.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let standard = StandardChecks::new(&workspace).scratch(workspace.target.join("scratch"));
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.readme.scratch = folder.into();
        self
    }

    /// Default features alone, for workspaces whose features exclude each other.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let checks = StandardChecks::new(&workspace).default_features().checks();
    /// assert!(checks.iter().all(|check| !check.line().contains("--all-features")));
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn default_features(mut self) -> Self {
        self.all_features = false;
        self
    }

    /// Runs each test once: `tests` leaves the packages out that are published, and `unpacked` runs theirs in what is uploaded. Halves the time
    /// of both; what a test finds in the checkout alone, it does not find then, and a test that is not uploaded does not run.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let checks = StandardChecks::new(&workspace).tested_once().checks();
    /// let tests = checks.iter().find(|check| check.id() == "tests").unwrap();
    /// assert!(tests.line().contains("--exclude tuneup-packaging"));
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn tested_once(mut self) -> Self {
        self.is_tested_once = true;
        self
    }

    /// What proves the signatures of the artefacts, in place of `signatures`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// use tuneup_packaging::{Area, Check, State};
    ///
    /// let verify = Check::new("signatures", Area::Security, "the artefacts are signed", "minisign -V", |_| {
    ///     Ok(State::unknown("there is no artefact yet"))
    /// });
    /// let standard = StandardChecks::new(&workspace).signatures(verify);
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn signatures(mut self, check: Check<'a>) -> Self {
        self.signatures = Some(check);
        self
    }

    /// What proves that nothing has become slower, in place of `bench-gate`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// use std::process::Command;
    /// use tuneup_packaging::{Area, Check};
    ///
    /// let mut gate = Command::new("cargo");
    /// gate.args(["xtask", "bench", "--against", "v1.0.0"]);
    /// let standard = StandardChecks::new(&workspace)
    ///     .bench_gate(Check::command("bench-gate", Area::Performance, "nothing has become slower", gate));
    /// # drop(standard);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn bench_gate(mut self, check: Check<'a>) -> Self {
        self.bench_gate = Some(check);
        self
    }

    /// The checks, for [`ReadinessBuilder::checks`](crate::ReadinessBuilder::checks).
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{StandardChecks, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let checks = StandardChecks::new(&workspace).checks();
    /// assert!(checks.iter().any(|check| check.id() == "secrets"));
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn checks(self) -> Vec<Check<'a>> {
        let Self {
            workspace,
            readme,
            all_features,
            is_tested_once,
            ..
        } = self;
        let signatures = self.signatures.unwrap_or_else(|| {
            missing(
                "signatures",
                Area::Security,
                "the artefacts are signed",
                "StandardChecks::signatures",
            )
        });
        let gate = self.bench_gate.unwrap_or_else(|| {
            missing(
                "bench-gate",
                Area::Performance,
                "nothing has become slower",
                "StandardChecks::bench_gate",
            )
        });
        let root = workspace.root.clone();
        let scratch = readme.scratch.clone();
        let typed = (
            readme.files.clone(),
            readme.skipped.clone(),
            readme.environment.clone(),
        );
        let recorded = self.recorded_unsafe.clone();
        vec![
            security::secrets(self.allowed_secrets),
            security::advisories(root.clone(), self.advisories),
            security::sources(root.clone(), self.allowed_sources),
            security::yanked(root.clone()),
            security::audit(root.clone(), self.recorded_unsafe, all_features)
                .of_contents()
                .with_settings(recorded),
            signatures,
            quality::format().of_contents(),
            quality::lints(all_features).of_contents(),
            test_runs::tests(&workspace, is_tested_once, all_features).of_contents(),
            test_runs::unpacked(workspace.clone(), scratch, all_features)
                .of_contents()
                .with_settings(all_features),
            documentation::docs(all_features).of_contents(),
            documentation::readme(workspace.clone(), readme)
                .of_contents()
                .with_settings(typed),
            documentation::changelog(workspace.clone()),
            packaging::contents(workspace.clone()).of_contents(),
            packaging::metadata(root.clone()).of_contents(),
            packaging::msrv(root, all_features).of_contents(),
            gate,
        ]
    }
}

/// A check that somebody has to give.
fn missing<'a>(id: &str, area: Area, title: &str, place: &'static str) -> Check<'a> {
    Check::new(id, area, title, "", move |_| {
        Ok(State::unknown(format!(
            "no check is given; give one by `{place}`, or declare this one not applicable with a reason"
        )))
    })
}

/// ` --all-features` or nothing.
fn features(all: bool) -> &'static str {
    if all { " --all-features" } else { "" }
}

/// At most ten lines, and how many more there are.
fn listed(lines: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut text = lines
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    if lines.len() > SHOWN {
        text += &format!("\nand {} more", lines.len() - SHOWN);
    }
    text
}

/// `1 test`, `2 tests`.
fn number(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
