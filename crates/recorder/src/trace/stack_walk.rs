//! The calls that a thread is in, along the frame pointers.

use std::ops::Range;

/// The most frames of a stack that are kept.
pub const MOST_FRAMES: usize = 128;

/// Where a walk begins: in the function that has asked for it, while that runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    stack_pointer: usize,
    frame_pointer: usize,
}

impl Start {
    #[inline(always)]
    pub(crate) fn here() -> Self {
        let (stack_pointer, frame_pointer) = stack_and_frame_pointer();
        Self {
            stack_pointer,
            frame_pointer,
        }
    }

    /// Shows the return addresses of the calls that the function is in to `look`, from the innermost outwards and at most
    /// so many; the last may be 0. Stops where the chain leaves the stack, does not go outwards, or ends.
    ///
    /// `stack` is where the thread's stack lies; a thread that is on another one, as a coroutine is, has no frames. Code
    /// without frame pointers breaks the chain, and never the program: nothing is read but what is in use of the stack.
    #[inline(always)]
    pub(crate) fn along_frame_pointers(
        self,
        stack: &Range<usize>,
        most: usize,
        mut look: impl FnMut(usize),
    ) {
        const WORD: usize = size_of::<usize>();
        // The last word that is read, the return address, lies above the frame pointer.
        let end = stack.end.saturating_sub(2 * WORD);
        if self.stack_pointer < stack.start || self.stack_pointer > end {
            return;
        }
        let mut frame = self.frame_pointer;
        // Each frame lies further out than the last one.
        let mut least = self.stack_pointer;
        for _ in 0..most {
            // One comparison for all: what lies below is a huge number, and so is, rotated, what is no whole number of words.
            let words_out = frame
                .wrapping_sub(least)
                .rotate_right(WORD.trailing_zeros());
            if words_out > (end - least) / WORD {
                return;
            }
            let words = std::ptr::with_exposed_provenance::<[usize; 2]>(frame);
            // SAFETY: both words are within the part of the thread's own stack that is in use.
            let [caller, return_address] = unsafe { words.read() };
            look(return_address);
            least = frame + WORD;
            frame = caller;
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn stack_and_frame_pointer() -> (usize, usize) {
    let (stack, frame);
    // SAFETY: reads registers.
    unsafe {
        std::arch::asm!(
            "mov {}, rsp",
            "mov {}, rbp",
            out(reg) stack,
            out(reg) frame,
            options(nomem, nostack, preserves_flags),
        );
    }
    (stack, frame)
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn stack_and_frame_pointer() -> (usize, usize) {
    let (stack, frame);
    // SAFETY: reads registers.
    unsafe {
        std::arch::asm!(
            "mov {}, sp",
            "mov {}, x29",
            out(reg) stack,
            out(reg) frame,
            options(nomem, nostack, preserves_flags),
        );
    }
    (stack, frame)
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline(always)]
fn stack_and_frame_pointer() -> (usize, usize) {
    (0, 0)
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod system {
    use std::{
        ffi::{c_int, c_ulong, c_void},
        mem::MaybeUninit,
        ops::Range,
        ptr,
    };

    /// `pthread_attr_t` is 56 bytes with glibc and with musl on 64-bit systems (64 on AArch64 with glibc).
    #[repr(C, align(16))]
    struct Attributes([u8; 128]);

    unsafe extern "C" {
        safe fn pthread_self() -> c_ulong;
        fn pthread_getattr_np(thread: c_ulong, attributes: *mut Attributes) -> c_int;
        fn pthread_attr_getstack(
            attributes: *const Attributes,
            address: *mut *mut c_void,
            bytes: *mut usize,
        ) -> c_int;
        fn pthread_attr_destroy(attributes: *mut Attributes) -> c_int;
    }

    /// Whatever memory the C library takes for it does not come from the program's allocator.
    pub(super) fn stack() -> Option<Range<usize>> {
        let mut attributes = MaybeUninit::<Attributes>::uninit();
        // SAFETY: the thread is running, and there is more room than the attributes need.
        if unsafe { pthread_getattr_np(pthread_self(), attributes.as_mut_ptr()) } != 0 {
            return None;
        }
        let (mut address, mut bytes) = (ptr::null_mut(), 0);
        // SAFETY: the attributes were just written.
        let failed =
            unsafe { pthread_attr_getstack(attributes.as_ptr(), &raw mut address, &raw mut bytes) };
        // SAFETY: as above, and they are not used again.
        unsafe { pthread_attr_destroy(attributes.as_mut_ptr()) };
        (failed == 0).then(|| address.addr()..address.addr() + bytes)
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod system {
    pub(super) fn stack() -> Option<std::ops::Range<usize>> {
        None
    }
}

/// Where the stack of the current thread lies; empty where the system does not tell. What a [`StackWalker`] is given.
///
/// [`StackWalker`]: crate::StackWalker
///
/// ```
/// let here = 0_u8;
/// let stack = tuneup_recorder::thread_stack();
/// assert!(stack.is_empty() || stack.contains(&(&raw const here).addr()));
/// ```
#[must_use]
pub fn thread_stack() -> Range<usize> {
    system::stack().unwrap_or(0..0)
}
