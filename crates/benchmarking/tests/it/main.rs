//! The crate from outside.

#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod alone;
#[cfg(all(feature = "commands", unix))]
mod commands;
#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod gate;
#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod measure;
// The harness is part of what is misused.
#[cfg(feature = "harness")]
mod messages;
#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod workspace;
