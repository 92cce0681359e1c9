//! `.crate` files of small workspaces, by the real Cargo.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tuneup_packaging::{CrateFile, Error, Packager, System, Workspace};

use crate::toy;

/// A workspace in a Git repository, of files that are all committed.
struct Toy(toy::Toy);

impl Toy {
    fn new(files: &[(&str, &str)]) -> Self {
        let toy = toy::Toy::new(files);
        toy.commit_dated();
        Self(toy)
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn package(&self, packager: &Packager, members: &[&str]) -> Result<Vec<CrateFile>, Error> {
        let workspace = Workspace::load(self.root(), &System).unwrap();
        packager
            .clone()
            .offline()
            // Other tests package crates of the same names.
            .target(self.root().join("target"))
            .package(&workspace, members, &self.dist(), &System)
    }

    fn dist(&self) -> PathBuf {
        self.root().join("target/dist")
    }

    fn problems(&self, packager: &Packager) -> Vec<String> {
        let error = self.package(packager, &[]).unwrap_err();
        assert!(!self.dist().exists(), "nothing is left of what failed");
        match error {
            Error::Faulty { problems, .. } => problems,
            other => panic!("{other}"),
        }
    }
}

const MANIFEST: &str = r#"[package]
name = "tool"
version = "0.1.0"
edition = "2024"
description = "A tool"
license = "MIT"
exclude = ["data"]
"#;

/// Packages that need each other, one of them under another name, and a private one that names no version.
fn workspace() -> Toy {
    let member = |name: &str, rest: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\ndescription = \"A part\"\nlicense = \"MIT\"\n{rest}"
        )
    };
    Toy::new(&[
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"base\", \"facade\", \"private\"]\nresolver = \"3\"\n",
        ),
        (".gitignore", "/target\nCargo.lock\n"),
        ("base/Cargo.toml", &member("base", "")),
        ("base/src/lib.rs", "pub fn one() -> u32 { 1 }\r\n"),
        ("base/LICENSE-MIT", "Do.\n"),
        (
            "facade/Cargo.toml",
            &member(
                "facade",
                "[dependencies]\nground = { package = \"base\", path = \"../base\", version = \"0.1\" }\n",
            ),
        ),
        (
            "facade/src/lib.rs",
            "pub fn two() -> u32 { ground::one() + 1 }\n",
        ),
        ("facade/LICENSE-MIT", "Do.\n"),
        (
            "private/Cargo.toml",
            &member(
                "private",
                "publish = false\n[dependencies]\nbase = { path = \"../base\" }\n",
            ),
        ),
        ("private/src/lib.rs", "pub use base::one;\n"),
    ])
}

#[test]
fn packages_are_built_from_their_files_and_are_the_same_bytes_from_two_folders() {
    let packager = Packager::new()
        .allow("src/**")
        .want("LICENSE-*")
        .allow("LICENSE-MIT");
    let [here, there] = [workspace(), workspace()].map(|toy| {
        let packaged = toy.package(&packager, &[]).unwrap();
        assert!(packaged.iter().all(|file| file.path.is_file()));
        packaged
    });
    let names: Vec<_> = here.iter().map(|file| &file.package[..]).collect();
    assert_eq!(names, ["base", "facade"]);
    for (one, other) in here.iter().zip(&there) {
        assert_eq!(one.sha256, other.sha256, "{}", one.package);
        assert!(one.files.contains("src/lib.rs") && one.unpacked_bytes > 0);
    }
}

#[test]
fn what_should_not_be_there_and_what_is_missing_are_named() {
    let toy = Toy::new(&[
        ("Cargo.toml", MANIFEST),
        (".gitignore", "/target\n"),
        ("src/lib.rs", ""),
        ("notes/private.txt", "secret"),
    ]);
    let packager = Packager::new()
        .allow("src/**")
        .allow(".gitignore")
        .allow_in("another", "notes/**")
        .want("LICENSE-*")
        .want_in("another", "NOTICE")
        .allow_dirty();
    assert_eq!(
        toy.problems(&packager),
        [
            "`tool`: `notes/private.txt` is packaged, and no pattern allows it; leave it out by `exclude` in the manifest",
            "`tool`: nothing that matches `LICENSE-*` is packaged"
        ]
    );
    let packaged = toy.package(
        &packager.clone().allow("notes/**").allow("LICENSE-*"),
        &["tool"],
    );
    assert!(packaged.is_err(), "the licence is still missing");
}

#[test]
fn a_file_that_only_the_checkout_has_is_named() {
    let toy = Toy::new(&[
        ("Cargo.toml", MANIFEST),
        (".gitignore", "/target\n"),
        (
            "src/lib.rs",
            "pub const A: &str = include_str!(\"../data/a.txt\");\n#[path = \"../data/b.rs\"]\npub mod b;\n",
        ),
        (
            "build.rs",
            "fn main() { println!(\"cargo::rerun-if-changed=data/c.txt\"); }\n",
        ),
        (
            "tests/it.rs",
            "const A: &[u8] = include_bytes!(\"data/missing\");\n",
        ),
        ("data/a.txt", "a"),
        ("data/b.rs", ""),
        ("data/c.txt", "c"),
    ]);
    let packager = Packager::new().allow_dirty();
    assert_eq!(
        toy.problems(&packager),
        [
            "`tool`: `src/lib.rs` names `data/a.txt` by `include_str!`, which is not packaged; see `include` and `exclude` in the manifest",
            "`tool`: `src/lib.rs` names `data/b.rs` by a `path` attribute, which is not packaged; see `include` and `exclude` in the manifest",
            "`tool`: `tests/it.rs` names `tests/data/missing` by `include_bytes!`, which is not there",
            "`tool`: the build script `build.rs` names `data/c.txt`, which is not packaged; see `include` and `exclude` in the manifest",
        ]
    );
    let problems = toy.problems(&packager.skip_sources("tests/**"));
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn a_package_that_is_too_large_is_named_with_its_largest_file() {
    let noise: String = (0..40_000u32)
        .map(|i| char::from(b'a' + (i.wrapping_mul(i ^ 2_654_435_761) >> 13) as u8 % 26))
        .collect();
    let toy = Toy::new(&[
        ("Cargo.toml", MANIFEST),
        (".gitignore", "/target\n"),
        ("src/lib.rs", ""),
        ("table.txt", &noise),
    ]);
    let problems = toy.problems(
        &Packager::new()
            .allow_dirty()
            .without_build()
            .largest_bytes(5000),
    );
    assert!(
        problems[0]
            .contains("more than 5000; its largest files are `tool-0.1.0/table.txt` (40000)"),
        "{problems:?}"
    );
}

#[test]
fn what_cargo_refuses_is_told_in_its_words() {
    let toy = Toy::new(&[
        ("Cargo.toml", MANIFEST),
        (".gitignore", "/target\n"),
        ("src/lib.rs", "compile_error!(\"not like this\");\n"),
    ]);
    let error = toy
        .package(&Packager::new().allow_dirty(), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("not like this"), "{error}");
    fs::write(toy.root().join("src/lib.rs"), "\n").unwrap();
    let error = toy.package(&Packager::new(), &[]).unwrap_err().to_string();
    assert!(
        error.contains("src/lib.rs") && error.contains("--allow-dirty"),
        "{error}"
    );
    let error = toy
        .package(&Packager::new(), &["other"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("`other`: the workspace in"), "{error}");
    let error = toy
        .package(&Packager::new().allow_dirty().allow("["), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("the pattern `[`"), "{error}");
}
