//! The attributes from outside, with a stand-in for the recorder.

// Expansions name `::tuneup_profiling`.
extern crate self as tuneup_profiling;

mod calls;
mod editions;
mod lints;
// Numbers stand behind lines, where rustfmt would not leave them.
#[rustfmt::skip]
mod line_hits;
// Functions stand in macros.
#[rustfmt::skip]
mod meaning;
#[path = "recording.rs"]
pub(crate) mod __private;
