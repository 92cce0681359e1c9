//! The number by which the system knows a thread.

/// Of the current thread; 0 where it is not known.
#[cfg(target_os = "linux")]
pub(super) fn of_this_thread() -> u64 {
    unsafe extern "C" {
        safe fn gettid() -> std::ffi::c_int;
    }
    u64::from(gettid().cast_unsigned())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn of_this_thread() -> u64 {
    0
}
