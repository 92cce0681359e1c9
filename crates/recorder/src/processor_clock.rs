//! The processor time of another thread, and how long the process could have run, where the system tells.

/// What the functions need of the C library that the standard library links anyway.
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
    read(i32::try_from(-clock).ok()?)
}

/// For how long the threads of a process could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Runnable {
    /// On a processor, threads that have ended included; or ready to, and waiting for one.
    pub(crate) ns: u64,
    /// Waiting for one, of threads that have not ended: who is kept from a processor does not wait for anything else.
    pub(crate) delayed_ns: u64,
}

impl Runnable {
    pub(crate) fn since(self, then: Self) -> Self {
        // Threads that have ended meanwhile take their delays with them.
        let delayed_ns = self.delayed_ns.saturating_sub(then.delayed_ns);
        let on_processor = |runnable: Self| runnable.ns - runnable.delayed_ns;
        Self {
            ns: on_processor(self).saturating_sub(on_processor(then)) + delayed_ns,
            delayed_ns,
        }
    }
}

/// That of this process until now; none where the system does not tell.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) fn runnable() -> Option<Runnable> {
    const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;
    let delayed_ns = delay_ns().unwrap_or(0);
    Some(Runnable {
        ns: read(CLOCK_PROCESS_CPUTIME_ID)? + delayed_ns,
        delayed_ns,
    })
}

/// What the threads that run have waited for processors: the second number of their `schedstat`, where the kernel keeps that. See
/// its `Documentation/scheduler/sched-stats.rst`.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn delay_ns() -> Option<u64> {
    let of_thread = |thread: std::fs::DirEntry| -> Option<u64> {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    };
    let threads = std::fs::read_dir("/proc/self/task").ok()?.flatten();
    Some(threads.filter_map(of_thread).sum())
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn read(clock: i32) -> Option<u64> {
    let mut time = system::Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
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
pub(crate) fn runnable() -> Option<Runnable> {
    None
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

    #[test]
    fn all_threads_are_counted_and_those_that_wait_for_a_processor_too() {
        let before = super::runnable().unwrap();
        let spin = || {
            let clock = super::of_this_thread();
            while super::read_ns(clock).unwrap() < 2_000_000 {}
        };
        let spun = std::thread::spawn(spin);
        spun.join().unwrap();
        let ran = super::runnable().unwrap().since(before);
        assert!(ran.ns >= 2_000_000 + ran.delayed_ns, "{ran:?}");
        assert!(super::delay_ns().is_some());
    }
}
