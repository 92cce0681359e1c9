//! `#[memoize]`, which a crate of its own defines: here is what it does for the user, and what its expansions call.

mod answers;
mod arguments;
mod by_thread;
mod engine;
mod family;
mod kind;
mod memo;
mod method_cache;
mod settings;
mod thread_memo;
mod unsuited;

use self::engine::Engine;
pub use self::{
    answers::Answers,
    arguments::{Argument, Arguments, Key, Lookup, Value, never},
    by_thread::{ByThread, ThreadFamily},
    family::Family,
    kind::{CannotFail, Kind, Outcome},
    memo::Memo,
    method_cache::{MethodCache, family_of},
    settings::Settings,
    thread_memo::ThreadMemo,
    unsuited::{Unsuited, argument, value},
};
