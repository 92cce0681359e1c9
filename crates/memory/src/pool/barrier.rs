//! Two threads of which each writes one word and then reads the other's: at least one of them must see the other.
//!
//! Both need a full barrier between the two. Who gives a slot back does so often, and who waits does so rarely, so where the kernel
//! can, the one who waits has it put barriers into all threads of the process, and the others need none. See
//! membarrier(2), and P1202 of the C++ committee.

#[cfg(not(all(target_os = "linux", not(all(loom, test)), not(miri))))]
mod imp {
    use std::sync::atomic::Ordering;

    use crate::pool::sync::fence;

    pub(in crate::pool) fn prepare() {}

    /// The barrier of who comes often.
    #[inline(always)]
    pub(in crate::pool) fn light() {
        fence(Ordering::SeqCst);
    }

    /// The barrier of who comes rarely.
    pub(in crate::pool) fn heavy() -> bool {
        fence(Ordering::SeqCst);
        true
    }
}

#[cfg(all(target_os = "linux", not(all(loom, test)), not(miri)))]
mod imp {
    use std::sync::{
        Once,
        atomic::{Ordering, compiler_fence, fence},
    };

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the commands used here take no pointers, and an unknown one is an error.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    fn register() -> bool {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    /// Tells the kernel in good time: with several threads it may take it milliseconds.
    pub(in crate::pool) fn prepare() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            register();
        });
    }

    /// The barrier of who comes often: for the compiler alone.
    #[inline(always)]
    pub(in crate::pool) fn light() {
        compiler_fence(Ordering::SeqCst);
    }

    /// The barrier of who comes rarely, for all threads of the process. False if the kernel refuses: it is older than 4.14, or
    /// a sandbox forbids it. Then what others wrote is seen all the same, but a little later.
    pub(in crate::pool) fn heavy() -> bool {
        fence(Ordering::SeqCst);
        let command = libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED;
        membarrier(command) || (register() && membarrier(command))
    }
}

pub(super) use imp::{heavy, light, prepare};
