//! The program of a release, and what it tells of itself.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Artefacts, Made, PACKAGE, cannot};

/// The program, and what it tells of itself.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::release) struct Program {
    pub(super) path: PathBuf,
    pub(super) manual: PathBuf,
    pub(super) completions: Vec<(String, PathBuf)>,
}

impl Artefacts<'_> {
    /// Builds the program so that no path of this machine is in it, and has it write its manual and completions.
    pub(in crate::release) fn build(&self) -> Result<Made<Program>> {
        // What an earlier release has left is no part of this one.
        for folder in [&self.folder, &self.parts] {
            fs::remove_dir_all(folder).map_err(cannot("remove", folder))?;
            fs::create_dir_all(folder).map_err(cannot("make", folder))?;
        }
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["build", "--release", "--locked", "--package", PACKAGE])
            .arg("--message-format=json-render-diagnostics")
            .arg("--target-dir")
            .arg(&self.scratch.target)
            .env("CARGO_ENCODED_RUSTFLAGS", self.remapped()?)
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("CARGO_INCREMENTAL", "0")
            .env("SOURCE_DATE_EPOCH", self.date.unix().to_string())
            .current_dir(&self.scratch.folder);
        let output = cargo.stderr(Stdio::inherit()).output();
        let output = output.context("cannot start Cargo")?;
        if !output.status.success() {
            bail!("the program does not build; see above");
        }
        let built = built(&output.stdout).context("Cargo does not say where the program is")?;
        let path = self.parts.join(PACKAGE);
        fs::copy(built, &path).map_err(cannot("write", &path))?;
        let manual = self.written(&path, &["man"], &format!("{PACKAGE}.1"))?;
        let completions = ["bash", "zsh", "fish"].map(|shell| {
            let file = format!("{PACKAGE}.{shell}");
            Ok((
                shell.to_owned(),
                self.written(&path, &["completions", shell], &file)?,
            ))
        });
        let completions: Vec<(String, PathBuf)> = completions.into_iter().collect::<Result<_>>()?;
        let files = completions.iter().map(|(_, path)| path.clone());
        Ok(Made::of(Program {
            path: path.clone(),
            manual: manual.clone(),
            completions: completions.clone(),
        })
        .with_file(path)
        .with_file(manual)
        .with_files(files))
    }

    /// Folders of this machine are called by what they are, so that the same program comes of any.
    fn remapped(&self) -> Result<String> {
        let home = tuneup_packaging::cargo_home();
        let folders = [
            (&self.scratch.folder, "/source"),
            (&self.scratch.target, "/target"),
            (&home, "/cargo"),
        ];
        let flags = folders.map(|(folder, name)| {
            let folder = folder.to_str().with_context(|| {
                format!("`{}` is no Unicode; check out elsewhere", folder.display())
            })?;
            Ok(format!("--remap-path-prefix={folder}={name}"))
        });
        let flags: Vec<String> = flags.into_iter().collect::<Result<_>>()?;
        Ok(flags.join("\u{1f}"))
    }

    /// What the program prints, in a file.
    fn written(&self, program: &Path, arguments: &[&str], file: &str) -> Result<PathBuf> {
        let output = Command::new(program).args(arguments).output();
        let output = output.with_context(|| format!("cannot start `{}`", program.display()))?;
        if !output.status.success() {
            bail!(
                "the program does not do `{}`: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let path = self.parts.join(file);
        fs::write(&path, output.stdout).map_err(cannot("write", &path))?;
        Ok(path)
    }
}

/// Where Cargo has put the program, by its messages: that depends on targets in its configuration.
fn built(messages: &[u8]) -> Option<PathBuf> {
    let lines = messages.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut programs = messages.filter(|message| message["target"]["name"] == PACKAGE);
    programs.find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
}
