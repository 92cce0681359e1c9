//! A release of a small workspace, from the commit to a registry, a remote repository and a stranger's machine, all on loopback.

#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;
use tuneup_packaging::Registry;

/// The program has the name of ours: it is what is released here.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"0.1.0\"\n\n\
         [workspace.dependencies]\ntoy-base = { path = \"crates/base\", version = \"0.1.0\" }\n",
    ),
    (".gitignore", "/target\n"),
    (
        "CHANGELOG.md",
        "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A toy.\n",
    ),
    (
        "crates/base/Cargo.toml",
        "[package]\nname = \"toy-base\"\nversion.workspace = true\nedition = \"2024\"\ndescription = \"A toy\"\nlicense = \"MIT\"\nreadme = \"README.md\"\n",
    ),
    (
        "crates/base/README.md",
        "# toy-base\n\n```rust\nassert_eq!(toy_base::one(), 1);\n```\n",
    ),
    (
        "crates/base/src/lib.rs",
        "#![doc = include_str!(\"../README.md\")]\n/// One.\npub fn one() -> u32 { 1 }\n",
    ),
    (
        "crates/cargo-tuneup/Cargo.toml",
        "[package]\nname = \"cargo-tuneup\"\nversion.workspace = true\nedition = \"2024\"\ndescription = \"A toy program\"\nauthors = [\"Somebody\"]\nlicense = \"MIT\"\n\
         readme = \"README.md\"\n\n[dependencies]\ntoy-base.workspace = true\n",
    ),
    ("crates/cargo-tuneup/README.md", "# cargo-tuneup\n"),
    (
        "crates/cargo-tuneup/src/main.rs",
        "fn main() {\n    let words: Vec<String> = std::env::args().skip(1).collect();\n    match words.join(\" \").as_str() {\n        \
         \"tuneup --version\" => println!(\"cargo-tuneup {}\", env!(\"CARGO_PKG_VERSION\")),\n        other => println!(\"{other} of {}\", toy_base::one()),\n    }\n}\n",
    ),
];

/// A checkout, the repository that it pushes to, a registry, and a home of Cargo that knows it.
struct World {
    folder: TempDir,
    registry: Registry,
}

impl World {
    fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            registry: Registry::builder().start().unwrap(),
        };
        world.write_home();
        for (path, text) in FILES {
            world.write(path, text);
        }
        for package in ["base", "cargo-tuneup"] {
            for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
                world.write(&format!("crates/{package}/{name}"), "Do what you like.\n");
            }
        }
        succeed(
            world
                .command("cargo", &world.checkout())
                .args(["generate-lockfile"]),
        );
        let origin = world.folder.path().join("origin.git");
        succeed(
            world
                .command("git", world.folder.path())
                .args(["init", "--quiet", "--bare", "--initial-branch=main"])
                .arg(&origin),
        );
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.git(&["config", "user.name", "Somebody"]);
        world.git(&["config", "user.email", "somebody@example.org"]);
        world.git(&["remote", "add", "origin", origin.to_str().unwrap()]);
        world.commit("Begin");
        world.git(&["push", "--quiet", "origin", "main"]);
        world
    }

    fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.checkout().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn write_home(&self) {
        let home = self.folder.path().join("home");
        // Stands for the public registry, and is published to by its own name, as Cargo wants it where one stands for another.
        self.registry.write_cargo_home(&home).unwrap();
        let index = self.registry.index_url();
        let mut config = fs::read_to_string(home.join("config.toml")).unwrap();
        config.push_str(&format!("\n[registries.loopback]\nindex = \"{index}\"\n"));
        fs::write(home.join("config.toml"), config).unwrap();
        let token = format!(
            "[registries.loopback]\ntoken = \"{}\"\n",
            self.registry.token()
        );
        fs::write(home.join("credentials.toml"), token).unwrap();
    }

    /// A program that finds that home, and nothing of what these tests were started with.
    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("CARGO_HOME", self.folder.path().join("home"))
            .env("RUSTUP_HOME", rustup_home())
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS")
            .env_remove("CI");
        command
    }

    fn git(&self, arguments: &[&str]) -> String {
        succeed(self.command("git", &self.checkout()).args(arguments))
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// `cargo xtask release` in a checkout; readiness is a matter of hours, and of its own tests.
    fn release(&self, checkout: &Path, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_xtask"), checkout)
            .args(["release", "minor", "--json", "--skip", "readiness"])
            .args(["--registry", "loopback"])
            .args(arguments)
            .output()
            .unwrap()
    }
}

fn rustup_home() -> PathBuf {
    let named = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    named.unwrap_or_else(|| std::env::home_dir().unwrap().join(".rustup"))
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Names and hashes of all that was made.
fn made(output: &Output) -> BTreeMap<String, String> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = report["steps"].as_array().unwrap().iter();
    let files = steps.flat_map(|step| step["files"].as_array().unwrap());
    files
        .map(|file| {
            let path = Path::new(file["path"].as_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            (name.to_owned(), file["sha256"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// Whether there is what installs the artefacts; otherwise a line says what was left out.
fn has_tools(test: &str) -> bool {
    let tools: &[(&str, &[&str])] = &[
        ("python3", &["-c", "import ensurepip, venv"]),
        ("dpkg", &["--version"]),
        ("unzip", &["-v"]),
    ];
    let is_missing = |(program, arguments): &&(&str, &[&str])| {
        let output = Command::new(program).args(*arguments).output();
        !output.is_ok_and(|output| output.status.success())
    };
    let Some((missing, _)) = tools.iter().find(is_missing) else {
        return true;
    };
    // Past the capture of the test harness.
    let mut stderr = std::io::stderr();
    writeln!(
        stderr,
        "skipped: {test}: {missing} is not installed, or not all of it"
    )
    .unwrap();
    false
}

#[test]
fn a_release_is_made_twice_alike_and_handed_over() {
    if !has_tools("a_release_is_made_twice_alike_and_handed_over") {
        return;
    }
    let world = World::new();
    let before = world.git(&["rev-parse", "HEAD"]);
    let first = made(&world.release(&world.checkout(), &[]));
    for ending in [
        ".crate",
        ".tar.gz",
        ".zip",
        ".whl",
        ".deb",
        ".cdx.json",
        "SHA256SUMS",
    ] {
        assert!(
            first.keys().any(|name| name.ends_with(ending)),
            "{ending}: {first:#?}"
        );
    }
    // The checkout is as it was.
    assert_eq!(world.git(&["rev-parse", "HEAD"]), before);
    assert_eq!(
        world.git(&["status", "--porcelain"]) + &world.git(&["tag"]),
        ""
    );
    assert!(world.registry.published().is_empty());

    let elsewhere = world.folder.path().join("quite/another/place");
    let origin = world.folder.path().join("origin.git");
    succeed(
        world
            .command("git", world.folder.path())
            .args(["clone", "--quiet"])
            .arg(origin)
            .arg(&elsewhere),
    );
    for pair in [
        ["user.name", "Somebody"],
        ["user.email", "somebody@example.org"],
    ] {
        succeed(world.command("git", &elsewhere).arg("config").args(pair));
    }
    assert_eq!(made(&world.release(&elsewhere, &[])), first);

    let handed_over = made(&world.release(&world.checkout(), &["--execute"]));
    assert!(
        first
            .iter()
            .all(|(name, hash)| handed_over.get(name) == Some(hash))
    );
    let published: Vec<String> = world
        .registry
        .published()
        .keys()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    assert_eq!(published, ["cargo-tuneup 0.2.0", "toy-base 0.2.0"]);
    assert_eq!(world.git(&["log", "-1", "--format=%s"]), "Release 0.2.0\n");
    let there = world.git(&["ls-remote", "origin"]);
    let head = world.git(&["rev-parse", "HEAD"]);
    assert!(
        there.contains(&format!("{}\trefs/heads/main", head.trim())),
        "{there}"
    );
    assert!(there.contains("refs/tags/v0.2.0"), "{there}");
    let notes = world.git(&["tag", "--list", "--format=%(contents)", "v0.2.0"]);
    assert!(notes.contains("A toy."), "{notes}");
    // There is nothing more to release.
    let again = complaint(&world.release(&world.checkout(), &["--execute"]));
    assert!(
        again.contains("there are no commits since `v0.2.0`"),
        "{again}"
    );
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_left_behind() {
    let world = World::new();
    let untouched = || {
        assert_eq!(
            world.git(&["tag"]) + &world.git(&["status", "--porcelain"]),
            ""
        );
        assert!(world.registry.published().is_empty());
    };
    let named = |arguments: &[&str], what: &str| {
        let said = complaint(&world.release(&world.checkout(), arguments));
        assert!(said.contains(what), "{what}: {said}");
    };
    world.write("dirt", "");
    named(&[], "dirt");
    fs::remove_file(world.checkout().join("dirt")).unwrap();

    named(&["--resume"], "no run was stopped");
    named(&["--skip", "evidence"], "cannot be skipped");
    named(&["--skip", "nothing"], "there is no step `nothing`");
    untouched();

    let shallow = world.folder.path().join("shallow");
    let origin = format!(
        "file://{}",
        world.folder.path().join("origin.git").display()
    );
    world.write("crates/base/src/more.rs", "");
    world.commit("More");
    world.git(&["push", "--quiet", "origin", "main"]);
    succeed(
        world
            .command("git", world.folder.path())
            .args(["clone", "--quiet", "--depth=1", &origin])
            .arg(&shallow),
    );
    let said = complaint(&world.release(&shallow, &[]));
    assert!(said.contains("shallow"), "{said}");

    world.write(
        "crates/base/README.md",
        "```rust\nassert_eq!(toy_base::one(), 2);\n```\n",
    );
    world.commit("Break an example");
    let bare = ["--skip", "wheel", "--skip", "deb"];
    named(&[&bare[..], &["--execute"]].concat(), "README");
    untouched();

    world.write("crates/base/README.md", "A toy.\n");
    world.write("crates/base/src/lib.rs", "//! A toy.\n/// One.\npub fn one() -> u32 { include_str!(\"../../../CHANGELOG.md\").len() as u32 }\n");
    world.commit("Name a file that is not published");
    named(&bare, "CHANGELOG.md");
    untouched();

    world.git(&["tag", "v0.2.0", "HEAD~1"]);
    named(&bare, "v0.2.0");
}
