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
}

/// One step.
pub(super) struct Step {
    pub(super) name: StepName,
    pub(super) about: &'static str,
    pub(super) commands: Vec<CommandLine>,
}

/// A call of Cargo, or of this program itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandLine {
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
}

impl CommandLine {
    fn new(line: &str) -> Self {
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

pub(super) fn steps(workspace: &Workspace) -> Vec<Step> {
    let step = |name, about, commands| Step {
        name,
        about,
        commands,
    };
    let one = |line: &str| vec![CommandLine::new(line)];
    let mut steps = vec![
        step(StepName::Fmt, "formatting", one("fmt --all --check")),
        step(
            StepName::Tidy,
            "what ARCHITECTURE.md says, checked in code",
            one("xtask tidy"),
        ),
        step(
            StepName::Clippy,
            "lints of everything, with all features",
            one("clippy --workspace --all-targets --all-features -- -D warnings"),
        ),
        step(
            StepName::Features,
            "lints of each published crate by itself: default features, and each feature alone",
            workspace.published().flat_map(feature_commands).collect(),
        ),
        step(
            StepName::Test,
            "unit, integration and UI tests; examples compile",
            one("test --workspace --all-features --lib --bins --tests --examples --no-fail-fast"),
        ),
        step(
            StepName::Benches,
            "every bench runs once, untimed",
            one("test --workspace --all-features --bench * --no-fail-fast"),
        ),
        step(
            StepName::Doctest,
            "the examples in the documentation and in the READMEs",
            one("test --workspace --all-features --doc --no-fail-fast"),
        ),
        step(
            StepName::Models,
            "every interleaving of the lock-free code, under loom",
            workspace
                .published()
                .filter(|member| has_models(workspace, member))
                .map(model_command)
                .collect(),
        ),
        step(
            StepName::Rustdoc,
            "documentation builds without a warning",
            vec![
                CommandLine::new("doc --workspace --all-features --no-deps")
                    .with("RUSTDOCFLAGS", "-D warnings"),
            ],
        ),
    ];
    let has_benches = workspace
        .members
        .iter()
        .any(|member| member.targets.iter().any(|target| target.kind == "bench"));
    steps.retain(|step| {
        !step.commands.is_empty() && (step.name != StepName::Benches || has_benches)
    });
    steps
}

/// Default features, and each other feature without the default ones.
fn feature_commands(member: &Member) -> Vec<CommandLine> {
    let name = &member.name;
    let defaults = member
        .features
        .get("default")
        .is_some_and(|features| !features.is_empty());
    let mut selections = vec![String::new()];
    if defaults {
        selections.push(" --no-default-features".to_owned());
    }
    // A feature that is spelled `dep:` or only renames an optional dependency is still somebody's choice.
    let named = member
        .features
        .keys()
        .filter(|feature| *feature != "default");
    selections.extend(named.map(|feature| format!(" --no-default-features --features {feature}")));
    let line = |selection: &String| format!("clippy --package {name}{selection} -- -D warnings");
    selections
        .iter()
        .map(line)
        .map(|line| CommandLine::new(&line))
        .collect()
}

/// Whether the package has tests that are compiled under loom alone.
fn has_models(workspace: &Workspace, member: &Member) -> bool {
    let sources = workspace.files.iter().filter(|(path, _)| {
        member
            .relative(path)
            .is_some_and(|path| path.ends_with(".rs"))
    });
    sources
        .into_iter()
        .any(|(_, text)| text.contains("cfg(loom)") || text.contains("cfg(all(loom"))
}

/// Another `--cfg` is another build of everything, so it has a folder of its own and takes the library's tests alone.
fn model_command(member: &Member) -> CommandLine {
    let line = format!(
        "test --package {} --lib --release --target-dir target/tuneup/models loom",
        member.name
    );
    CommandLine::new(&line).with("RUSTFLAGS", "--cfg loom")
}

#[cfg(test)]
mod tests;
