//! Functions that a program has from libraries, as native samples name them: whose time theirs is.

use tuneup_profiling::Function;

/// What hands work over, waits for some, steals it, or waits for its turn: how names of functions begin.
const HANDING_OVER: [&str; 9] = [
    "crossbeam_channel::",
    "crossbeam_deque::",
    "crossbeam_epoch::",
    "parking_lot::",
    "rayon_core::",
    "std::sync::mpmc::",
    "std::sync::mpsc::",
    "std::sys::sync::",
    "tokio::runtime::",
];

/// The same in the paths of source files, for functions that are inside of others, and have short names.
const HANDING_OVER_IN: [&str; 9] = [
    "/crossbeam-channel-",
    "/crossbeam-deque-",
    "/crossbeam-epoch-",
    "/parking_lot",
    "/rayon-core-",
    "/std/src/sync/mpmc/",
    "/std/src/sync/mpsc/",
    "/std/src/sys/sync/",
    "/tokio-1.",
];

/// Whose time is that of its caller.
const LIBRARY: [&str; 3] = ["alloc::", "core::", "std::"];

/// The same of the system's library, beside what begins with two underlines or has but an address.
const SYSTEM: [&str; 9] = [
    "bcmp", "calloc", "free", "malloc", "memcpy", "memmove", "memset", "realloc", "syscall",
];

/// Whose time that of a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It hands work over, or waits for its turn.
    HandsOver,
    /// Of the standard or a system library: its time is that of its caller.
    Library,
    /// Its own.
    Other,
}

pub(super) fn role_of(function: &Function) -> Role {
    role(&function.name, &function.file)
}

fn role(name: &str, file: &str) -> Role {
    let name = name.trim_start_matches(['<', '&']);
    if HANDING_OVER.iter().any(|begin| name.starts_with(begin))
        || HANDING_OVER_IN.iter().any(|part| file.contains(part))
    {
        Role::HandsOver
    } else if LIBRARY.iter().any(|begin| name.starts_with(begin))
        || file.starts_with("/rustc/")
        || SYSTEM.contains(&name)
        || name.starts_with("__")
        || name.contains(".so")
    {
        Role::Library
    } else {
        Role::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_files_say_whose_time_it_is() {
        for (name, file, expected) in [
            (
                "<rayon_core::job::StackJob<L,F,R> as rayon_core::job::Job>::execute",
                "",
                Role::HandsOver,
            ),
            (
                "<std::sys::sync::mutex::futex::Mutex>::lock_contended",
                "",
                Role::HandsOver,
            ),
            (
                "lock",
                "/rustc/5980/library/std/src/sys/sync/mutex/futex.rs",
                Role::HandsOver,
            ),
            (
                "call",
                "/registry/src/rayon-core-1.13.0/src/job.rs",
                Role::HandsOver,
            ),
            (
                "<core::str::Chars as core::iter::Iterator>::next",
                "",
                Role::Library,
            ),
            ("memcpy", "", Role::Library),
            ("__memmove_avx_unaligned", "", Role::Library),
            ("libc.so.6+0x1098e1", "", Role::Library),
            ("app::core::step", "src/main.rs", Role::Other),
            ("main", "", Role::Other),
            (
                "connect",
                "/registry/src/tokio-postgres-0.7/src/connect.rs",
                Role::Other,
            ),
        ] {
            assert_eq!(role(name, file), expected, "{name} {file}");
        }
    }
}
