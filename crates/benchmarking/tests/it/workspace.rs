//! A workspace with two bench files, ready-made: what would take minutes to compile is an example of this crate.
//!
//! Everything else is as for any user: Cargo builds the bench package, the suite starts what Cargo names, and the executables are real bench
//! files that know nothing of being tested.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cargo_metadata::Message;
use tuneup_benchmarking::suite::{Effort, Plan};

const MANIFEST: &str = r#"
[package]
name = "NAME"
edition = "2024"

[[bench]]
name = "timed"
harness = false

[[bench]]
name = "heap"
harness = false

[workspace]
"#;

/// In the place of the linker: finds where the executable should go and puts the example of that name there, as a second name of the same
/// file where it can: it is large.
const LINKER: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    [ "$1" = -o ] && output=$2
    shift
done
case "${output##*/}" in
    timed-*) example=TIMED ;;
    heap-*) example=HEAP ;;
    *) exit 1 ;;
esac
ln -f "$example" "$output" 2>/dev/null || cp "$example" "$output"
"#;

pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    package: String,
}

impl Workspace {
    /// A workspace of its own name: the tests run at once and may share a target directory.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self::named(&format!("tiny-{count}"))
    }

    /// Another checkout of the same.
    pub(crate) fn twin(&self) -> Self {
        Self::named(&self.package)
    }

    fn named(package: &str) -> Self {
        let workspace = Self {
            folder: tempfile::tempdir().unwrap(),
            package: package.to_owned(),
        };
        let [timed, heap] = executables();
        let linker = LINKER
            .replace("TIMED", timed.to_str().unwrap())
            .replace("HEAP", heap.to_str().unwrap());
        let linker_path = workspace.path().join("linker.sh");
        workspace.write("Cargo.toml", &MANIFEST.replace("NAME", package));
        workspace.write("src/lib.rs", "");
        workspace.write("benches/timed.rs", "fn main() {}");
        workspace.write("benches/heap.rs", "fn main() {}");
        workspace.write("linker.sh", &linker);
        fs::set_permissions(&linker_path, fs::Permissions::from_mode(0o755)).unwrap();
        workspace.write(
            ".cargo/config.toml",
            &format!("[target.'cfg(unix)']\nlinker = {linker_path:?}\n"),
        );
        workspace
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Measures what the words select, for as short a time as possible.
    pub(crate) fn plan(&self, filters: &[&str]) -> Plan {
        let mut plan = Plan::new(self.path(), &*self.package);
        plan.filters = filters.iter().map(ToString::to_string).collect();
        plan.effort = hasty();
        plan
    }
}

/// The least that Criterion takes, and no budget beyond the fewest rounds.
fn hasty() -> Effort {
    let mut effort = Effort::quick();
    effort.warm_up = Duration::from_millis(1);
    effort.measurement = Duration::from_millis(5);
    effort.samples = 10;
    effort.comparison = Duration::ZERO;
    effort.complexity = Duration::from_millis(40);
    effort.processes = 2;
    effort
}

/// The examples `timed` and `heap`, built once for all tests: with the features that the tests of the whole workspace build them with, so
/// that nothing is compiled once more there.
pub(crate) fn executables() -> &'static [PathBuf; 2] {
    static BUILT: OnceLock<[PathBuf; 2]> = OnceLock::new();
    BUILT.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args([
                "build",
                "--offline",
                "--quiet",
                "--workspace",
                "--all-features",
            ])
            .args(["--example", "timed", "--example", "heap"])
            .args(["--message-format", "json-render-diagnostics"])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the bench files do not build");
        let named = |name: &str| {
            Message::parse_stream(&output.stdout[..])
                .map_while(Result::ok)
                .find_map(|message| match message {
                    Message::CompilerArtifact(artifact) if artifact.target.name == name => {
                        artifact.executable
                    }
                    _ => None,
                })
                .unwrap_or_else(|| panic!("Cargo built no `{name}`"))
                .into_std_path_buf()
        };
        ["timed", "heap"].map(named)
    })
}
