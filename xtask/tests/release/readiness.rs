//! Faults that the readiness finds, each by its check.

use std::fs;

use crate::{
    tools::{self, LINTERS},
    toy::{BASE_MANIFEST, PROGRAM_README},
    world::{Refusal, World, succeed},
};

/// The checks of a readiness that something is known for.
const CHECKS: &[&str] = &[
    "advisories",
    "changelog",
    "contents",
    "docs",
    "format",
    "licences",
    "lints",
    "metadata",
    "msrv",
    "readme",
    "secrets",
    "sources",
    "tests",
    "tidy",
    "unpacked",
    "unsafe",
    "yanked",
];

/// What a release with these checks of the readiness alone complains of.
fn refused_by(world: &World, checks: &[&str]) -> Refusal {
    let others = CHECKS.iter().filter(|check| !checks.contains(check));
    let others: Vec<String> = others
        .map(|other| format!("--not-applicable={other}=has a test of its own"))
        .collect();
    let mut arguments = vec!["--skip=wheel", "--skip=deb", "--skip=rehearsal"];
    arguments.extend(others.iter().map(String::as_str));
    world.refused(&arguments)
}

#[test]
fn a_secret_that_was_removed_is_found_where_it_was_committed() {
    let world = World::new();
    let secret = ["AKIA", "Q7RMT3ZK5WYUB2LN"].concat();
    world.write("deploy.sh", &format!("#!/bin/sh\nkey={secret}\n"));
    world.commit("Deploy");
    let commit = world.git(&["rev-parse", "HEAD"]);
    world.git(&["rm", "--quiet", "deploy.sh"]);
    world.commit("Deploy otherwise");
    let refusal = refused_by(&world, &["secrets"]);
    refusal.is_at(
        "readiness",
        &[
            "secrets: 1 secret",
            "deploy.sh:2",
            &commit[..10],
            "revoke what is real",
        ],
    );
    assert!(!refusal.said.contains(&secret), "{}", refusal.said);
}

#[test]
fn a_licence_that_is_not_allowed_is_found_behind_a_feature() {
    let world = World::new();
    world.publish("toy-copyleft", "0.1.0", "GPL-3.0-only");
    let (path, text) = BASE_MANIFEST;
    let optional = "[dependencies]\ntoy-copyleft = { version = \"0.1\", optional = true }\n";
    world.write(path, &format!("{text}\n{optional}"));
    world.lock();
    world.commit("Offer more");
    refused_by(&world, &["licences"]).is_at(
        "readiness",
        &[
            "`toy-copyleft 0.1.0` has the licence GPL-3.0-only, which is not allowed",
            "toy-base 0.2.0 → toy-copyleft 0.1.0",
            "do without it",
        ],
    );
}

#[test]
fn a_command_of_a_readme_that_fails_is_named_with_its_line() {
    let world = World::new();
    let (path, text) = PROGRAM_README;
    world.write(
        path,
        &text.replace("--package cargo-tuneup", "--package tuneup"),
    );
    world.commit("Rename it in mind");
    refused_by(&world, &["readme"]).is_at(
        "readiness",
        &[
            "readme: crates/cargo-tuneup/README.md:4: cargo run --package tuneup",
            "mend the README or the program",
        ],
    );
}

#[test]
fn a_version_that_its_author_has_taken_back_is_named() {
    let world = World::new();
    world.publish("toy-third", "0.1.0", "MIT");
    world.depend_on("toy-third");
    succeed(world.command("cargo", &world.checkout()).args([
        "yank",
        "--quiet",
        "toy-third@0.1.0",
        "--registry",
        "loopback",
    ]));
    refused_by(&world, &["yanked"]).is_at(
        "readiness",
        &["yanked: yanked: toy-third 0.1.0", "cargo update --package"],
    );
}

#[test]
fn a_check_that_fails_stops_a_release_that_has_enough_points() {
    let test = "a_check_that_fails_stops_a_release_that_has_enough_points";
    if !tools::are_there(test, &[LINTERS]) {
        return;
    }
    let world = World::new();
    world.write(
        "xtask/src/main.rs",
        "fn main() {\n    panic!(\"untidy\");\n}\n",
    );
    world.commit("Have nothing tidy");
    let checks = ["secrets", "format", "tidy", "changelog", "contents"];
    refused_by(&world, &checks).is_at(
        "readiness",
        &[
            "1 of 19 checks",
            "tidy: ",
            "untidy",
            "--not-applicable CHECK=REASON",
        ],
    );
    let report = world.place().join("readiness/readiness.md");
    let report = fs::read_to_string(report).unwrap();
    assert!(
        report.contains("ready: 86.6 of 100 points, and security is complete; failing: tidy"),
        "{report}"
    );
}
