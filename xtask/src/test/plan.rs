//! The steps and their commands, as a function of the workspace.
//!
//! Every command that runs tests asks Cargo for the same packages with the same features, so that dependencies are compiled once
//! for all of them; Clippy and rustdoc share the metadata-only build.

use std::fmt;

use clap::ValueEnum;

use crate::workspace::{Member, Workspace};

/// The steps, in the order in which they run: what fails in seconds comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepName {
    Fmt,
    Tidy,
    Clippy,
    Features,
    Test,
    Benches,
    Doctest,
    Models,
    Rustdoc,
    Projects,
}

/// One step.
pub(super) struct Step {
    pub(super) name: StepName,
    pub(super) commands: Vec<CommandLine>,
}

/// A call of Cargo, or of this program itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandLine {
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
}

impl CommandLine {
    pub(super) fn new(line: &str) -> Self {
        Self {
            arguments: line.split_whitespace().map(str::to_owned).collect(),
            environment: Vec::new(),
        }
    }

    fn with(mut self, key: &'static str, value: &str) -> Self {
        self.environment.push((key, value.to_owned()));
        self
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, value) in &self.environment {
            let quote = if value.contains(' ') { "\"" } else { "" };
            write!(f, "{key}={quote}{value}{quote} ")?;
        }
        write!(f, "cargo {}", self.arguments.join(" "))
    }
}

/// The steps that have something to do in this workspace.
pub(super) fn steps(workspace: &Workspace) -> Vec<Step> {
    let all = StepName::value_variants().iter();
    let steps = all.map(|name| Step {
        name: *name,
        commands: name.commands(workspace),
    });
    steps.filter(|step| !step.commands.is_empty()).collect()
}

impl StepName {
    pub(super) fn text(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Fmt => "formatting",
            Self::Tidy => "what ARCHITECTURE.md says, checked in code",
            Self::Clippy => "lints of everything, with all features",
            Self::Features => {
                "lints of each package by itself: default features, and each feature alone"
            }
            Self::Test => "unit, integration and UI tests; examples compile",
            Self::Benches => "every bench runs once, untimed",
            Self::Doctest => "the examples in the documentation and in the READMEs",
            Self::Models => "the interleavings of the lock-free code, under loom",
            Self::Rustdoc => "documentation builds without a warning",
            Self::Projects => {
                "four projects of others, built and tested with what records their calls"
            }
        }
    }

    /// Whether it runs only if it is asked for: it fetches what is no part of the workspace, and takes many minutes.
    pub(super) fn is_extra(self) -> bool {
        matches!(self, Self::Projects)
    }

    /// Whether a run without a single test result means that something is wrong.
    pub(super) fn has_tests(self) -> bool {
        matches!(
            self,
            Self::Test | Self::Doctest | Self::Models | Self::Projects
        )
    }

    fn commands(self, workspace: &Workspace) -> Vec<CommandLine> {
        let one = |line: &str| vec![CommandLine::new(line)];
        match self {
            Self::Fmt => one("fmt --all --check"),
            Self::Tidy => one("xtask tidy"),
            Self::Clippy => one("clippy --workspace --all-targets --all-features -- -D warnings"),
            Self::Features => workspace
                .members
                .iter()
                .flat_map(feature_commands)
                .collect(),
            Self::Test => one(
                "test --workspace --all-features --lib --bins --tests --examples --no-fail-fast",
            ),
            Self::Benches if !has_benches(workspace) => Vec::new(),
            Self::Benches => one("test --workspace --all-features --bench * --no-fail-fast"),
            Self::Doctest => one("test --workspace --all-features --doc --no-fail-fast"),
            Self::Models => {
                let modelled = workspace
                    .members
                    .iter()
                    .filter(|member| has_models(workspace, member));
                modelled
                    .map(|member| model_command(workspace, member))
                    .collect()
            }
            Self::Rustdoc => {
                let line = CommandLine::new("doc --workspace --all-features --no-deps");
                vec![line.with("RUSTDOCFLAGS", "-D warnings")]
            }
            Self::Projects if !has_package(workspace, "cargo-tuneup") => Vec::new(),
            // Optimised: how long it builds is one of the things that it finds out.
            Self::Projects => one(
                "test --release --package cargo-tuneup --test projects -- --ignored --nocapture",
            ),
        }
    }
}

fn has_package(workspace: &Workspace, name: &str) -> bool {
    workspace.members.iter().any(|member| member.name == name)
}

fn has_benches(workspace: &Workspace) -> bool {
    workspace
        .members
        .iter()
        .flat_map(|member| &member.targets)
        .any(|target| target.kind == "bench")
}

/// Default features with the tests and examples, and each other feature without the default ones.
///
/// A package without features is what the step before has seen.
fn feature_commands(member: &Member) -> Vec<CommandLine> {
    if member.features.is_empty() {
        return Vec::new();
    }
    let mut selections = vec![" --all-targets".to_owned()];
    if member
        .features
        .get("default")
        .is_some_and(|features| !features.is_empty())
    {
        selections.push(" --no-default-features".to_owned());
    }
    let named = member
        .features
        .keys()
        .filter(|feature| *feature != "default");
    selections.extend(named.map(|feature| format!(" --no-default-features --features {feature}")));
    let line = |selection| {
        CommandLine::new(&format!(
            "clippy --package {}{selection} -- -D warnings",
            member.name
        ))
    };
    selections.into_iter().map(line).collect()
}

/// Whether the package has tests that are compiled under loom alone.
fn has_models(workspace: &Workspace, member: &Member) -> bool {
    let ours = |path: &str| {
        member
            .relative(path)
            .is_some_and(|path| path.starts_with("src/"))
    };
    let mut sources = workspace
        .files
        .iter()
        .filter(|(path, _)| member.published && ours(path));
    sources.any(|(_, text)| {
        text.lines()
            .any(|line| line.contains("cfg(") && line.contains("loom"))
    })
}

/// Another `--cfg` is another build of everything, so it has a folder of its own. Under it, the atomics work in models alone:
/// other tests are filtered out by their names.
fn model_command(workspace: &Workspace, member: &Member) -> CommandLine {
    let target = workspace.target.join("tuneup/models");
    let target = target.strip_prefix(&workspace.root).unwrap_or(&target);
    let mut command = CommandLine::new(&format!(
        "test --package {} --lib --target-dir",
        member.name
    ));
    command
        .arguments
        .push(target.to_string_lossy().into_owned());
    command
        .arguments
        .extend(["--", "loom", "model"].map(str::to_owned));
    command.with("RUSTFLAGS", "--cfg loom")
}

#[cfg(test)]
mod tests;
