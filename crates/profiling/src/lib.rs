#![doc = include_str!("../README.md")]

mod error;

mod call_tree;
mod function;
mod line_table;
mod profile;

mod aggregate;
mod source;

#[cfg(feature = "macros")]
mod attributes;
mod environment;
mod profile_fn;
mod profiler;
mod scope;
mod session;

mod cells;
mod diff;
mod dump;
mod edges;
mod lookup;
mod narrowing;
mod order;
mod selection;

#[cfg(feature = "native")]
mod native;

mod stopwatch;
mod time;
mod timers;

mod export;

#[cfg(test)]
mod sample;

#[cfg(feature = "macros")]
pub use crate::attributes::{profile, profile_all, profile_lines};
#[cfg(feature = "native")]
pub use crate::native::{NativeSampler, NativeSamplerBuilder, RunningNativeSampler};
pub use crate::{
    call_tree::{CallTree, Node},
    diff::{Figures, FunctionDiff, ProfileDiff},
    edges::{Edge, Edges},
    environment::from_env,
    error::Error,
    function::{Allocations, Arguments, Distribution, Function, FunctionKind, Polls, Samples},
    line_table::{Line, LineTable},
    order::SortKey,
    profile::{Overhead, Profile, Sampling},
    profile_fn::profile_fn,
    profiler::{Detail, Profiler, ProfilerBuilder},
    selection::Functions,
    session::Session,
    stopwatch::{Lap, Stopwatch},
    timers::{Grades, GradesBuilder, RunningTimer, TimerStats, Timers, TimersBuilder},
};

/// What the expansions of macros call: no part of the API.
#[doc(hidden)]
pub mod __private {
    pub use tuneup_recorder::{
        Frame, LineSite, LineTimer, LinedFuture, ProfiledFuture, Site, SiteKind, UntimedFrame,
        enter, enter_untimed, mark_line, path_of,
    };
}
