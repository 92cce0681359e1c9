//! The workspace that is released: a library, a program with the name of ours, and an xtask that has nothing to say.

/// Paths and texts. All of it is as the readiness wants it.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        r#"[workspace]
resolver = "3"
members = ["crates/*", "xtask"]

[workspace.package]
version = "0.1.0"
edition = "2024"
rust-version = "1.85"
license = "MIT"

[workspace.dependencies]
toy-base = { path = "crates/base", version = "0.1.0" }
"#,
    ),
    (
        ".cargo/config.toml",
        "[alias]\nxtask = \"run --quiet --package xtask --\"\n",
    ),
    (".gitignore", "/target\n"),
    (
        "CHANGELOG.md",
        "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A toy.\n",
    ),
    (BASE_MANIFEST.0, BASE_MANIFEST.1),
    (
        "crates/base/README.md",
        "# toy-base\n\n```rust\nassert_eq!(toy_base::one(), 1);\n```\n",
    ),
    (
        "crates/base/src/lib.rs",
        r#"#![doc = include_str!("../README.md")]

/// One.
pub fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    #[test]
    fn one() {
        assert_eq!(super::one(), 1);
    }
}
"#,
    ),
    (PROGRAM_MANIFEST.0, PROGRAM_MANIFEST.1),
    (PROGRAM_README.0, PROGRAM_README.1),
    (
        "crates/cargo-tuneup/src/main.rs",
        r#"fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.join(" ").as_str() {
        "tuneup --version" => println!("cargo-tuneup {}", env!("CARGO_PKG_VERSION")),
        other => println!("{other} of {}", toy_base::one()),
    }
}
"#,
    ),
    (
        "xtask/Cargo.toml",
        "[package]\nname = \"xtask\"\nversion.workspace = true\nedition.workspace = true\npublish = false\n",
    ),
    (
        "xtask/src/main.rs",
        r#"fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    assert_eq!(words, ["tidy"]);
    println!("tidy");
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_nothing_untidy() {}
}
"#,
    ),
];

pub(crate) const BASE_MANIFEST: (&str, &str) = (
    "crates/base/Cargo.toml",
    r#"[package]
name = "toy-base"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
description = "A toy"
license.workspace = true
readme = "README.md"
"#,
);

pub(crate) const PROGRAM_MANIFEST: (&str, &str) = (
    "crates/cargo-tuneup/Cargo.toml",
    r#"[package]
name = "cargo-tuneup"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
description = "A toy program"
authors = ["Somebody"]
license.workspace = true
readme = "README.md"

[dependencies]
toy-base.workspace = true
"#,
);

pub(crate) const PROGRAM_README: (&str, &str) = (
    "crates/cargo-tuneup/README.md",
    "# cargo-tuneup\n\n```sh\ncargo run --package cargo-tuneup -- tuneup --version\n```\n",
);
