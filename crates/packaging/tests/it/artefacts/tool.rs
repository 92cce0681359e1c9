//! A small program that artefacts are made of.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use tempfile::TempDir;
use tuneup_packaging::{About, SourceDate};

use crate::programs::output;

/// The date of all artefacts of these tests.
pub(crate) fn date() -> SourceDate {
    SourceDate::from_unix(1_700_000_000).unwrap()
}

/// A package and all the files around it.
pub(crate) struct Tool {
    folder: TempDir,
}

impl Tool {
    /// In a folder of its own.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "README.md",
                "# Tool\n\nPrints a greeting, and says its **version**.\n",
            ),
            ("CHANGELOG.md", "# Changelog\n\n## 1.2.3\n\n- Greets.\n"),
            (
                "LICENSE-MIT",
                "Permission is hereby granted, free of charge, to any person.\n",
            ),
            (
                "toy-tool.1",
                ".TH TOY-TOOL 1 2023-11-14 1.2.3\n.SH NAME\ntoy\\-tool \\- prints a greeting\n.SH SYNOPSIS\n.B toy\\-tool\n.SH DESCRIPTION\nPrints a greeting.\n",
            ),
            ("toy-tool", "complete -F _toy toy-tool\n"),
            ("_toy-tool", "#compdef toy-tool\n"),
            ("toy-tool.fish", "complete -c toy-tool -l version\n"),
        ];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::copy(program(), folder.path().join("bin/toy-tool")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.path("bin/toy-tool")
    }

    pub(crate) fn about(&self) -> About {
        let mut about = About::new("toy-tool", "1.2.3".parse().unwrap());
        about.summary = Some("Prints a greeting".to_owned());
        about.licence = Some("MIT".to_owned());
        about.authors = vec!["Ada <ada@example.org>".to_owned()];
        about.homepage = Some("https://example.org/toy-tool".to_owned());
        about.readme = Some(self.path("README.md"));
        about
    }
}

/// A small program as somebody would release it, compiled once for all tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("toy-tool");
        fs::create_dir_all(&folder).unwrap();
        let text = r#"fn main() {
            match std::env::args().nth(1).as_deref() {
                Some("--version") => println!("toy-tool 1.2.3"),
                _ => println!("hello"),
            }
        }"#;
        fs::write(folder.join("toy.rs"), text).unwrap();
        let mut rustc = Command::new("rustc");
        rustc.args([
            "--edition=2024",
            "-Cstrip=symbols",
            "-Copt-level=s",
            "toy.rs",
        ]);
        output(rustc.current_dir(&folder));
        folder.join("toy")
    })
}
