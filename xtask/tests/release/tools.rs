//! What has to be installed, and what is said where it is not.

use std::{
    env,
    io::{self, Write as _},
    process::Command,
};

/// A program, and arguments by which it shows that it is there with all that is needed of it.
type Tool = (&'static str, &'static [&'static str]);

/// What installs the artefacts.
pub(crate) const INSTALLERS: &[Tool] = &[
    ("python3", &["-c", "import ensurepip, venv"]),
    ("dpkg", &["--version"]),
    ("unzip", &["-v"]),
];

/// What the readiness asks, beside Cargo and git.
pub(crate) const LINTERS: &[Tool] = &[
    ("cargo", &["fmt", "--version"]),
    ("cargo", &["clippy", "--version"]),
    ("tar", &["--version"]),
];

/// What verifies signatures.
pub(crate) const SIGNERS: &[Tool] = &[("minisign", &["-v"])];

/// Whether all of it is there. Otherwise a line says past the test harness what was left out; on CI, where everything is to be there, that fails.
pub(crate) fn are_there(test: &str, tools: &[&[Tool]]) -> bool {
    let is_missing = |(program, arguments): &&Tool| {
        let output = Command::new(program).args(*arguments).output();
        !output.is_ok_and(|output| output.status.success())
    };
    let Some((program, arguments)) = tools.iter().copied().flatten().find(is_missing) else {
        return true;
    };
    let reason = format!("`{program} {}` does not work", arguments.join(" "));
    assert!(env::var_os("CI").is_none(), "{test}: {reason}");
    say("skipped", test, &reason);
    false
}

/// Says it of a test that needs a right which not every CI gives.
pub(crate) fn leave_out(test: &str, reason: &str) {
    say("left out", test, reason);
}

fn say(what: &str, test: &str, reason: &str) {
    // Nobody reads it if it cannot be written.
    let _ = writeln!(io::stderr(), "{what}: {test}: {reason}");
}
