//! A sound workspace, from the commit to a registry, a remote repository and a stranger's machine.

use std::{collections::BTreeMap, fs};

use crate::{
    tools::{self, INSTALLERS, LINTERS},
    world::{Refusal, World, made},
};

/// What somebody says who has neither the database nor the compiler.
const UNKNOWN: [&str; 4] = [
    "--not-applicable",
    "advisories=there is no package of others in it",
    "--not-applicable",
    "msrv=a toy promises nothing",
];

#[test]
fn a_release_is_made_twice_alike_and_handed_over() {
    let test = "a_release_is_made_twice_alike_and_handed_over";
    if !tools::are_there(test, &[INSTALLERS, LINTERS]) {
        return;
    }
    let world = World::new();
    let before = world.traces();
    let first = made(&world.release(&UNKNOWN));
    for ending in [
        ".crate",
        ".tar.gz",
        ".zip",
        ".whl",
        ".deb",
        ".cdx.json",
        "SHA256SUMS",
        "readiness.json",
    ] {
        assert!(
            first.keys().any(|name| name.ends_with(ending)),
            "{ending}: {first:#?}"
        );
    }
    assert_eq!(world.traces(), before);
    // The same again: what has passed for the same contents stands, and is shown as such.
    assert_eq!(
        without_times(&made(&world.release(&UNKNOWN))),
        without_times(&first)
    );
    let readiness = world
        .checkout()
        .join("target/tuneup/release/readiness/readiness.md");
    let readiness = fs::read_to_string(readiness).unwrap();
    let tests = readiness
        .lines()
        .find(|line| line.starts_with("| tests | pass |"));
    assert!(
        tests.unwrap().contains("(the same contents, 2"),
        "{readiness}"
    );

    let elsewhere = world.clone_into("quite/another/place", &[]);
    let elsewhere = world
        .command_in(&elsewhere, &["--skip", "readiness"])
        .output();
    let elsewhere = made(&elsewhere.unwrap());
    assert!(elsewhere.len() > 10, "{elsewhere:#?}");
    // The evidence tells of the readiness too, where there was one.
    let mut artefacts = elsewhere
        .iter()
        .filter(|(name, _)| !name.starts_with("evidence."));
    assert!(artefacts.all(|(name, hash)| first.get(name) == Some(hash)));

    let arguments = ["--skip", "readiness", "--execute"];
    assert_eq!(made(&world.release(&arguments)), elsewhere);
    assert_eq!(world.published(), ["cargo-tuneup 0.2.0", "toy-base 0.2.0"]);
    assert_eq!(world.git(&["log", "-1", "--format=%s"]), "Release 0.2.0\n");
    let there = world.git(&["ls-remote", "origin"]);
    let head = world.git(&["rev-parse", "HEAD"]);
    assert!(
        there.contains(&format!("{}\trefs/heads/main", head.trim())),
        "{there}"
    );
    assert!(there.contains("refs/tags/v0.2.0"), "{there}");
    let notes = world.git(&["tag", "--list", "--format=%(contents)", "v0.2.0"]);
    assert!(notes.contains("A toy."), "{notes}");
    // There is nothing more to release.
    Refusal::of(&world.release(&arguments)).is_at("plan", &["there are no commits since `v0.2.0`"]);
}

/// Without the files that tell how long something took and when it ran.
fn without_times(made: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut made = made.clone();
    made.retain(|name, _| !name.starts_with("readiness.") && !name.starts_with("evidence."));
    made
}
