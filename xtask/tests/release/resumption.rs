//! A release that has stopped, and that goes on with what it has left, or not.

use std::fs;

use crate::world::{World, made, succeed};

/// Up to the signatures in seconds.
const BARE: [&str; 4] = [
    "--skip=wheel",
    "--skip=deb",
    "--skip=readiness",
    "--skip=rehearsal",
];

#[test]
fn what_has_changed_since_a_release_stopped_is_named() {
    let world = World::new();
    let mut unsigned = world.command_in(&world.checkout(), &BARE);
    unsigned.env("TUNEUP_SIGNING_KEY", "no key");
    world
        .refused_by(&mut unsigned)
        .is_at("signatures", &["TUNEUP_SIGNING_KEY"]);
    let resumed = [&BARE[..], &["--resume"]].concat();

    let bill = world.place().join("artefacts/cargo-tuneup.cdx.json");
    let before = fs::read(&bill).unwrap();
    fs::write(&bill, [&before[..], b" "].concat()).unwrap();
    world.refused(&resumed).is_in_no_step(&[
        "artefacts/cargo-tuneup.cdx.json",
        "since the step `bills` made it",
        "run without resuming",
    ]);
    fs::write(&bill, before).unwrap();

    let clone = world.place().join("checkout");
    let source = clone.join("crates/base/src/lib.rs");
    let before = fs::read(&source).unwrap();
    fs::write(&source, "").unwrap();
    let changed = [
        "has changed since it was made: `crates/base/src/lib.rs`",
        "begin again without --resume",
    ];
    world.refused(&resumed).is_in_no_step(&changed);
    world.sign_commits_in(&clone);
    let git = |arguments: &[&str]| succeed(world.command("git", &clone).args(arguments));
    git(&["commit", "--quiet", "--all", "--message", "One more"]);
    let moved = ["no longer at the commit of the release", "begin again"];
    world.refused(&resumed).is_in_no_step(&moved);
    git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    fs::write(&source, before).unwrap();
    git(&["add", "--all"]);

    let files = made(&world.release(&resumed));
    assert!(files.contains_key("SHA256SUMS"), "{files:#?}");
}

#[test]
fn a_release_of_another_commit_is_not_gone_on_with() {
    let world = World::new();
    let mut unsigned = world.command_in(&world.checkout(), &BARE);
    unsigned.env("TUNEUP_SIGNING_KEY", "no key");
    world.refused_by(&mut unsigned).is_at("signatures", &[]);
    let of = world.git(&["rev-parse", "HEAD"]);
    world.write("crates/base/src/more.rs", "");
    world.commit("More");
    world
        .refused(&[&BARE[..], &["--resume"]].concat())
        .is_in_no_step(&[of.trim(), "run without resuming"]);
}
