//! The commands of the README, as they are written there.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use tuneup_profiling::{Profiler, profile_fn};

const README: &str = include_str!("../../README.md");

/// Where they are run, everything is there that they name.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"server\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n",
    ),
    (
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"server\"\nversion = \"1.0.0\"\n",
    ),
    (
        "src/lib.rs",
        "pub const EXPR: u64 = 1;\npub const A: u64 = 1;\npub const B: u64 = 1;\npub mod parser;\n",
    ),
    (
        "src/parser.rs",
        "pub fn next() -> u64 {\n    let numbers = 0..1000;\n    numbers.map(|n| n % 7).sum()\n}\n",
    ),
    (
        "src/main.rs",
        "fn main() { assert!(server::parser::next() > 0); }\n",
    ),
    ("requests.txt", "a\nb\na\nc\na\nb\n"),
];

/// What stands for something else there, and what it stands for here.
const PLACEHOLDERS: &[(&str, &str)] = &[("--pid P", "--pid \"$P\""), (" …", ""), ("…", "")];

/// Programs that are named there, with what they do here.
const PROGRAMS: &[(&str, &str)] = &[
    ("A", "true"),
    ("B", "true"),
    ("C", "true"),
    (
        "PROGRAM",
        "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done",
    ),
];

/// All that begin with `cargo tuneup`, in blocks and in cells.
fn commands() -> Vec<String> {
    let mut in_block = false;
    let mut commands = Vec::new();
    for line in README.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let found: Vec<&str> = match in_block {
            true => vec![line],
            false => line.split('`').skip(1).step_by(2).collect(),
        };
        let ours = found
            .into_iter()
            .filter(|code| code.starts_with("cargo tuneup "));
        commands.extend(ours.map(str::to_owned));
    }
    commands
}

fn write_profiles(folder: &Path) {
    for name in ["profile.json", "before.json", "after.json"] {
        let session = Profiler::builder().start().unwrap();
        profile_fn("work", || std::hint::black_box(()));
        session.finish().save(folder.join(name)).unwrap();
    }
}

fn lay_out(folder: &Path) {
    for (path, text) in FILES {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::create_dir(folder.join("bin")).unwrap();
    for (name, text) in PROGRAMS {
        let path = folder.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let _alone = crate::recording_alone();
    write_profiles(folder);
}

/// A process to look at, which does not run for ever.
fn busy() -> Child {
    Command::new("timeout")
        .args(["5", "sh", "-c", "while :; do :; done"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn the_commands_of_the_readme_do_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let own = Path::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .parent()
        .unwrap();
    let path = env::join_paths(
        [folder.path().join("bin"), own.to_owned()]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap())),
    );
    let path = path.unwrap();
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let mut text = command.clone();
        for (from, to) in PLACEHOLDERS {
            text = text.replace(from, to);
        }
        let mut target = command.contains("--pid").then(busy);
        let output = Command::new("sh")
            .args(["-c", &text])
            .current_dir(&folder)
            .env("PATH", &path)
            .env("P", target.as_ref().map_or(0, Child::id).to_string())
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap();
        if let Some(target) = &mut target {
            let _ = target.kill();
            target.wait().unwrap();
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{command}`, as `{text}`: {said}");
        assert!(
            !output.stdout.is_empty() || !said.is_empty(),
            "`{command}` says nothing"
        );
    }
}
