//! What is to be done around a fork: the child has one thread, and what others held would stay as it was.

/// Called by the system.
pub(crate) type Handler = extern "C" fn();

/// Lets handlers run from now on: in the thread that forks, before and after it, and in the child. Those that run before
/// run in the opposite order of their coming here, all others in the same: POSIX, `pthread_atfork`.
#[cfg(unix)]
pub(crate) fn around_forks(before: Option<Handler>, after: Option<Handler>, in_child: Handler) {
    use std::ffi::c_int;

    unsafe extern "C" {
        safe fn pthread_atfork(
            before: Option<Handler>,
            after: Option<Handler>,
            in_child: Option<Handler>,
        ) -> c_int;
    }

    // The recorder holds its locks too, and has come earlier: at the first block.
    let _ = crate::is_tracking();
    // If there is no memory for them, forks are as they were.
    pthread_atfork(before, after, Some(in_child));
}

/// There is no fork.
#[cfg(not(unix))]
pub(crate) fn around_forks(_before: Option<Handler>, _after: Option<Handler>, _in_child: Handler) {}
