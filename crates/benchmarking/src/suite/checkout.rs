//! The sources of a build: this work tree, a folder, or a commit checked out beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

#[cfg(test)]
mod tests;

/// The other side of a gate: a folder to build in. A checkout of a commit is removed again when this is dropped.
#[derive(Debug)]
pub(super) struct Checkout {
    pub(super) folder: PathBuf,
    /// What it is, for people: the commit or the folder.
    pub(super) label: String,
    /// The repository and the path of the checkout to remove.
    worktree: Option<(PathBuf, String)>,
}

impl Checkout {
    /// `revision` names a commit of the workspace's repository, or a folder with a workspace in it.
    pub(super) fn of(workspace: &Path, revision: &str, output: &Path) -> Result<Self, Error> {
        let folder = Path::new(revision);
        // An empty revision, from a variable that is not set, would be the current folder.
        if !revision.is_empty() && folder.join("Cargo.toml").is_file() {
            let folder = std::fs::canonicalize(folder).map_err(|source| Error::Io {
                path: folder.to_owned(),
                source,
            })?;
            return Ok(Self {
                label: folder.display().to_string(),
                folder,
                worktree: None,
            });
        }
        let commit = git(
            workspace,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &format!("{revision}^{{commit}}"),
            ],
        )
        .ok_or_else(|| Error::UnknownRevision {
            revision: revision.to_owned(),
        })?;
        // Always the same folder: its path is part of the compiler's flags, and another one would rebuild the world.
        let folder = output.join("against").join("tree");
        let path = folder.to_string_lossy().into_owned();
        if git(workspace, &["worktree", "remove", "--force", &path]).is_none() && folder.exists() {
            // Left by a run on another clone, or pruned since: git no longer knows it and would refuse to write there.
            std::fs::remove_dir_all(&folder).map_err(|source| Error::Io {
                path: folder.clone(),
                source,
            })?;
        }
        run(
            workspace,
            &["worktree", "add", "--detach", "--force", &path, &commit],
        )
        .map_err(|reason| Error::Checkout {
            revision: revision.to_owned(),
            reason,
        })?;
        Ok(Self {
            // A workspace may lie below the root of its repository.
            folder: folder
                .join(git(workspace, &["rev-parse", "--show-prefix"]).unwrap_or_default()),
            worktree: Some((workspace.to_owned(), path)),
            label: format!("{revision} ({})", &commit[..12.min(commit.len())]),
        })
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Some((workspace, path)) = &self.worktree {
            git(workspace, &["worktree", "remove", "--force", path]);
        }
    }
}

/// The commit of a work tree, `-dirty` where it has changes; empty outside a repository.
pub(super) fn commit(workspace: &Path) -> String {
    let Some(commit) = git(workspace, &["rev-parse", "--short=12", "HEAD"]) else {
        return String::new();
    };
    match git(
        workspace,
        &["status", "--porcelain", "--untracked-files=no"],
    ) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}-dirty"),
    }
}

/// What git prints, trimmed, or `None` when it fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    run(folder, arguments).ok()
}

/// What git prints, trimmed, or what it says when it fails.
fn run(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(said(&output.stderr))
    }
}
