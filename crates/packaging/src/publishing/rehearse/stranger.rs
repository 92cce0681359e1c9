//! Somebody who has the toolchain, the address of the registry, and nothing else.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::Stage;
use crate::{
    Error, Registry, publishing::registry::pass_proxies_by, runner::answer, workspace::cargo,
};

/// Variables that would have Cargo or the compilers do something else than they do for strangers, by how they begin.
const PRIVATE: &[&str] = &["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "RUST_"];

/// Of those, what says how to reach the network, and how to print.
const HARMLESS: &[&str] = &["CARGO_HTTP_", "CARGO_NET_", "CARGO_TERM_"];

/// How commands of a rehearsal are made.
pub(super) struct Stranger {
    home: PathBuf,
    target: PathBuf,
    cargo: OsString,
    path: OsString,
    /// Names of variables that are there, and are not handed on.
    private: Vec<OsString>,
}

impl Stranger {
    /// Asks for the toolchain of the checkout, which may be named in a file there that strangers do not have. Reads `PATH` and the names of all variables.
    pub(super) fn new(stage: &Stage<'_>, registry: &Registry) -> Result<Self, Error> {
        let workspace = stage.rehearsal.workspace;
        let mut command = Command::new("rustc");
        command
            .args(["--print", "sysroot"])
            .current_dir(&workspace.root);
        let sysroot = answer(stage.runner, &mut command)?;
        let bin = Path::new(sysroot.trim()).join("bin");
        let own = bin.join(format!("cargo{}", env::consts::EXE_SUFFIX));
        let before = env::var_os("PATH").unwrap_or_default();
        let paths = [bin].into_iter().chain(env::split_paths(&before));
        let stranger = Self {
            home: stage.folder.join("cargo-home"),
            target: stage.folder.join("target"),
            cargo: if own.is_file() { own.into() } else { cargo() },
            // A folder with a colon in its name cannot be in a PATH at all.
            path: env::join_paths(paths).unwrap_or(before),
            private: private_variables(),
        };
        registry.write_cargo_home(&stranger.home)?;
        Ok(stranger)
    }

    /// A program that runs in a folder, in this environment.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        for name in &self.private {
            command.env_remove(name);
        }
        command
            .env("PATH", &self.path)
            .env("CARGO_HOME", &self.home)
            .env("CARGO_TARGET_DIR", &self.target)
            // What they keep for the next build would be thrown away.
            .env("CARGO_INCREMENTAL", "0")
            // Lines for backtraces and profilers; the rest is most of the disk that a build takes.
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        pass_proxies_by(&mut command);
        command
    }

    pub(super) fn cargo(&self, folder: &Path) -> Command {
        self.command(&self.cargo, folder)
    }

    /// Where the sources of a package have been unpacked, once something has depended on it.
    pub(super) fn sources(&self, package: &str, version: &semver::Version) -> Option<PathBuf> {
        let sources = fs::read_dir(self.home.join("registry/src")).ok()?;
        let folder = format!("{package}-{version}");
        let mut folders = sources
            .flatten()
            .map(|registry| registry.path().join(&folder));
        folders.find(|folder| folder.is_dir())
    }

    /// Becomes somebody who has never seen any of this. What is compiled of others' crates stays: their sources will be at the same place.
    pub(super) fn forget(&self, registry: &Registry) -> Result<(), Error> {
        match fs::remove_dir_all(&self.home) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::file("remove", &self.home)(error))
            }
            _ => registry.write_cargo_home(&self.home),
        }
    }
}

fn private_variables() -> Vec<OsString> {
    let begins = |name: &OsStr, list: &[&str]| {
        let name = name.to_string_lossy();
        list.iter().any(|start| name.starts_with(start))
    };
    let names = env::vars_os().map(|(name, _)| name);
    names
        .filter(|name| begins(name, PRIVATE) && !begins(name, HARMLESS))
        .collect()
}
