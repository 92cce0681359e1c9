//! Toy packages in scratch folders, and Cargos that know a loopback registry and nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;
use tuneup_packaging::{Registry, Runner};

use crate::{
    programs::{failed, output},
    toy::{self, Toy},
};

/// The manifest of a library that may be published, with what is to follow its `[package]`.
pub(crate) fn manifest(name: &str, rest: &str) -> String {
    toy::manifest(
        name,
        "0.1.0",
        &format!(
            "description = \"A toy\"
license = \"MIT\"
{rest}"
        ),
    )
}

/// A place for Cargo that has nothing of the machine's.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// One in which the registry stands for the public one.
    pub(crate) fn of(registry: &Registry) -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        registry.write_cargo_home(&home.path()).unwrap();
        home
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where its Cargos build.
    pub(crate) fn target(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    /// A Cargo in a folder, which builds into a folder of this home.
    pub(crate) fn cargo(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(arguments)
            .current_dir(folder)
            .env("CARGO_HOME", self.path())
            .env("CARGO_TARGET_DIR", self.target())
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_NET_RETRY", "0");
        command
    }

    /// One that knows the registry as `loopback`, and has its token in Cargo's own store, as a user's has.
    pub(crate) fn of_publisher(registry: &Registry) -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(home.path()).unwrap();
        let config = format!(
            "[registries.loopback]\nindex = \"{}\"\n",
            registry.index_url()
        );
        fs::write(home.path().join("config.toml"), config).unwrap();
        let token = format!("[registries.loopback]\ntoken = \"{}\"\n", registry.token());
        fs::write(home.path().join("credentials.toml"), token).unwrap();
        home
    }

    /// Runs it, and expects it to do what it should.
    pub(crate) fn run(&self, folder: &Path, arguments: &[&str]) -> String {
        output(&mut self.cargo(folder, arguments))
    }
}

/// Runs programs at home.
impl Runner for Home {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        run_at(&self.path(), command)
    }
}

/// Runs a program whose `CARGO_HOME` this is.
pub(crate) fn run_at(home: &Path, command: &mut Command) -> io::Result<Output> {
    command
        .env("CARGO_HOME", home)
        .env("CARGO_NET_RETRY", "0")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET_DIR")
        .stdin(Stdio::null())
        .output()
}

/// A `cargo publish` of everything in a folder.
pub(crate) fn publish(registry: &Registry, home: &Home, folder: &Path) -> Command {
    let mut command = home.cargo(
        folder,
        &[
            "publish",
            "--workspace",
            "--registry",
            "loopback",
            "--allow-dirty",
            "--no-verify",
        ],
    );
    registry.tell("loopback", &mut command);
    command
}

/// A workspace that is published to `loopback`: a diamond with a program on top, in a repository without changes.
pub(crate) fn publishable() -> Toy {
    let sibling = |name: &str| {
        format!("{name} = {{ path = \"../{name}\", version = \"0.1\", registry = \"loopback\" }}\n")
    };
    let dependencies = |names: &[&str]| {
        let lines: String = names.iter().map(|name| sibling(name)).collect();
        format!("[dependencies]\n{lines}")
    };
    let toy = Toy::new(&[
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"toy-*\"]\n",
        ),
        (".gitignore", "/target\n/state\n"),
        ("toy-base/Cargo.toml", &manifest("toy-base", "")),
        ("toy-base/src/lib.rs", "pub fn base() -> u32 { 1 }"),
        (
            "toy-left/Cargo.toml",
            &manifest("toy-left", &dependencies(&["toy-base"])),
        ),
        ("toy-left/src/lib.rs", "pub use toy_base::base as left;"),
        (
            "toy-right/Cargo.toml",
            &manifest("toy-right", &dependencies(&["toy-base"])),
        ),
        ("toy-right/src/lib.rs", "pub use toy_base::base as right;"),
        (
            "toy-top/Cargo.toml",
            &manifest("toy-top", &dependencies(&["toy-left", "toy-right"])),
        ),
        (
            "toy-top/src/main.rs",
            "fn main() { println!(\"{}\", toy_left::left() + toy_right::right()); }",
        ),
        (
            "toy-private/Cargo.toml",
            "[package]\nname = \"toy-private\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n",
        ),
        ("toy-private/src/lib.rs", ""),
    ]);
    toy.commit("Change");
    toy
}

/// A home that has downloaded a package of somebody else's, `toy-third`, from a registry that is gone; and what it had it for.
pub(crate) fn machine_with_third_party(is_yanked: bool) -> (Home, Toy) {
    let elsewhere = Registry::builder().start().unwrap();
    let third_party = Toy::new(&[
        ("Cargo.toml", &manifest("toy-third", "")),
        ("src/lib.rs", "pub fn third() -> u32 { 3 }"),
    ]);
    let machine = Home::of(&elsewhere);
    output(&mut publish(&elsewhere, &machine, third_party.path()));
    let user = Toy::new(&[
        (
            "Cargo.toml",
            &manifest("toy-user", "[dependencies]\ntoy-third = \"0.1\"\n"),
        ),
        (
            "src/lib.rs",
            "pub fn use_it() -> u32 { toy_third::third() }",
        ),
    ]);
    machine.run(user.path(), &["check"]);
    if is_yanked {
        let mut yank = machine.cargo(
            user.path(),
            &["yank", "toy-third@0.1.0", "--registry", "loopback"],
        );
        elsewhere.tell("loopback", &mut yank);
        output(&mut yank);
        // The machine hears of it when it looks next.
        let said = failed(&mut machine.cargo(user.path(), &["update"]));
        assert!(said.contains("0.1.0 is yanked"), "{said}");
    }
    (machine, user)
}
