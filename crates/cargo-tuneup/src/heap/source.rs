//! Names of source files that a person can read.

use std::path::Path;

/// Below which Cargo keeps sources, and how many folders stand between that and the folder of a package.
const KEPT: [(&str, usize); 2] = [("/registry/src/", 1), ("/git/checkouts/", 0)];

/// Relative to the workspace, or to where Cargo keeps the sources of others. Those of the standard library stay recognisable.
pub(super) fn short(file: &str, root: &Path) -> String {
    if let Ok(inside) = Path::new(file).strip_prefix(root) {
        return inside.display().to_string();
    }
    // The number of the compiler's commit is longer than the rest.
    if let Some((_, inside)) = file
        .strip_prefix("/rustc/")
        .and_then(|inside| inside.split_once('/'))
    {
        return format!("/rustc/{inside}");
    }
    let of_cargo = KEPT.into_iter().find_map(|(folder, between)| {
        let (_, rest) = file.split_once(folder)?;
        rest.splitn(between + 1, '/').nth(between)
    });
    of_cargo.unwrap_or(file).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_workspace_or_the_package_on() {
        let root = Path::new("/projects/app");
        for (file, expected) in [
            ("/projects/app/src/main.rs", "src/main.rs"),
            ("/projects/apple/src/main.rs", "/projects/apple/src/main.rs"),
            (
                "/projects/.cargo/registry/src/index-1949cf8c6b5b557f/serde-1.0.1/src/de.rs",
                "serde-1.0.1/src/de.rs",
            ),
            (
                "/projects/.cargo/git/checkouts/tool-0a1b/77ffe00/src/lib.rs",
                "tool-0a1b/77ffe00/src/lib.rs",
            ),
            (
                "/rustc/5980/library/alloc/src/vec.rs",
                "/rustc/library/alloc/src/vec.rs",
            ),
            ("src/main.rs", "src/main.rs"),
            ("", ""),
        ] {
            assert_eq!(short(file, root), expected);
        }
    }
}
