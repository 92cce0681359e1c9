//! The crate from outside.

#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod gate;
#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod measure;
mod messages;
#[cfg(all(feature = "suite", feature = "harness", target_os = "linux"))]
mod workspace;
