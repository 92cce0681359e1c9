//! git, for what a release asks of it beyond what `tuneup-packaging` offers.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

/// What git prints in a folder, with these arguments and those that are added; an error says what it did. It asks nothing of a terminal.
pub(super) fn git<const N: usize>(
    folder: &Path,
    arguments: [&str; N],
    add: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<String> {
    let mut command = Command::new("git");
    command
        .args(arguments)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0");
    let output = add(&mut command).output().context("cannot start git")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("git {} has failed: {}", arguments.join(" "), said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
