//! `cargo xtask release` on a small workspace: sound, with one fault at a time, and interrupted; then taken back; all of it on loopback.

#![cfg(target_os = "linux")]

mod bad_input;
mod contents;
mod disk;
mod hand_over;
mod readiness;
mod resumption;
mod signed;
mod tools;
mod toy;
mod whole;
mod withdrawal;
mod world;
