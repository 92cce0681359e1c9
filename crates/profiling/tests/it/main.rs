//! The crate from outside.

mod alone;
// Numbers stand behind lines, where rustfmt would not leave them.
#[cfg(feature = "macros")]
#[rustfmt::skip]
mod line_shapes;
#[cfg(feature = "macros")]
mod messages;
#[cfg(feature = "macros")]
mod recorded;
mod sampling;
mod sessions;
#[cfg(feature = "macros")]
mod shapes;
