//! A small workspace in which nothing is wrong, for tests to plant one fault into.

use cargo_metadata::DependencyKind;

use super::{Dependency, Member, Target, Workspace};

const ARCHITECTURE: &str = "\
# Architecture

```
 L4   benches                  # not published
 L1   report  [recorder]
 L0   measure
```

| folder | package | state | room |
|---|---|---|---|
| `crates/measure` | `tuneup-measure` | here | nouns |
| `crates/report` | `tuneup-report` | here | tables |
| `crates/recorder` | `tuneup-recorder` | planned | hot paths |
| `benches` | `tuneup-benches` | here | benches |
";

const ROOT: &str = "\
[workspace.package]
version = \"0.1.0\"
rust-version = \"1.95\"

[workspace.dependencies]
tuneup-measure = { path = \"crates/measure\", version = \"0.1.0\" }

[workspace.lints.rust]
missing_docs = \"warn\"
";

const MANIFEST: &str = "\
[package]
edition.workspace = true
rust-version.workspace = true
license.workspace = true

[lints]
workspace = true
";

const BENCH: &str = "\
[[bench]]
name = \"clocks\"
harness = false
";

/// `measure`, `report` above it, and `benches` above both.
pub(crate) fn sound() -> Workspace {
    let mut sample = Workspace {
        manifest: ROOT.parse().unwrap(),
        ..Workspace::default()
    };
    sample.write("ARCHITECTURE.md", ARCHITECTURE);
    sample.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
    sample.write(
        "README.md",
        "Needs Rust 1.95. See [the design](ARCHITECTURE.md#layers).\n",
    );
    sample.write("Cargo.toml", ROOT);
    sample.write("LICENSE-MIT", "MIT text");
    sample.write("LICENSE-APACHE", "Apache text");
    sample.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.95.0\"\n");
    sample.write(
        "docs/src/SUMMARY.md",
        "# Summary\n\n- [Clocks](clocks.md)\n- [Measure](guide/measure.md)\n- [Report](guide/report.md)\n",
    );
    sample.write(
        "docs/src/clocks.md",
        "```rust\n{{#include ../../crates/measure/src/clock.rs:now}}\n```\n",
    );
    sample.add_library("measure");
    sample.add_library("report");
    sample.depend("tuneup-report", "tuneup-measure", DependencyKind::Normal);
    sample.add_benches();
    sample
}

impl Workspace {
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }

    /// Replaces in a file what must be there.
    pub(crate) fn replace(&mut self, path: &str, from: &str, to: &str) {
        let text = self
            .files
            .get_mut(path)
            .unwrap_or_else(|| panic!("{path} is not in the sample"));
        assert!(text.contains(from), "{path} does not contain {from:?}");
        *text = text.replace(from, to);
    }

    pub(crate) fn member_mut(&mut self, name: &str) -> &mut Member {
        self.members
            .iter_mut()
            .find(|member| member.name == name)
            .unwrap()
    }

    pub(crate) fn depend(&mut self, user: &str, used: &str, kind: DependencyKind) {
        let dependency = Dependency {
            name: used.to_owned(),
            identifier: used.replace('-', "_"),
            kind,
            optional: false,
            versioned: true,
        };
        self.member_mut(user).dependencies.push(dependency);
    }

    fn add_library(&mut self, short_name: &str) {
        let folder = format!("crates/{short_name}");
        let readme = "# A crate\n\n    cargo add it\n";
        self.write(&format!("{folder}/README.md"), readme);
        self.write(&format!("docs/src/guide/{short_name}.md"), "# A guide\n");
        self.write(&format!("{folder}/LICENSE-MIT"), "MIT text");
        self.write(&format!("{folder}/LICENSE-APACHE"), "Apache text");
        self.write(&format!("{folder}/Cargo.toml"), MANIFEST);
        let library =
            "#![doc = include_str!(\"../README.md\")]\n\nmod clock;\n\npub use clock::Clock;\n";
        self.write(&format!("{folder}/src/lib.rs"), library);
        let clock = "//! The clock.\n\n// ANCHOR: now\npub struct Clock;\n// ANCHOR_END: now\n\n#[cfg(test)]\nmod tests;\n";
        self.write(&format!("{folder}/src/clock.rs"), clock);
        self.write(
            &format!("{folder}/src/clock/tests.rs"),
            "#[test]\nfn ticks() {}\n",
        );
        self.write(
            &format!("{folder}/tests/it/main.rs"),
            "//! Tests.\nmod clock;\nmod ui;\n",
        );
        self.write(
            &format!("{folder}/tests/it/clock.rs"),
            "use tuneup_measure::Clock;\n",
        );
        self.write(
            &format!("{folder}/tests/it/ui.rs"),
            "//! Runs tests/ui/*.rs.\n",
        );
        self.write(&format!("{folder}/tests/ui/unused.rs"), "fn main() {}\n");
        self.write(&format!("{folder}/tests/ui/unused.stderr"), "error\n");
        self.write(
            &format!("{folder}/examples/now.rs"),
            "//! Shows the time.\nfn main() {}\n",
        );
        let target = |kind: &str, name: &str, path: &str| Target {
            kind: kind.to_owned(),
            name: name.to_owned(),
            path: format!("{folder}/{path}"),
        };
        self.members.push(Member {
            name: format!("tuneup-{short_name}"),
            version: "0.1.0".to_owned(),
            published: true,
            description: Some("a crate".to_owned()),
            license: Some("MIT OR Apache-2.0".to_owned()),
            targets: vec![
                target("lib", short_name, "src/lib.rs"),
                target("example", "now", "examples/now.rs"),
                target("test", "it", "tests/it/main.rs"),
            ],
            manifest: MANIFEST.parse().unwrap(),
            folder: folder.clone(),
            ..Member::default()
        });
    }

    fn add_benches(&mut self) {
        let manifest = format!("{MANIFEST}\n{BENCH}");
        self.write("benches/Cargo.toml", &manifest);
        self.write(
            "benches/benches/clocks.rs",
            "//! Clocks.\nuse tuneup_measure::Clock;\nfn main() {}\n",
        );
        let bench = Target {
            kind: "bench".to_owned(),
            name: "clocks".to_owned(),
            path: "benches/benches/clocks.rs".to_owned(),
        };
        self.members.push(Member {
            name: "tuneup-benches".to_owned(),
            version: "0.1.0".to_owned(),
            folder: "benches".to_owned(),
            targets: vec![bench],
            manifest: manifest.parse().unwrap(),
            ..Member::default()
        });
        self.depend("tuneup-benches", "tuneup-measure", DependencyKind::Normal);
    }
}
