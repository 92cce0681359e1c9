//! SIGINT and SIGTERM wait until the profile is saved.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
    iterator::Signals,
    low_level::emulate_default_handler,
};

use super::ending;

/// Starts the one thread of the process that waits for signals. It outlives sessions: once a signal has
/// a handler, somebody has to do what the system did before.
pub(super) fn guard() -> io::Result<()> {
    static STARTED: OnceLock<()> = OnceLock::new();
    if STARTED.get().is_some() {
        return Ok(());
    }
    let is_saving = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Comes before the flag is set, so that it is the second signal that does not wait.
        flag::register_conditional_default(signal, Arc::clone(&is_saving))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new()
        .name("tuneup-signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                is_saving.store(true, Ordering::Relaxed);
                ending::save_guarded_from_signals();
                // It returns only if the system refuses, and then the program goes on.
                let _ = emulate_default_handler(signal);
                is_saving.store(false, Ordering::Relaxed);
            }
        })?;
    let _ = STARTED.set(());
    Ok(())
}
