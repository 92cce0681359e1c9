//! The crate from outside.

mod atomic;
mod clock;
mod errors;
mod histogram;
mod statistics;
#[cfg(feature = "serde")]
mod stored;
mod units;
