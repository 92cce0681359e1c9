//! One fault at a time, each of which is to be caught by its name.

use tuneup_packaging::{RehearsalCheck, RehearsalOutcome, RehearsalReport};

use super::{README, committed, rehearse};
use crate::{publishing::loopback::manifest, toy::Toy};

/// The one step that fails, and what it says.
fn fault(change: impl FnOnce(&Toy)) -> (String, RehearsalCheck, String) {
    let (toy, machine) = committed(change, false);
    let report = rehearse(&toy, &machine, |rehearsal| rehearsal).unwrap();
    only_failure(&report)
}

fn only_failure(report: &RehearsalReport) -> (String, RehearsalCheck, String) {
    let failures: Vec<_> = report.failures().collect();
    assert_eq!(failures.len(), 1, "{failures:#?}");
    let RehearsalOutcome::Failed { reason } = &failures[0].outcome else {
        unreachable!("it is a failure")
    };
    (
        failures[0].package.clone(),
        failures[0].check.clone(),
        reason.clone(),
    )
}

#[track_caller]
fn is_caught(change: impl FnOnce(&Toy), package: &str, check: RehearsalCheck, name: &str) {
    let (at, by, reason) = fault(change);
    assert_eq!((&at[..], by), (package, check), "{reason}");
    assert!(reason.contains(name), "{reason}");
}

#[test]
fn a_file_that_is_not_packaged_is_named() {
    let change = |toy: &Toy| {
        toy.write(
            "base/Cargo.toml",
            manifest(
                "toy-base",
                "build = \"build.rs\"\nexclude = [\"data.txt\"]\n",
            ),
        );
    };
    is_caught(change, "", RehearsalCheck::Publish, "data.txt");
}

#[test]
fn a_circle_of_dev_dependencies_is_named() {
    let change = |toy: &Toy| {
        let back = "build = \"build.rs\"\n[dev-dependencies]\ntoy-devel = { path = \"../devel\", version = \"0.1\" }\n";
        toy.write("base/Cargo.toml", manifest("toy-base", back));
    };
    is_caught(
        change,
        "",
        RehearsalCheck::Order,
        "toy-base needs toy-devel needs toy-base",
    );
}

#[test]
fn a_member_that_is_left_out_is_named() {
    let change = |toy: &Toy| {
        toy.write(
            "base/Cargo.toml",
            manifest("toy-base", "build = \"build.rs\"\npublish = false\n"),
        );
    };
    is_caught(
        change,
        "",
        RehearsalCheck::Order,
        "`toy-devel` needs `toy-base`, which is not published",
    );
}

#[test]
fn a_manifest_that_no_registry_takes_is_named() {
    let change = |toy: &Toy| {
        let text = manifest(
            "toy-devel",
            "[dependencies]\ntoy-base = { path = \"../base\", version = \"0.1\" }\n",
        );
        toy.write("devel/Cargo.toml", text.replace("license = \"MIT\"\n", ""));
    };
    is_caught(
        change,
        "",
        RehearsalCheck::Publish,
        "no `license` or `license-file`",
    );
}

#[test]
fn a_readme_command_that_does_not_work_is_named() {
    let change = |toy: &Toy| drop(toy.write("README.md", README.replace("with-base", "with-bass")));
    is_caught(
        change,
        "toy-facade",
        RehearsalCheck::Readme,
        "`cargo add toy-facade --features with-bass` of the README",
    );
}

#[test]
fn an_installation_of_a_readme_that_does_not_work_is_named() {
    let change = |toy: &Toy| {
        toy.write(
            "program/README.md",
            "```sh\ncargo install toy-program --features fast\n```\n",
        );
    };
    is_caught(
        change,
        "toy-program",
        RehearsalCheck::Install,
        "`cargo install toy-program --features fast`",
    );
}

#[test]
fn an_example_that_does_not_work_is_named_with_its_line() {
    // rustdoc names the line of the fence.
    let code = README
        .lines()
        .position(|line| line.starts_with("# use toy_facade"));
    let fence = code.unwrap();
    let change = |toy: &Toy| drop(toy.write("README.md", README.replace("(), 42", "(), 43")));
    is_caught(
        change,
        "toy-facade",
        RehearsalCheck::Readme,
        &format!("README.md - (line {fence}) --- FAILED"),
    );
}

#[test]
fn a_feature_that_needs_another_one_is_named() {
    let change = |toy: &Toy| {
        toy.write(
            "facade/src/lib.rs",
            "#[cfg(feature = \"with-base\")]\npub use renamed::answer;\n#[cfg(feature = \"extra\")]\npub fn extra() -> u32 { renamed::answer() }\n",
        );
    };
    is_caught(
        change,
        "toy-facade",
        RehearsalCheck::Feature {
            name: "extra".to_owned(),
        },
        "renamed",
    );
}

#[test]
fn features_that_exclude_each_other_need_not_be_used_together() {
    let change = |toy: &Toy| {
        toy.write(
            "facade/src/lib.rs",
            "#[cfg(feature = \"with-base\")]\npub use renamed::answer;\n#[cfg(all(feature = \"with-base\", feature = \"extra\"))]\ncompile_error!(\"choose one\");\n",
        );
    };
    is_caught(
        change,
        "toy-facade",
        RehearsalCheck::AllFeatures,
        "choose one",
    );
    let (toy, machine) = committed(change, false);
    let report = rehearse(&toy, &machine, |rehearsal| rehearsal.all_features(false)).unwrap();
    assert_eq!(report.failures().count(), 0, "{report:?}");
}

#[test]
fn a_program_that_says_something_else_is_named() {
    let change = |toy: &Toy| {
        toy.write(
            "program/src/main.rs",
            "fn main() { println!(\"toy 41\"); toy_third::third(); }",
        );
    };
    is_caught(
        change,
        "toy-program",
        RehearsalCheck::Install,
        "was to say `toy 42 3`, and said: toy 41",
    );
}

#[test]
fn a_third_party_version_that_was_taken_back_is_named() {
    let (toy, machine) = committed(|_| {}, true);
    let report = rehearse(&toy, &machine, |rehearsal| rehearsal).unwrap();
    let (_, check, reason) = only_failure(&report);
    assert_eq!(check, RehearsalCheck::ThirdParty);
    assert!(reason.contains("toy-third 0.1.0"), "{reason}");
    let skipped = report
        .steps
        .iter()
        .filter(|step| matches!(step.outcome, RehearsalOutcome::Skipped { .. }));
    assert_eq!(skipped.count(), report.steps.len() - 2);
}

#[test]
fn a_third_party_crate_that_was_never_downloaded_is_named_with_what_to_do() {
    let (toy, machine) = committed(|_| {}, false);
    // The lock file does not have it either.
    let manifest = manifest("toy-devel", "[dependencies]\nnever-seen = \"1\"\n");
    toy.write("devel/Cargo.toml", &manifest);
    let report = rehearse(&toy, &machine, |rehearsal| rehearsal).unwrap();
    let (_, check, reason) = only_failure(&report);
    assert_eq!(check, RehearsalCheck::Publish);
    assert!(
        reason.contains("`never-seen`") && reason.contains("`cargo fetch`"),
        "{reason}"
    );
}
