//! Faults in what is released, one at a time: each is found by its step, and named.

use crate::{
    tools::{self, INSTALLERS},
    toy::{BASE_MANIFEST, FILES},
    world::World,
};

/// Leaves out what takes time, and has nothing to do with the fault.
const BARE: [&str; 6] = ["--skip", "wheel", "--skip", "deb", "--skip", "readiness"];

#[test]
fn an_example_that_fails_is_named() {
    if !tools::are_there("an_example_that_fails_is_named", &[INSTALLERS]) {
        return;
    }
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
    let including = |path: &str| {
        format!(
            "//! A toy.\n\n/// One.\npub fn one() -> &'static str {{\n    include_str!(\"{path}\")\n}}\n"
        )
    };
    world.write(
        "crates/base/src/lib.rs",
        &including("../../../CHANGELOG.md"),
    );
    world.commit("Include a file of the repository");
    let outside = [
        "toy-base",
        "`src/lib.rs` names `../../CHANGELOG.md` by `include_str!`",
        "outside of the package; move it in",
    ];
    world.refused(&BARE).is_at("crates", &outside);

    world.write("crates/base/data/one", "1");
    world.write("crates/base/src/lib.rs", &including("../data/one"));
    let (path, text) = BASE_MANIFEST;
    world.write(path, &format!("{text}exclude = [\"data\"]\n"));
    world.commit("Include a file that is left out");
    let excluded = [
        "toy-base",
        "`src/lib.rs` names `data/one` by `include_str!`",
        "not packaged; see `include` and `exclude` in the manifest",
    ];
    world.refused(&BARE).is_at("crates", &excluded);
}

#[test]
fn a_program_that_does_not_write_its_manual_is_quoted() {
    let world = World::new();
    let fails = "fn main() {\n    eprintln!(\"out of paper\");\n    std::process::exit(1);\n}\n";
    world.write("crates/cargo-tuneup/src/main.rs", fails);
    world.commit("Write nothing");
    let quoted = ["the program does not do `man`: out of paper"];
    world.refused(&BARE).is_at("program", &quoted);
}

#[test]
fn packages_that_need_each_other_for_tests_are_named() {
    let world = World::new();
    let (path, text) = BASE_MANIFEST;
    let back =
        "[dev-dependencies]\ncargo-tuneup = { path = \"../cargo-tuneup\", version = \"0.1.0\" }\n";
    world.write(path, &format!("{text}\n{back}"));
    world.commit("Test with what needs it");
    world.refused(&BARE).is_at(
        "plan",
        &[
            "cargo-tuneup needs toy-base needs cargo-tuneup",
            "take the version from one of these dependencies if it is a dev-dependency",
        ],
    );
}

#[test]
fn a_version_that_is_out_of_step_is_named() {
    let world = World::new();
    let (path, text) = BASE_MANIFEST;
    let own = text.replacen("version.workspace = true", "version = \"0.1.1\"", 1);
    world.write(path, &own);
    world.lock();
    world.commit("Raise one by hand");
    world.refused(&BARE).is_at(
        "plan",
        &[
            "toy-base has 0.1.1, otherwise it is 0.1.0",
            "give all of them one version",
        ],
    );

    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let (path, text) = FILES[0];
    world.write(path, &text.replacen("0.1.0", "0.1.1", 1));
    world.lock();
    world.commit("Raise all, and forget who asks for it");
    world.refused(&BARE).is_at(
        "plan",
        &[
            "cargo-tuneup asks for toy-base ^0.1.0",
            "otherwise it is 0.1.1",
        ],
    );
}

#[test]
fn a_licence_that_is_not_allowed_is_named_with_who_needs_it() {
    let world = World::new();
    world.publish("toy-copyleft", "0.1.0", "GPL-3.0-only");
    world.depend_on("toy-copyleft");
    world.refused(&BARE).is_at(
        "bills",
        &[
            "`toy-copyleft 0.1.0` has the licence GPL-3.0-only, which is not allowed",
            "cargo-tuneup 0.2.0 → toy-copyleft 0.1.0",
            "do without it, or allow its licence",
        ],
    );
}
