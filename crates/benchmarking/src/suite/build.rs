//! Building the bench executables of a package.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use super::Stop;
use crate::Error;

/// Which package to build, where and how.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// The workspace to build in.
    pub(crate) workspace: PathBuf,
    /// The package with the bench files.
    pub(crate) package: String,
    /// Features of that package.
    pub(crate) features: Vec<String>,
    /// Where to build, when not in the workspace's own target directory.
    pub(crate) target_dir: Option<PathBuf>,
    /// Flags for the compiler, after those from the environment and in place of those from Cargo's configuration, and one code generation unit: for builds that must be alike.
    pub(crate) rustflags: Option<Vec<String>>,
}

/// A built bench file.
#[derive(Clone, Debug)]
pub(crate) struct Executable {
    /// Name of the bench target.
    pub(crate) name: String,
    /// Path of the executable.
    pub(crate) path: PathBuf,
}

impl Build {
    /// Builds, with the compiler's messages on standard error, and names the executables.
    ///
    /// An interrupt from the keyboard ends Cargo as well: then the build has not failed.
    pub(crate) fn run(&self, stop: &Stop) -> Result<Vec<Executable>, Error> {
        let output = self
            .command()
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| Error::Start {
                program: "cargo".to_owned(),
                source,
            })?;
        stop.check()?;
        if !output.status.success() {
            return Err(Error::Build {
                package: self.package.clone(),
                workspace: self.workspace.clone(),
            });
        }
        let mut executables: Vec<_> = Message::parse_stream(&output.stdout[..])
            .map_while(Result::ok)
            .filter_map(bench_executable)
            .collect();
        executables.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(executables)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(cargo());
        command
            .current_dir(&self.workspace)
            .args([
                "bench",
                "--no-run",
                "--bench",
                "*",
                "--package",
                &self.package,
            ])
            .args(["--message-format", "json-render-diagnostics"]);
        if !self.features.is_empty() {
            command.args(["--features", &self.features.join(",")]);
        }
        if let Some(target_dir) = &self.target_dir {
            command.arg("--target-dir").arg(target_dir);
        }
        if let Some(rustflags) = &self.rustflags {
            // Encoded, because a folder may have a space in its name.
            command.env(
                "CARGO_ENCODED_RUSTFLAGS",
                with_flags_of_the_user(rustflags).join("\u{1f}"),
            );
            // In several units, a change of one function moves others to other units and changes what is inlined into them.
            command.env("CARGO_PROFILE_BENCH_CODEGEN_UNITS", "1");
        }
        command
    }
}

/// The Cargo that runs us, so that the toolchain is the same.
fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// The flags that Cargo would have taken from the environment, then ours.
fn with_flags_of_the_user(ours: &[String]) -> Vec<String> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let encoded = variable("CARGO_ENCODED_RUSTFLAGS");
    let plain = variable("RUSTFLAGS");
    let theirs: Vec<&str> = if encoded.is_empty() {
        plain.split_whitespace().collect()
    } else {
        encoded.split('\u{1f}').collect()
    };
    theirs
        .into_iter()
        .map(str::to_owned)
        .chain(ours.iter().cloned())
        .collect()
}

fn bench_executable(message: Message) -> Option<Executable> {
    let Message::CompilerArtifact(artifact) = message else {
        return None;
    };
    let path = artifact.executable?;
    Some(Executable {
        name: artifact.target.name,
        path: Path::new(path.as_str()).to_owned(),
    })
}
