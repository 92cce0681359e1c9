//! What is said of the commands themselves.

use std::{env, path::Path, process::Command};

use crate::{complaint, printed};

#[test]
fn cargo_finds_it_as_a_command_of_its_own() {
    let program = Path::new(env!("CARGO_BIN_EXE_cargo-tuneup"));
    let mut folders = vec![program.parent().unwrap().to_path_buf()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let output = Command::new(env!("CARGO"))
        .args(["tuneup", "--version"])
        .env("PATH", env::join_paths(folders).unwrap())
        .output()
        .unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        version.trim(),
        format!("cargo-tuneup {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn it_can_be_started_by_itself() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(output.status.success());
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH cargo-tuneup"), "{page}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        for command in [
            "compare", "diff", "doctor", "record", "show", "simulate", "timeit",
        ] {
            assert!(script.contains(command), "{shell}: {command}");
            assert!(page.contains(command), "{command}");
        }
    }
}

#[test]
fn without_a_command_it_says_what_there_is() {
    let help = complaint(&[]);
    for command in [
        "compare",
        "profile",
        "record",
        "show",
        "diff",
        "doctor",
        "simulate",
        "timeit",
        "top",
        "completions",
        "man",
    ] {
        assert!(help.contains(command), "{help}");
    }
}
