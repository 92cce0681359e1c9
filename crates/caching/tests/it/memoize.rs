//! `#[memoize]` on functions of all kinds.

mod asynchronous;
mod by_thread;
mod failures;
mod functions;
mod functools;
mod keys;
mod messages;
mod methods;
mod unbounded;
