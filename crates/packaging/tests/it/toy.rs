//! Toy workspaces in temporary folders.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;
use tuneup_packaging::{
    Bump, NextVersion, PlanOptions, Raise, ReleasePlan, Repository, Runner, System, Workspace,
};

/// Runs programs without what the tests of this crate were started with.
pub(crate) struct Clean;

impl Runner for Clean {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        for variable in [
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "CARGO_INCREMENTAL",
            "RUSTFLAGS",
        ] {
            command.env_remove(variable);
        }
        System.run(command)
    }
}

/// A folder with a repository, in which nothing of the user's configuration counts.
pub(crate) struct Toy {
    folder: TempDir,
}

impl Toy {
    /// A folder of files, the path and the text of each, which is no repository before the first commit.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let toy = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            toy.write(path, text);
        }
        toy
    }

    /// A repository with no file and no commit.
    pub(crate) fn empty() -> Self {
        let toy = Self::new(&[]);
        toy.begin();
        toy
    }

    fn begin(&self) {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        for (key, value) in [
            ("user.name", "Toy"),
            ("user.email", "toy@example.org"),
            ("commit.gpgSign", "false"),
            ("core.autocrlf", "false"),
        ] {
            self.git(&["config", key, value]);
        }
    }

    /// One package at the root, committed.
    pub(crate) fn single(version: &str) -> Self {
        let toy = Self::empty();
        toy.write("Cargo.toml", manifest("toy", version, ""));
        toy.write("src/lib.rs", "");
        toy.commit("feat: begin");
        toy
    }

    /// `app` needs `left` and `right`, which need `base`; all take their version and what they need from the workspace. `xtask` is private and has a version of its own.
    pub(crate) fn lock_step() -> Self {
        let toy = Self::empty();
        toy.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\", \"xtask\"]\n\n[workspace.package]\nversion = \"0.1.0\" # all\n\n\
             [workspace.dependencies]\nbase = { path = \"crates/base\", version = \"0.1.0\" }\nleft = { path = \"crates/left\", version = \"0.1.0\" }\n\
             right.path = \"crates/right\"\nright.version = \"0.1.0\"\n",
        );
        for (name, needs) in [
            ("base", &[][..]),
            ("left", &["base"]),
            ("right", &["base"]),
            ("app", &["left", "right"]),
        ] {
            let needs: Vec<String> = needs
                .iter()
                .map(|name| format!("{name}.workspace = true\n"))
                .collect();
            toy.write(
                &format!("crates/{name}/Cargo.toml"),
                format!(
                    "[package]\nname = \"{name}\"\nversion.workspace = true\n\n[dependencies]\n{}",
                    needs.concat()
                ),
            );
            toy.write(&format!("crates/{name}/src/lib.rs"), "");
        }
        toy.write("crates/app/src/main.rs", "fn main() {}");
        toy.write(
            "xtask/Cargo.toml",
            "[package]\nname = \"xtask\"\nversion = \"0.0.0\"\npublish = false\n\n[dependencies]\napp.path = \"../crates/app\"\n",
        );
        toy.write("xtask/src/main.rs", "fn main() {}");
        toy.lock();
        toy.commit("feat: begin");
        toy
    }

    /// The same diamond, with versions of their own: `base` 0.1.0, `left` 0.2.0, `right` 1.3.0, `app` 2.0.0.
    pub(crate) fn independent() -> Self {
        let toy = Self::empty();
        toy.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"left\", \"right\", \"app\"]\n",
        );
        for (name, version, needs) in [
            ("base", "0.1.0", ""),
            (
                "left",
                "0.2.0",
                "base = { path = \"../base\", version = \"0.1\" }\n",
            ),
            (
                "right",
                "1.3.0",
                "base = { version = \"0.1.0\", path = \"../base\" }\n",
            ),
            (
                "app",
                "2.0.0",
                "left = { path = \"../left\", version = \"0.2.0\" }\nright = { path = \"../right\", version = \"1\" }\n",
            ),
        ] {
            let needs = format!("\n[dependencies]\n{needs}");
            toy.write(
                &format!("{name}/Cargo.toml"),
                manifest(name, version, &needs),
            );
            toy.write(&format!("{name}/src/lib.rs"), "");
        }
        toy.lock();
        toy.commit("feat: begin");
        toy
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    #[cfg(all(unix, feature = "readiness"))]
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Adds a line to a file.
    pub(crate) fn touch(&self, path: &str) {
        let before = fs::read_to_string(self.path().join(path)).unwrap_or_default();
        let sign = if path.ends_with(".rs") { "//" } else { "#" };
        self.write(path, format!("{before}{sign} more\n"));
    }

    /// Touches files and commits all there is.
    pub(crate) fn change(&self, paths: &[&str], message: &str) -> String {
        for path in paths {
            self.touch(path);
        }
        self.commit(message)
    }

    /// Commits all there is, at the root of a new repository if there is none, and gives the hash.
    pub(crate) fn commit(&self, message: &str) -> String {
        if !self.path().join(".git").exists() {
            self.begin();
        }
        self.git(&["add", "--all"]);
        self.git(&[
            "commit",
            "--quiet",
            "--allow-empty",
            "--allow-empty-message",
            "-m",
            message,
        ]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits all there is, into a new repository, with the hash that it has wherever and whenever that is done.
    #[cfg(feature = "full")]
    pub(crate) fn commit_dated(&self) {
        self.begin();
        self.git(&["add", "--all"]);
        let mut commit = Command::new("git");
        commit.args(["commit", "--quiet", "--message", "Begin"]);
        for variable in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            commit.env(variable, "1700000000 +0000");
        }
        crate::programs::output(commit.current_dir(self.path()));
    }

    /// What git prints, without the white space at its end.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        run(self.path(), "git", arguments).trim_end().to_owned()
    }

    /// A clone that has the last commit alone, and the folder that it lies in.
    pub(crate) fn shallow_clone(&self) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let source = format!("file://{}", self.path().display());
        run(
            folder.path(),
            "git",
            &["clone", "--quiet", "--depth=1", &source, "clone"],
        );
        let clone = folder.path().join("clone");
        (folder, clone)
    }

    /// Has Cargo write the lock file, as it would for a build.
    pub(crate) fn lock(&self) {
        self.cargo(&["update", "--workspace", "--offline"]);
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> String {
        run(self.path(), env!("CARGO"), arguments)
    }

    pub(crate) fn repository(&self) -> Repository<'_> {
        Repository::open(self.path(), &System).unwrap()
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::load(self.path(), &Clean).unwrap()
    }

    pub(crate) fn plan(&self) -> ReleasePlan {
        ReleasePlan::load(&self.workspace(), &PlanOptions::new(), &System).unwrap()
    }

    /// `name version` of what comes next, with the tag if there is one.
    pub(crate) fn next(&self, raise: &str) -> Vec<String> {
        let next = self.plan().next(&raise.parse::<Raise>().unwrap()).unwrap();
        next.iter().map(told).collect()
    }

    pub(crate) fn refusal(&self, raise: &str) -> String {
        let refused = self.plan().next(&raise.parse::<Raise>().unwrap());
        refused.unwrap_err().to_string()
    }

    pub(crate) fn bump(&self, raise: &str) -> Bump {
        let next = self.plan().next(&raise.parse::<Raise>().unwrap()).unwrap();
        Bump::compute(&self.workspace(), &next, &System).unwrap()
    }
}

pub(crate) fn told(next: &NextVersion) -> String {
    let tag = next.tag.as_deref().unwrap_or("-");
    format!("{} {} {tag}", next.package, next.to)
}

pub(crate) fn manifest(name: &str, version: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n{rest}")
}

pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = command(folder, program, arguments);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn command(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    Clean.run(&mut command).unwrap()
}
