//! One session at a time: a process has no more than one, and tests run side by side.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held while a test has a session.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
