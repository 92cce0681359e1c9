//! What threads of a pool share: the standard types, or loom's in a model.

#[cfg(all(loom, test))]
pub(super) use loom::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicU32, AtomicUsize, fence},
};
#[cfg(all(not(all(loom, test)), any(not(target_os = "linux"), miri)))]
pub(super) use std::sync::atomic::fence;
#[cfg(not(all(loom, test)))]
pub(super) use std::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicU32, AtomicUsize},
};
