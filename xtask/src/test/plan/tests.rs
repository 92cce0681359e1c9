//! The plan for a small workspace.

use crate::workspace::sample::sound;

use super::{CommandLine, Step, StepName, feature_commands, steps};

fn commands(steps: &[Step], name: StepName) -> Vec<String> {
    let step = steps.iter().find(|step| step.name == name);
    step.map(|step| step.commands.iter().map(ToString::to_string).collect())
        .unwrap_or_default()
}

#[test]
fn every_command_that_runs_tests_selects_the_same_packages_and_features() {
    let steps = steps(&sound());
    for name in [StepName::Test, StepName::Benches, StepName::Doctest] {
        for command in commands(&steps, name) {
            assert!(
                command.starts_with("cargo test --workspace --all-features "),
                "{command}"
            );
        }
    }
}

#[test]
fn each_feature_is_checked_alone() {
    let mut workspace = sound();
    let features = [("default", vec!["a"]), ("a", vec![]), ("b", vec!["a"])];
    let member = workspace.member_mut("tuneup-measure");
    member.features = features
        .map(|(name, with)| {
            (
                name.to_owned(),
                with.into_iter().map(str::to_owned).collect(),
            )
        })
        .into();
    let lines: Vec<String> = feature_commands(member)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "cargo clippy --package tuneup-measure --all-targets -- -D warnings",
            "cargo clippy --package tuneup-measure --no-default-features -- -D warnings",
            "cargo clippy --package tuneup-measure --no-default-features --features a -- -D warnings",
            "cargo clippy --package tuneup-measure --no-default-features --features b -- -D warnings",
        ]
    );
}

#[test]
fn packages_without_models_or_benches_have_no_such_step() {
    let mut workspace = sound();
    let names = |steps: Vec<Step>| steps.into_iter().map(|step| step.name).collect::<Vec<_>>();
    assert!(!names(steps(&workspace)).contains(&StepName::Models));
    assert!(names(steps(&workspace)).contains(&StepName::Benches));

    workspace.write("crates/measure/src/clock.rs", "#[cfg(loom)]\nmod model;\n");
    workspace
        .members
        .retain(|member| member.name != "tuneup-benches");
    assert!(names(steps(&workspace)).contains(&StepName::Models));
    assert!(!names(steps(&workspace)).contains(&StepName::Benches));
}

#[test]
fn models_are_built_apart_and_run_by_name() {
    let mut workspace = sound();
    workspace.root = "/checkout".into();
    workspace.target = "/checkout/target".into();
    workspace.write(
        "crates/measure/src/clock.rs",
        "#[cfg(all(test, loom))]\nmod model;\n",
    );
    assert_eq!(
        commands(&steps(&workspace), StepName::Models),
        [
            "RUSTFLAGS=\"--cfg loom\" cargo test --package tuneup-measure --lib \
             --target-dir target/tuneup/models -- loom model"
        ]
    );
}

#[test]
fn a_command_is_shown_as_it_would_be_typed() {
    let command = CommandLine::new("doc --no-deps").with("RUSTDOCFLAGS", "-D warnings");
    assert_eq!(
        command.to_string(),
        "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps"
    );
}
