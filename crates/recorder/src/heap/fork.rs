//! What is counted and traced in a process that is forked.
//!
//! The child has one thread, that which forked. Locks that others held would stay locked, and the memory of the others,
//! which lies on the list, goes to the next threads. So all locks are taken before a fork, and in the child the others are
//! forgotten: POSIX, `pthread_atfork`.

#[cfg(unix)]
pub(super) use unix::prepare_for_forks;

/// There is no fork.
#[cfg(not(unix))]
pub(super) fn prepare_for_forks() {}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::c_int,
        sync::atomic::{AtomicBool, Ordering},
    };

    use crate::{
        heap::{HEAP, thread_id, threads},
        trace,
    };

    unsafe extern "C" {
        fn pthread_atfork(
            prepare: Option<unsafe extern "C" fn()>,
            parent: Option<unsafe extern "C" fn()>,
            child: Option<unsafe extern "C" fn()>,
        ) -> c_int;
    }

    /// Once in a process; takes no memory of the program's allocator.
    pub(in crate::heap) fn prepare_for_forks() {
        static IS_PREPARED: AtomicBool = AtomicBool::new(false);
        if !IS_PREPARED.swap(true, Ordering::Relaxed) {
            // SAFETY: the functions live as long as the process. If there is no memory for them, forks are as they were.
            unsafe { pthread_atfork(Some(hold_all), Some(let_go_of_all), Some(go_on_alone)) };
        }
    }

    /// In the order in which they are taken elsewhere.
    unsafe extern "C" fn hold_all() {
        threads::hold();
        trace::hold();
    }

    unsafe extern "C" fn let_go_of_all() {
        // SAFETY: `hold_all` was called before the fork.
        unsafe { trace::let_go() };
        // SAFETY: as above.
        unsafe { threads::let_go() };
    }

    unsafe extern "C" fn go_on_alone() {
        // SAFETY: `hold_all` was called before the fork, in the process that this one is a copy of.
        unsafe { let_go_of_all() };
        HEAP.with(|heap| {
            heap.system_id.set(thread_id::of_this_thread());
            threads::lock().keep_only(heap);
            heap.trace.go_on_alone();
        });
    }
}
