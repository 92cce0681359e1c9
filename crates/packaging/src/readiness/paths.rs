//! Paths that lead to the same place, told as one.

use std::path::{Component, Path, PathBuf};

/// Without `.` and `..`, whether the file is there or not.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// Where a file is, whatever links lead to it: a package may show a README that lies elsewhere.
pub(crate) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| normal(path))
}
