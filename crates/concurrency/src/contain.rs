//! Where a panic of the user's code must end.

use std::{
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Runs code of the user whose panic nobody can be given, such as the drop of a captured value on a worker. The panic hook has told of it.
pub(crate) fn contain(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        let again = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        // A payload whose drop panics with such a payload again would go on for ever: the second is leaked.
        let _leaked = ManuallyDrop::new(again);
    }
}
