//! The checklist and each of its checks, on repositories with a planted fault and without.

mod checklist;
mod readme;
mod secrets;
mod sources;
mod unpacked;
mod unsafe_audit;
mod yanked;

use std::{ops::Deref, path::PathBuf, time::Duration};

use crate::toy::{self, Clean};

/// More than any check of a toy takes.
const LONG: Duration = Duration::from_secs(300);

/// A repository, most often of one package.
struct Toy(toy::Toy);

impl Deref for Toy {
    type Target = toy::Toy;

    fn deref(&self) -> &toy::Toy {
        &self.0
    }
}

impl Toy {
    /// An empty repository.
    fn empty() -> Self {
        Self(toy::Toy::empty())
    }

    /// A committed package that has everything that a release needs.
    fn package() -> Self {
        let toy = Self::empty();
        toy.write("Cargo.toml", MANIFEST);
        toy.write("src/lib.rs", LIBRARY);
        toy.write("README.md", README);
        toy.write("LICENSE", "Do as you like.\n");
        toy.write(
            "CHANGELOG.md",
            "# Changelog\n\n## [0.1.0] - 2024-01-01\n\n- First.\n",
        );
        toy.write(".gitignore", "/target\n");
        toy.cargo(&["generate-lockfile", "--offline"]);
        toy.commit("Begin");
        toy
    }

    fn scratch(&self) -> PathBuf {
        self.path().join("target/scratch")
    }
}

const MANIFEST: &str = r#"[package]
name = "toy"
description = "A toy"
version = "0.1.0"
edition = "2021"
rust-version = "1.60"
license = "MIT"
readme = "README.md"
repository = "https://example.org/toy"
"#;

const LIBRARY: &str = r#"#![doc = include_str!("../README.md")]

/// One more.
pub fn more(number: u8) -> u8 {
    number + 1
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_more() {
        assert_eq!(super::more(1), 2);
    }
}
"#;

const README: &str =
    "# toy\n\n```sh\ncargo build --offline\n```\n\n```rust\nassert_eq!(toy::more(1), 2);\n```\n";
