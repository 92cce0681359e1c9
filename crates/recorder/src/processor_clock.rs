//! The processor time of another thread, where the system tells.

/// What the two functions need of the C library that the standard library links anyway.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod system {
    use std::ffi::{c_int, c_long, c_ulong};

    #[repr(C)]
    pub(super) struct Timespec {
        pub(super) seconds: i64,
        pub(super) nanoseconds: c_long,
    }

    unsafe extern "C" {
        pub(super) safe fn pthread_self() -> c_ulong;
        pub(super) fn pthread_getcpuclockid(thread: c_ulong, clock: *mut c_int) -> c_int;
        pub(super) fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int;
    }
}

/// The clock of the current thread, for [`read_ns`]; negative where there is none. Linux's are
/// negative numbers, so that they are kept with the sign changed.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) fn of_this_thread() -> i64 {
    let mut clock = 0;
    // SAFETY: the thread is running, and the pointer is to a live integer.
    let failed = unsafe { system::pthread_getcpuclockid(system::pthread_self(), &raw mut clock) };
    if failed == 0 && clock < 0 {
        -i64::from(clock)
    } else {
        -1
    }
}

/// The nanoseconds for which the thread of that clock has run on a processor; `None` if it has ended
/// or there is no clock.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) fn read_ns(clock: i64) -> Option<u64> {
    if clock < 0 {
        return None;
    }
    let mut time = system::Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    let clock = i32::try_from(-clock).ok()?;
    // SAFETY: the pointer is to a live structure; a clock of a thread that has ended is refused.
    let failed = unsafe { system::clock_gettime(clock, &raw mut time) };
    (failed == 0).then_some((time.seconds as u64) * 1_000_000_000 + time.nanoseconds as u64)
}

/// No such clock is known here.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) fn of_this_thread() -> i64 {
    -1
}

/// No such clock is known here.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) fn read_ns(_clock: i64) -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(loom)))]
mod tests {
    #[test]
    fn a_thread_that_spins_uses_its_processor_clock() {
        let clock = super::of_this_thread();
        let before = super::read_ns(clock).unwrap();
        let mut last = before;
        while last < before + 2_000_000 {
            last = super::read_ns(clock).unwrap();
        }
        assert_eq!(super::read_ns(-1), None);
    }
}
