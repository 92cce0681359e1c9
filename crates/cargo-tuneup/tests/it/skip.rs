//! What is said of a test that lacks what it needs.

use std::{
    env,
    io::{self, Write as _},
    thread,
};

/// Says that the test that runs in this thread is skipped; on CI, where everything is to be there, that fails.
pub(crate) fn skip(reason: &str) {
    assert!(env::var_os("CI").is_none(), "{reason}");
    say("skipped", reason);
}

/// Says it of a test that needs a right which not every CI gives.
pub(crate) fn leave_out(reason: &str) {
    say("left out", reason);
}

fn say(what: &str, reason: &str) {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    // Past the capture of the test harness. Nobody reads it if it cannot be written.
    let _ = writeln!(io::stderr(), "{what}: {test}: {reason}");
}
