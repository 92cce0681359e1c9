//! Registries on loopback: served, published to, rehearsed with, and taken back from.

mod loopback;
#[cfg(unix)]
mod publish;
mod registry;
mod rehearse;
mod yank;
