//! What cannot be released at all, or is asked for in a wrong way: it is said at once.

use std::fs;

use crate::{
    toy::BASE_MANIFEST,
    world::{Refusal, World},
};

#[test]
fn what_cannot_be_released_is_said_before_anything_is_made() {
    let world = World::new();
    world.write("dirt", "");
    world
        .refused(&[])
        .is_in_no_step(&["not committed: `dirt`", "commit them"]);
    fs::remove_file(world.checkout().join("dirt")).unwrap();

    world
        .refused(&["--resume"])
        .is_in_no_step(&["no run was stopped", "run without resuming"]);
    world
        .refused(&["--skip", "evidence"])
        .is_in_no_step(&["`evidence` cannot be skipped"]);
    world
        .refused(&["--skip", "nothing"])
        .is_in_no_step(&["no step `nothing`", "rehearsal"]);

    let mut signed = world.command_in(&world.checkout(), &[]);
    signed.env("TUNEUP_SIGNING_KEY", "no key");
    world
        .refused_by(&mut signed)
        .is_in_no_step(&["TUNEUP_SIGNING_KEY", "no key of minisign"]);
    world
        .refused(&["--sign-tag"])
        .is_in_no_step(&["no key to sign tags with", "git config user.signingkey"]);
    let address = "https://somebody:secret@example.org/toy";
    let refusal = world.refused(&["--remote", address]);
    refusal.is_in_no_step(&["not the name of a remote", "git remote add NAME ADDRESS"]);
    assert!(!refusal.said.contains("secret"), "{}", refusal.said);

    world.git(&["tag", "v0.1.0"]);
    world.refused(&[]).is_at(
        "plan",
        &[
            "there are no commits since `v0.1.0`",
            "commit a change first",
        ],
    );
}

#[test]
fn a_tag_that_is_there_is_not_made_again() {
    let world = World::new();
    // On a branch that was never merged.
    let elsewhere = world.git(&["commit-tree", "HEAD^{tree}", "-m", "Elsewhere"]);
    world.git(&["tag", "v0.2.0", elsewhere.trim()]);
    world.refused(&[]).is_at(
        "plan",
        &["the tag `v0.2.0` exists already", "git tag -d v0.2.0"],
    );

    world.git(&["tag", "--force", "v0.2.0", "HEAD"]);
    world.write("crates/base/src/more.rs", "");
    world.commit("More");
    world.refused(&[]).is_at(
        "plan",
        &["version 0.1.0, and the tag `v0.2.0` is of a later one"],
    );
}

#[test]
fn a_clone_without_its_history_is_told_how_to_get_it() {
    let world = World::new();
    world.write("crates/base/src/more.rs", "");
    world.commit("More");
    world.push();
    let shallow = world.clone_into("shallow", &["--depth=1"]);
    let output = world.command_in(&shallow, &[]).output().unwrap();
    Refusal::of(&output).is_in_no_step(&["is shallow", "git fetch --unshallow --tags"]);
    assert!(!shallow.join("target").exists());
}

#[test]
fn a_manifest_that_is_none_is_named_with_its_line() {
    let world = World::new();
    let (path, text) = BASE_MANIFEST;
    world.write(path, &text.replace("name = ", "name "));
    world.commit("Break the manifest");
    world
        .refused(&[])
        .is_in_no_step(&["crates/base/Cargo.toml", ":2:", "mend what it names"]);
}

#[test]
fn a_time_that_no_date_has_is_refused() {
    let world = World::new();
    for seconds in ["18446744073709551615", "253402300800"] {
        let mut release = world.command_in(&world.checkout(), &[]);
        release.env("SOURCE_DATE_EPOCH", seconds);
        let after = ["SOURCE_DATE_EPOCH is after the year 9999"];
        world.refused_by(&mut release).is_at("scratch", &after);
    }
}
