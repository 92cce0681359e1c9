//! A machine on which the toy is released: its checkout, its home of Cargo, and what can be reached from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;
use tuneup_packaging::{Registry, RegistryBuilder};

use crate::toy;

/// A checkout, the repository that it pushes to, a registry, and a home of Cargo that knows it.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) registry: Registry,
}

/// Up to the handing over in seconds.
pub(crate) const HASTY: [&str; 5] = [
    "--skip=wheel",
    "--skip=deb",
    "--skip=readiness",
    "--skip=rehearsal",
    "--execute",
];

/// All that a release may leave where `--resume` looks.
const KEPT: &[&str] = &[
    ".cargo",
    "artefacts",
    "checkout",
    "lock",
    "parts",
    "published.json",
    "readiness",
    "state.json",
    "target",
];

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Registry::builder())
    }

    /// One with a registry that is not always there.
    pub(crate) fn with(registry: RegistryBuilder) -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            registry: registry.start().unwrap(),
        };
        fs::create_dir(world.temporary()).unwrap();
        world.write_home();
        for (path, text) in toy::FILES {
            world.write(path, text);
        }
        for package in ["base", "cargo-tuneup"] {
            for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
                world.write(&format!("crates/{package}/{name}"), "Do what you like.\n");
            }
        }
        world.lock();
        world.begin_history();
        world
    }

    pub(crate) fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    pub(crate) fn origin(&self) -> PathBuf {
        self.folder.path().join("origin.git")
    }

    /// Where a release makes what it makes.
    pub(crate) fn place(&self) -> PathBuf {
        self.checkout().join("target/tuneup/release")
    }

    /// The folder for temporary files, so that what stays there is seen.
    fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.checkout().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Has Cargo write the lock file.
    pub(crate) fn lock(&self) {
        succeed(
            self.command("cargo", &self.checkout())
                .args(["generate-lockfile", "--quiet"]),
        );
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

    fn begin_history(&self) {
        succeed(
            self.command("git", self.folder.path())
                .args(["init", "--quiet", "--bare", "--initial-branch=main"])
                .arg(self.origin()),
        );
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.sign_commits_in(&self.checkout());
        self.git(&["remote", "add", "origin", self.origin().to_str().unwrap()]);
        self.commit("Begin");
        self.push();
    }

    /// Says who commits there.
    pub(crate) fn sign_commits_in(&self, checkout: &Path) {
        for pair in [
            ["user.name", "Somebody"],
            ["user.email", "somebody@example.org"],
        ] {
            succeed(self.command("git", checkout).arg("config").args(pair));
        }
    }

    /// A program that finds that home, and nothing of what these tests were started with.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("CARGO_HOME", self.folder.path().join("home"))
            .env("RUSTUP_HOME", rustup_home())
            .env("TMPDIR", self.temporary())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS")
            .env_remove("CI");
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        succeed(self.command("git", &self.checkout()).args(arguments))
    }

    /// git in another checkout, by somebody.
    pub(crate) fn git_in(&self, checkout: &Path, arguments: &[&str]) -> String {
        self.sign_commits_in(checkout);
        succeed(self.command("git", checkout).args(arguments))
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    pub(crate) fn push(&self) {
        self.git(&["push", "--quiet", "origin", "main"]);
    }

    /// A clone of the repository that is pushed to.
    pub(crate) fn clone_into(&self, folder: &str, arguments: &[&str]) -> PathBuf {
        let folder = self.folder.path().join(folder);
        succeed(
            self.command("git", self.folder.path())
                .args(["clone", "--quiet"])
                .args(arguments)
                .arg(format!("file://{}", self.origin().display()))
                .arg(&folder),
        );
        self.sign_commits_in(&folder);
        folder
    }

    /// Puts a package of somebody else on the registry.
    pub(crate) fn publish(&self, name: &str, version: &str, licence: &str) {
        let folder = self.folder.path().join("others").join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\ndescription = \"A toy\"\nlicense = \"{licence}\"\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("src/lib.rs"), "//! Of somebody else.\n").unwrap();
        succeed(self.command("cargo", &folder).args([
            "publish",
            "--quiet",
            "--no-verify",
            "--registry",
            "loopback",
        ]));
    }

    /// Has the program of the toy need a package of somebody else.
    pub(crate) fn depend_on(&self, name: &str) {
        let (path, text) = toy::PROGRAM_MANIFEST;
        self.write(path, &format!("{text}{name} = \"0.1\"\n"));
        self.lock();
        self.commit(&format!("Depend on {name}"));
    }

    /// `cargo xtask release` in a checkout, to the registry on loopback.
    pub(crate) fn command_in(&self, checkout: &Path, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_xtask"), checkout);
        command
            .args(["release", "minor", "--json", "--registry", "loopback"])
            .args(arguments);
        command
    }

    pub(crate) fn release(&self, arguments: &[&str]) -> Output {
        self.command_in(&self.checkout(), arguments)
            .output()
            .unwrap()
    }

    /// Expects a release to stop before anything has happened outside of its own folder; what it complains of.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Refusal {
        self.refused_by(&mut self.command_in(&self.checkout(), arguments))
    }

    pub(crate) fn refused_by(&self, release: &mut Command) -> Refusal {
        let before = self.traces();
        let refusal = Refusal::of(&release.output().unwrap());
        assert_eq!(self.traces(), before, "{}", refusal.said);
        self.assert_tidied_up();
        refusal
    }

    /// All that others see of a release, and the checkout: files, commits, branches and tags.
    pub(crate) fn traces(&self) -> String {
        let published = self.registry.published();
        let published: Vec<String> = published
            .iter()
            .map(|((name, version), indexed)| format!("{name} {version} {}", indexed.checksum))
            .collect();
        [
            self.git(&["status", "--porcelain"]),
            self.git(&["rev-parse", "HEAD"]),
            self.git(&["for-each-ref"]),
            self.git(&["ls-remote", "origin"]),
            published.join("\n"),
        ]
        .join("\n")
    }

    /// Nothing is left but what a release that goes on needs.
    fn assert_tidied_up(&self) {
        assert_eq!(names_in(&self.temporary()), BTreeSet::new());
        let kept = names_in(&self.place());
        assert!(
            kept.iter().all(|name| KEPT.contains(&&name[..])),
            "{kept:?}"
        );
    }

    /// Names and versions on the registry.
    pub(crate) fn published(&self) -> Vec<String> {
        let published = self.registry.published().into_keys();
        published
            .map(|(name, version)| format!("{name} {version}"))
            .collect()
    }
}

/// The names in a folder, which need not be there.
fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn rustup_home() -> PathBuf {
    let named = env::var_os("RUSTUP_HOME").map(PathBuf::from);
    named.unwrap_or_else(|| env::home_dir().unwrap().join(".rustup"))
}

/// What a program prints that has to go well.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// Names and hashes of all that was made.
pub(crate) fn made(output: &Output) -> BTreeMap<String, String> {
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

/// A release that has stopped.
pub(crate) struct Refusal {
    /// The step that has failed; none if there was none yet.
    step: Option<String>,
    pub(crate) said: String,
}

impl Refusal {
    pub(crate) fn of(output: &Output) -> Self {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        let report: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        let last = report.and_then(|report| report["steps"].as_array()?.last().cloned());
        let failed = last.filter(|step| step["outcome"] == "failed");
        Self {
            step: failed.map(|step| step["name"].as_str().unwrap().to_owned()),
            said,
        }
    }

    /// Expects it to be this step that has failed, and all of these words to be in the complaint.
    #[track_caller]
    pub(crate) fn is_at(&self, step: &str, words: &[&str]) {
        assert_eq!(self.step.as_deref(), Some(step), "{}", self.said);
        self.has(words);
        assert!(self.said.contains("--resume"), "{}", self.said);
    }

    /// Expects it to have stopped before or between steps, with these words.
    #[track_caller]
    pub(crate) fn is_in_no_step(&self, words: &[&str]) {
        assert_eq!(self.step, None, "{}", self.said);
        self.has(words);
    }

    #[track_caller]
    fn has(&self, words: &[&str]) {
        let (_, complaint) = self.said.split_once("error: ").unwrap();
        for word in words {
            assert!(complaint.contains(word), "`{word}` is not in: {complaint}");
        }
    }
}
