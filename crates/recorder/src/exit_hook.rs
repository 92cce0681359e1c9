//! What runs when the process ends in an orderly way: by `process::exit`, or because `main` returned.

use std::{
    ffi::c_int,
    sync::{Mutex, Once, PoisonError},
};

static HOOK: Mutex<Option<fn()>> = Mutex::new(None);
static REGISTERED: Once = Once::new();

unsafe extern "C" {
    safe fn atexit(hook: extern "C" fn()) -> c_int;
}

/// Lets `hook` run once at the end of the process, in the thread that ends it, while other threads may
/// still be running. A second hook takes the place of the first. Returns `false` if the system has no
/// room for exit hooks.
///
/// The hook does not run when the process is killed or aborts.
///
/// ```
/// fn hook() {
///     eprintln!("the end");
/// }
/// assert!(tuneup_recorder::on_exit(hook));
/// ```
pub fn on_exit(hook: fn()) -> bool {
    *HOOK.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
    let mut is_registered = true;
    REGISTERED.call_once(|| is_registered = atexit(run) == 0);
    is_registered
}

/// A panic must not cross into C.
extern "C" fn run() {
    let hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(hook) = hook {
        // The hook's panic was reported by the panic hook; the process ends all the same.
        let _ = std::panic::catch_unwind(hook);
    }
}
