//! Expressions, against libraries of all kinds.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// Runs `cargo tuneup timeit` in a folder, for as short a time as may be.
fn timeit(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["tuneup", "timeit", "--budget", "10ms"])
        .args(arguments)
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap()
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = timeit(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn complaint(folder: &Path, arguments: &[&str]) -> String {
    let output = timeit(folder, arguments);
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

/// A workspace of a library, whose name has a dash, a feature and a dependency beside it, and a program.
fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"lib\", \"helper\", \"bin\"]\nresolver = \"3\"\n[profile.release]\npanic = \"abort\"\n",
    );
    write(
        "lib/Cargo.toml",
        "[package]\nname = \"my-lib\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[features]\nextra = []\n\
         [dependencies]\nhelper = { path = \"../helper\" }\n",
    );
    write(
        "lib/src/lib.rs",
        "pub fn double(n: u64) -> u64 { helper::double(n) }\n#[cfg(feature = \"extra\")] pub fn triple(n: u64) -> u64 { n * 3 }\n",
    );
    write(
        "helper/Cargo.toml",
        "[package]\nname = \"helper\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    );
    write(
        "helper/src/lib.rs",
        "pub fn double(n: u64) -> u64 { n * 2 }\n",
    );
    write(
        "bin/Cargo.toml",
        "[package]\nname = \"bin\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
    );
    write("bin/src/main.rs", "fn main() {}\n");
    folder
}

#[test]
fn outside_of_a_package_there_is_the_standard_library() {
    let folder = tempfile::tempdir().unwrap();
    let text = printed(folder.path(), &["black_box(2_u64).pow(7)"]);
    assert!(
        text.contains("black_box(2_u64).pow(7)") && text.contains("median"),
        "{text}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left there"
    );
}

#[test]
fn several_expressions_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let setup = "let numbers: Vec<u64> = (0..1000).collect(); // as many";
    let arguments = [
        "black_box(&numbers).iter().sum::<u64>()",
        "black_box(&numbers).iter().map(|n| n.to_string().len() as u64).sum::<u64>() // slower",
        "--setup",
        setup,
        "--format",
        "json",
    ];
    let read: Value = serde_json::from_str(&printed(folder.path(), &arguments)).unwrap();
    assert_eq!(read["expressions"][1]["verdict"], "slower", "{read}");
    assert!(read["expressions"][1]["ratio"]["low"].as_f64() > Some(1.0));
}

#[test]
fn what_the_library_exports_is_in_scope() {
    let workspace = workspace();
    let lib = workspace.path().join("lib");
    assert!(printed(&lib, &["double(black_box(21))"]).contains("double"));
    assert!(printed(&lib, &["triple(1)", "-F", "extra"]).contains("triple"));
    let root = workspace.path();
    assert!(printed(root, &["double(1)", "-p", "my-lib"]).contains("double"));
    assert!(
        printed(root, &["1 + 1"]).contains("1 + 1"),
        "no package, and yet a workspace"
    );
    assert!(
        printed(root, &["1 + 1", "-p", "bin"]).contains("1 + 1"),
        "no library"
    );
    let sources = ["Cargo.toml", "lib/Cargo.toml", "lib/src/lib.rs"];
    assert!(sources.iter().all(|path| root.join(path).exists()));
    assert!(
        !root.join("Cargo.lock").exists(),
        "nothing is added to the workspace but its target folder"
    );
}

#[test]
fn what_an_expression_prints_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let text = printed(
        folder.path(),
        &["print!(\"{answer} 5\", answer = \"0123456789abcdef\")"],
    );
    assert!(text.contains("median"), "{text}");
}

#[test]
fn what_is_wrong_is_named() {
    let workspace = workspace();
    let lib = workspace.path().join("lib");
    for (arguments, expected) in [
        (&["doubel(1)"][..], "cannot find function `doubel`"),
        (&["doubel(1)"], "the expressions do not compile"),
        (&["panic!(\"no\")"], "does it panic, or exit?"),
        (&["std::process::exit(3)"], "exit status: 3"),
        (&["1", "1"], "is used twice"),
        (
            &["1", "-p", "other"],
            "there is no package `other` in this workspace; there are",
        ),
        (&[], "<EXPRESSION>"),
    ] {
        let error = complaint(&lib, arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}
