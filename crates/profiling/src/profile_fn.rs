//! A function or closure under a name given at run time.

use tuneup_recorder::{Site, enter};

/// Calls `f` and records it as a scope called `name`, for the place of the caller: the same name at two places is two
/// functions in the profile.
///
/// Costs what a recorded call does and a lookup of the name; one relaxed load more than the call
/// alone while nothing records.
///
/// # Panics
/// If `f` does; the call is recorded all the same.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// let sum = profile_fn("sum", || (1..=10).sum::<u32>());
/// assert_eq!(sum, 55);
/// assert_eq!(session.finish().function("sum").unwrap().calls, 1);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[track_caller]
pub fn profile_fn<T>(name: &'static str, f: impl FnOnce() -> T) -> T {
    // Not in a closure, which would be the caller itself.
    let _frame = if tuneup_recorder::is_recording() {
        Some(enter(Site::of_scope(name)))
    } else {
        None
    };
    f()
}
