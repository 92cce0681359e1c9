//! The crate from outside: toy workspaces, and the real programs that its results are for.

mod programs;
#[cfg(any(feature = "full", feature = "registry"))]
mod small_disk;
mod toy;

#[cfg(feature = "full")]
mod artefacts;
#[cfg(feature = "registry")]
mod publishing;
#[cfg(all(unix, feature = "readiness"))]
mod readiness;
mod versions;
