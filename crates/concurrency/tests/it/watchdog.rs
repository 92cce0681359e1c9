//! Ends a test that hangs.

use std::{
    io::Write as _,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

/// Aborts the process with the name of the test unless it is dropped within a minute.
#[must_use = "it watches as long as it lives"]
pub(crate) struct Watchdog {
    _alive: mpsc::Sender<()>,
}

impl Watchdog {
    pub(crate) fn of(test: &'static str) -> Self {
        let (alive, ends) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if ends.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
                let _ = writeln!(std::io::stderr(), "{test} hangs");
                std::process::abort();
            }
        });
        Self { _alive: alive }
    }
}
