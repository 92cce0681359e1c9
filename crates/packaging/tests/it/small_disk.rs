//! A disk that is soon full.

#[cfg(feature = "registry")]
use std::fs;
use std::{path::Path, process::Command};

use tempfile::TempDir;

use crate::programs::leave_out;

/// A small file system, until it is dropped.
pub(crate) struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// An empty one of 64 KiB. Only the administrator may mount one: `None` for others.
    pub(crate) fn empty(test: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(folder.path());
        if !mount.output().is_ok_and(|output| output.status.success()) {
            leave_out(test, "only root may mount a small file system");
            return None;
        }
        Some(Self { folder })
    }

    /// One on which nothing more can be written.
    #[cfg(feature = "registry")]
    pub(crate) fn full(test: &str) -> Option<Self> {
        let disk = Self::empty(test)?;
        let mut number = 0;
        while fs::write(disk.path().join(number.to_string()), [0; 4096]).is_ok() {
            number += 1;
        }
        Some(disk)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.path()).output());
    }
}
