//! What happens to a session that nobody finishes: when the process ends, panics or is told to stop.

use std::{
    io::Write as _,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use super::Active;
use crate::Error;

/// The session that is saved when the process ends. A session has at most one place to be saved to, and
/// a process at most one session.
static GUARDED: Mutex<Weak<Active>> = Mutex::new(Weak::new());

pub(super) fn guard(active: &Arc<Active>) {
    *lock() = Arc::downgrade(active);
    tuneup_recorder::on_exit(save_guarded);
    save_before_abort();
}

/// The session has ended in an orderly way.
pub(super) fn release(active: &Active) {
    let mut guarded = lock();
    if std::ptr::eq(guarded.as_ptr(), active) {
        *guarded = Weak::new();
    }
}

fn lock() -> std::sync::MutexGuard<'static, Weak<Active>> {
    GUARDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends and saves the guarded session, if there is one.
pub(super) fn save_guarded() {
    let active = lock().upgrade();
    if let Some(active) = active {
        active.end_and_keep();
    }
}

/// Whether a signal has to wait for the guarded session.
#[cfg(all(unix, feature = "signals"))]
pub(super) fn save_guarded_from_signals() {
    let active = lock().upgrade();
    if let Some(active) = active
        && active.guards_signals
    {
        active.end_and_keep();
    }
}

/// Where a panic aborts, no guard is dropped and no exit hook runs.
#[cfg(panic = "abort")]
fn save_before_abort() {
    static HOOKED: std::sync::Once = std::sync::Once::new();
    HOOKED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            before(panic);
            save_guarded();
        }));
    });
}

/// A panic unwinds: it drops the session, or ends the process by its exit hooks.
#[cfg(not(panic = "abort"))]
fn save_before_abort() {}

#[cfg(all(unix, feature = "signals"))]
pub(super) fn guard_signals() -> Result<(), Error> {
    super::signals::guard().map_err(|source| Error::Signals { source })
}

/// The option that asks for it is not there without the feature.
#[cfg(not(all(unix, feature = "signals")))]
pub(super) fn guard_signals() -> Result<(), Error> {
    Ok(())
}

/// The one place that speaks: the program is ending or going on by itself, and nobody else can be told.
/// If standard error is closed, there is no one at all.
pub(super) fn complain(error: &Error) {
    let mut text = format!("tuneup: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    let _ = writeln!(std::io::stderr(), "{text}");
}
