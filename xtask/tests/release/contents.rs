//! Faults in what is released, one at a time: each is found by its step, and named.

use crate::world::World;

/// Leaves out what takes time, and has nothing to do with the fault.
const BARE: [&str; 6] = ["--skip", "wheel", "--skip", "deb", "--skip", "readiness"];

#[test]
fn an_example_that_fails_is_named() {
    let world = World::new();
    world.write(
        "crates/base/README.md",
        "```rust\nassert_eq!(toy_base::one(), 2);\n```\n",
    );
    world.commit("Break an example");
    world
        .refused(&[&BARE[..], &["--execute"]].concat())
        .is_at("rehearsal", &["toy-base", "README"]);
}

#[test]
fn an_included_file_that_is_not_published_is_named() {
    let world = World::new();
    world.write("crates/base/src/lib.rs", "//! A toy.\n/// One.\npub fn one() -> u32 { include_str!(\"../../../CHANGELOG.md\").len() as u32 }\n");
    world.commit("Name a file that is not published");
    world
        .refused(&BARE)
        .is_at("crates", &["toy-base", "src/lib.rs", "CHANGELOG.md"]);
}
