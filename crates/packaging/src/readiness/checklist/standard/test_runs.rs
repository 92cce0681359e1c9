//! Whether what is tested is what is released.

use std::{path::PathBuf, process::Command};

use super::{features, listed, number};
use crate::{
    Area, Check, Context, State, UnpackedPackage, Workspace,
    readiness::{
        checklist::check::judged,
        readme_blocks::counted,
        unpacked::{SKIPPED, failures, skipped},
    },
    test_unpacked,
    workspace::cargo,
};

/// Of all members; of those alone that are not published if the others are tested unpacked.
pub(super) fn tests<'a>(
    workspace: &Workspace,
    is_tested_once: bool,
    all_features: bool,
) -> Check<'a> {
    let elsewhere = workspace.published().filter(|_| is_tested_once);
    let elsewhere: Vec<String> = elsewhere
        .map(|member| format!(" --exclude {}", member.name))
        .collect();
    let is_any_left = elsewhere.len() < workspace.members.len();
    let line = format!(
        "cargo test --workspace{} --no-fail-fast{}",
        features(all_features),
        elsewhere.concat()
    );
    let arguments: Vec<String> = line.split(' ').skip(1).map(str::to_owned).collect();
    Check::new(
        "tests",
        Area::Tests,
        "the tests pass",
        line,
        move |context| {
            if !is_any_left {
                return Ok(State::not_applicable("all packages are tested unpacked"));
            }
            let mut command = Command::new(cargo());
            command.args(&arguments).env("CARGO_TERM_COLOR", "never");
            let output = context.run(&mut command)?;
            let stdout = String::from_utf8_lossy(&output.stdout);
            let skipped = skipped(&String::from_utf8_lossy(&output.stderr));
            let (passed, failed) = (counted(&stdout, "passed"), counted(&stdout, "failed"));
            if !output.status.success() {
                let failures = failures(&stdout);
                return Ok(match failures.is_empty() {
                    true => judged(&output, "mend what the compiler says"),
                    false => State::fail(
                        format!(
                            "{failed} of {} failed:\n{}",
                            number(passed + failed, "test"),
                            listed(&failures)
                        ),
                        "mend the code or the test",
                    ),
                });
            }
            Ok(match passed {
                0 if is_tested_once => {
                    State::not_applicable("no package that is not published has a test")
                }
                0 => State::fail("there is no test", "write one"),
                _ => State::pass(number(passed, "test") + &left_out(&skipped, context)),
            })
        },
    )
}

pub(super) fn unpacked<'a>(
    workspace: Workspace,
    scratch: PathBuf,
    all_features: bool,
) -> Check<'a> {
    let line =
        "cargo package --workspace --no-verify && tar -xf target/package/NAME.crate && cargo test";
    Check::new(
        "unpacked",
        Area::Tests,
        "the tests pass in what is uploaded",
        line,
        move |context| {
            let report = test_unpacked(&workspace, &scratch, all_features, context.runner())?;
            if report.packages.is_empty() {
                return Ok(State::not_applicable(
                    "no package of the workspace is published",
                ));
            }
            let broken = report.packages.iter().filter_map(|package| {
                let said = package.said.as_ref()?;
                Some(format!("{}:\n{said}", package.name))
            });
            let broken: Vec<String> = broken.collect();
            if !broken.is_empty() {
                return Ok(State::fail(
                    listed(&broken),
                    "put the missing files into the package (`include` and `exclude` in its manifest), or leave the test that needs them out of it",
                ));
            }
            let passed: u64 = report.packages.iter().map(|package| package.passed).sum();
            if passed == 0 {
                return Ok(State::fail(
                    "there is no test in what is uploaded",
                    "write one, or take `tests` out of `exclude`",
                ));
            }
            let packages = number(report.packages.len() as u64, "package");
            let mut evidence = format!("{} of {packages}", number(passed, "test"));
            let skipped = report.packages.iter().flat_map(|package| &package.skipped);
            let skipped: Vec<String> = skipped.cloned().collect();
            evidence += &left_out(&skipped, context);
            let given_back: Vec<String> = report.packages.iter().filter_map(given_back).collect();
            if !given_back.is_empty() {
                evidence += &format!(
                    "; dev-dependencies without a version are not in the packages, and were given back for the tests:\n{}",
                    listed(&given_back)
                );
            }
            Ok(State::pass(evidence))
        },
    )
}

/// What a pass has not looked at. It counts; but where somebody who installs something gets more, not for the next time.
fn left_out(skipped: &[String], context: &Context<'_>) -> String {
    if skipped.is_empty() {
        return String::new();
    }
    if skipped.iter().any(|line| line.starts_with(SKIPPED)) {
        context.mark_partial();
    }
    format!("; {} did not run:\n{}", skipped.len(), listed(skipped))
}

fn given_back(package: &UnpackedPackage) -> Option<String> {
    let names = package.given_back.join(", ");
    (!names.is_empty()).then(|| format!("{}: {names}", package.name))
}
