//! What the registry and the remote repository do not take: before anything is handed over, and in the middle of it.

use std::fs;

use tuneup_packaging::{Fault, Registry, Traffic};

use crate::world::{Refusal, World, made, succeed};

/// Up to the handing over in seconds.
const BARE: [&str; 5] = [
    "--skip=wheel",
    "--skip=deb",
    "--skip=readiness",
    "--skip=rehearsal",
    "--execute",
];

#[test]
fn other_contents_on_the_registry_are_found_before_anything_is_tagged() {
    let world = World::new();
    world.publish("toy-base", "0.2.0", "MIT");
    let refusal = world.refused(&BARE);
    refusal.is_at(
        "preflight",
        &[
            "`toy-base` 0.2.0 has other contents here",
            "on the registry",
            "raise the version",
        ],
    );
    assert!(refusal.said.contains("Nothing has left this machine"));
}

#[test]
fn a_remote_repository_that_has_moved_on_is_found_before_anything_is_tagged() {
    let world = World::new();
    let other = world.clone_into("other", &[]);
    let git = |arguments: &[&str]| succeed(world.command("git", &other).args(arguments));
    git(&["tag", "v0.2.0"]);
    git(&["push", "--quiet", "origin", "v0.2.0"]);
    world.refused(&BARE).is_at(
        "preflight",
        &[
            "`origin` has the tag `v0.2.0` already",
            "release another version",
        ],
    );
    git(&["push", "--quiet", "origin", ":v0.2.0"]);
    git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "Be quicker",
    ]);
    git(&["push", "--quiet", "origin", "main"]);
    world
        .refused(&[&BARE[..], &["--resume"]].concat())
        .is_at("preflight", &["`origin` would not take `main`"]);
}

#[test]
fn a_registry_that_fails_in_the_middle_is_gone_on_with() {
    let registry = Registry::builder().fault(Traffic::Publish, 2, Fault::Unavailable);
    let world = World::with(registry);
    let there = world.git(&["ls-remote", "origin"]);
    let refusal = Refusal::of(&world.release(&BARE));
    refusal.is_at(
        "publish",
        &[
            "`cargo-tuneup` 0.2.0 cannot be published",
            "503",
            "on the registry: toy-base 0.2.0; not yet: cargo-tuneup 0.2.0",
        ],
    );
    assert_eq!(world.published(), ["toy-base 0.2.0"]);
    // What cannot be taken back comes before what others see first.
    assert_eq!(world.git(&["ls-remote", "origin"]), there);

    let resumed = [&BARE[..], &["--resume"]].concat();
    let file = world.place().join("artefacts/cargo-tuneup-0.2.0.crate");
    let before = fs::read(&file).unwrap();
    fs::write(&file, "something else").unwrap();
    let refusal = world.refused(&resumed);
    refusal.is_in_no_step(&[
        "cargo-tuneup-0.2.0.crate",
        "since the step `crates` made it",
    ]);
    assert!(refusal.said.contains("The checkout has the commit"));
    fs::write(&file, before).unwrap();

    made(&world.release(&resumed));
    assert_eq!(world.published(), ["cargo-tuneup 0.2.0", "toy-base 0.2.0"]);
    assert_eq!(world.registry.requests(Traffic::Publish), 3);
    let there = world.git(&["ls-remote", "origin"]);
    assert!(there.contains("refs/tags/v0.2.0"), "{there}");
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}
