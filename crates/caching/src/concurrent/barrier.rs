//! Two threads of which each writes one word and then reads the other's: at least one of them must see the other.
//!
//! Both need a full barrier between the two: [`swap`]. Where a reader comes often and a writer that has to wait for readers
//! rarely, and the kernel can, the writer has it put barriers into all threads of the process ([`heavy`]), and a reader's is
//! for the compiler alone ([`light`]). See membarrier(2), and P1202 of the C++ committee.

use std::sync::atomic::Ordering;

use super::sync::{AtomicUsize, fence};

/// Puts a value in the place of another, with a full barrier behind it.
#[inline(always)]
pub(super) fn swap(word: &AtomicUsize, value: usize) -> usize {
    if cfg!(all(target_arch = "x86_64", not(all(loom, test)))) {
        // The instruction is a full barrier already, and takes less time than one by itself.
        return word.swap(value, Ordering::SeqCst);
    }
    let before = word.swap(value, Ordering::AcqRel);
    fence(Ordering::SeqCst);
    before
}

#[cfg(not(all(target_os = "linux", not(all(loom, test)), not(miri))))]
mod imp {
    use super::{Ordering, fence};

    /// In a model both sides have a real barrier. Elsewhere a reader with a real barrier would gain nothing.
    pub(in crate::concurrent) fn is_available() -> bool {
        cfg!(all(loom, test))
    }

    #[inline(always)]
    pub(in crate::concurrent) fn light() {
        fence(Ordering::SeqCst);
    }

    pub(in crate::concurrent) fn heavy() {
        fence(Ordering::SeqCst);
    }
}

#[cfg(all(target_os = "linux", not(all(loom, test)), not(miri)))]
mod imp {
    use std::sync::{
        OnceLock,
        atomic::{Ordering, compiler_fence},
    };

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the commands used here take no pointers, and an unknown one is an error.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    fn register() -> bool {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    /// Whether the kernel will put barriers into the threads of this process: it is 4.14 or newer, and no sandbox forbids it.
    pub(in crate::concurrent) fn is_available() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        *AVAILABLE.get_or_init(|| register() && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED))
    }

    /// The barrier of a reader.
    #[inline(always)]
    pub(in crate::concurrent) fn light() {
        compiler_fence(Ordering::SeqCst);
    }

    /// The barrier of a writer: it is in every running thread of the process when this returns.
    ///
    /// # Panics
    /// If the kernel refuses what it has granted before, to this process or to the one it was forked from: without the barrier
    /// the writer could meet a reader.
    pub(in crate::concurrent) fn heavy() {
        let command = libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED;
        assert!(
            membarrier(command) || (register() && membarrier(command)),
            "the kernel refuses membarrier(2), which it has granted before"
        );
    }
}

pub(super) use imp::{heavy, is_available, light};
