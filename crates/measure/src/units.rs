//! Durations, sizes, rates, percentages and counts: written for people, and read back.

use crate::Error;

mod bytes;
mod count;
mod duration;
mod number;
mod percent;
mod rate;
#[cfg(test)]
mod tests;

pub use self::{
    bytes::{Bytes, parse_bytes},
    count::{Count, parse_count},
    duration::{format_duration, format_ns, parse_duration},
    percent::{Percent, parse_percent},
    rate::{Rate, RateUnit, parse_rate},
};
