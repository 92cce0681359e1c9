//! `cargo xtask yank`: what was released, taken back and brought back.

use std::process::Output;

use crate::world::{World, made};

fn yank(world: &World, arguments: &[&str]) -> Output {
    let mut command = world.command(env!("CARGO_BIN_EXE_xtask"), &world.checkout());
    command
        .args(["yank", "--registry", "loopback"])
        .args(arguments);
    command.output().unwrap()
}

/// What is printed of each package, in a line.
fn lines(output: &Output) -> Vec<String> {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().skip(2);
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn a_release_is_taken_back_and_brought_back() {
    let world = World::new();
    let skipped = ["readiness", "rehearsal", "wheel", "deb"];
    let skipped = skipped.map(|step| ["--skip", step]).concat();
    made(&world.release(&[&skipped[..], &["--execute"]].concat()));

    // Who needs another goes first, and comes back last.
    let done = ["cargo-tuneup 0.2.0 done", "toy-base 0.2.0 done"];
    assert_eq!(lines(&yank(&world, &["0.2.0"])), done);
    let again = lines(&yank(&world, &["0.2.0"]));
    assert_eq!(again[0], "cargo-tuneup 0.2.0 was so already");
    let undone = ["toy-base 0.2.0 done", "cargo-tuneup 0.2.0 done"];
    assert_eq!(lines(&yank(&world, &["0.2.0", "--undo"])), undone);

    let missing = yank(&world, &["7.0.0"]);
    let said = String::from_utf8_lossy(&missing.stderr);
    assert!(!missing.status.success());
    assert!(
        said.contains("no package of this workspace is on the registry in version 7.0.0"),
        "{said}"
    );
}
