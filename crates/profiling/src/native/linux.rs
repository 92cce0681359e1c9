//! The sampler where there are perf events.
//!
//! Samples flow from `events` (which the kernel writes) through `ring` and `record` to `unwind`, and are
//! counted as addresses in the `stack_tree`. Only when a profile is asked for, `tuneup_symbols` finds the names and
//! `attribution` makes the profile.

mod attribution;
mod denial;
mod engine;
mod events;
mod reader;
mod record;
mod ring;
mod stack_tree;
mod system;
mod unwind;

pub(super) use engine::Engine;
