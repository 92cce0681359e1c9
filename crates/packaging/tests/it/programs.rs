//! Other programs, and what they need.

use std::{
    env,
    io::{self, Write as _},
};
#[cfg(feature = "full")]
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
#[cfg(feature = "registry")]
use std::{process::Command, thread, time::Duration};

/// Says past the test harness that a test was left out; on CI, where everything is to be there, that fails.
pub(crate) fn skip(test: &str, reason: &str) {
    assert!(env::var_os("CI").is_none(), "{test}: {reason}");
    say("skipped", test, reason);
}

/// Says it of a test that needs a right which not every CI gives, or that not everybody wants to run.
#[cfg(any(feature = "full", feature = "registry"))]
pub(crate) fn leave_out(test: &str, reason: &str) {
    say("left out", test, reason);
}

fn say(what: &str, test: &str, reason: &str) {
    // Nobody reads it if it cannot be written.
    let _ = writeln!(io::stderr(), "{what}: {test}: {reason}");
}

/// Whether a program can be started.
#[cfg(feature = "full")]
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// What a program prints, on both streams; it has to succeed.
#[cfg(feature = "registry")]
pub(crate) fn output(command: &mut Command) -> String {
    let (succeeded, text) = outcome(command);
    assert!(succeeded, "{command:?}: {text}");
    text
}

/// What a program prints that has to fail.
#[cfg(feature = "registry")]
pub(crate) fn failed(command: &mut Command) -> String {
    let (succeeded, text) = outcome(command);
    assert!(!succeeded, "{command:?}: {text}");
    text
}

/// Whether a program succeeds, and what it prints.
#[cfg(feature = "registry")]
pub(crate) fn outcome(command: &mut Command) -> (bool, String) {
    let mut tries = 0;
    let output = loop {
        tries += 1;
        match command.output() {
            // A program that was written just now: a child of another test has the file open for as long as it has not become its own program.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < 1_000 => {
                thread::sleep(Duration::from_millis(5));
            }
            output => break output.unwrap_or_else(|error| panic!("{command:?}: {error}")),
        }
    };
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// A new environment of Python; none if there is no Python that can make one.
#[cfg(feature = "full")]
pub(crate) fn environment(folder: &Path) -> Option<PathBuf> {
    let path = folder.join("environment");
    let (made, _) = outcome(Command::new("python3").args(["-m", "venv"]).arg(&path));
    made.then_some(path.join("bin"))
}

/// Programs that look at wheels, bills of materials and secrets.
#[cfg(feature = "full")]
const JUDGES: [&str; 6] = [
    "twine==7.0.0",
    "check-wheel-contents==0.6.3",
    "wheel==0.48.0",
    "auditwheel==6.8.2",
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "detect-secrets==1.5.0",
];

/// Where these are: in an environment that all tests share, and that stays for the next run.
#[cfg(feature = "full")]
pub(crate) fn judges() -> Option<&'static Path> {
    static BIN: OnceLock<Option<PathBuf>> = OnceLock::new();
    let bin = BIN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
        let bin = environment(&folder)?;
        let installed = folder.join("installed");
        let all = JUDGES.join("\n");
        if fs::read_to_string(&installed).is_ok_and(|there| there == all) {
            return Some(bin);
        }
        let mut pip = Command::new(bin.join("pip"));
        pip.args(["install", "--quiet"]).args(JUDGES);
        (outcome(&mut pip).0 && fs::write(installed, all).is_ok()).then_some(bin)
    });
    bin.as_deref()
}

/// How the test harness names a test, for a test that starts another one in a process of its own.
pub(crate) fn name_of(module: &str, test: &str) -> String {
    let (_, inside) = module.split_once("::").unwrap();
    format!("{inside}::{test}")
}
