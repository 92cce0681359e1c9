//! Tests of the crate from outside.

#[cfg(feature = "simulate")]
mod advice;
mod bad_input;
mod capacity;
mod entry;
mod expiry;
mod info;
mod invalidation;
#[cfg(feature = "memoize")]
mod memoize;
#[cfg(feature = "simulate")]
mod miss_ratio;
#[cfg(feature = "store")]
mod pattern;
mod policies;
#[cfg(feature = "simulate")]
mod shared_traces;
#[cfg(feature = "simulate")]
mod simulate;
mod single_flight;
#[cfg(feature = "file-store")]
mod store;
mod threads;
#[cfg(feature = "file-store")]
mod tiered;
#[cfg(feature = "simulate")]
mod trace;
mod waiting;
