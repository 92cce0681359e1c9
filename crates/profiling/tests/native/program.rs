//! The workload as a program of its own, compiled in different ways.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// A compiled program; its file goes with this.
pub(crate) struct Program {
    folder: TempDir,
}

impl Program {
    /// Compiles the workload, optimised and with more flags.
    pub(crate) fn compile(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/native/workload.rs");
        let output = Command::new(compiler)
            .args([
                "-O",
                "--edition=2024",
                "--crate-name=workload",
                "--crate-type=bin",
            ])
            .args(flags)
            .arg(source)
            .arg("--out-dir")
            .arg(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        Self { folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("workload")
    }

    pub(crate) fn run(&self) -> Run {
        Run::new(Command::new(self.path()))
    }
}

/// A process that works when it is told to; it is ended with this.
pub(crate) struct Run {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Run {
    /// Starts a program that talks as the workload does.
    pub(crate) fn new(mut command: Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut run = Self {
            child,
            input,
            output,
        };
        run.expect("ready");
        run
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Lets it do its work, and waits until it has.
    pub(crate) fn work(&mut self) {
        self.input.as_mut().unwrap().write_all(b"\n").unwrap();
        self.expect("done");
    }

    /// Lets it end, and waits until it has.
    pub(crate) fn end(&mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }

    fn expect(&mut self, expected: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), expected);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Fails only if it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
