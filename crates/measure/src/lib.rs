#![doc = include_str!("../README.md")]

mod error;

mod clock;

mod histogram;

mod bootstrap;
mod interval;
mod mann_whitney;
mod normal;
mod outliers;
mod random;
mod sample;
mod summary;
mod theil_sen;

mod units;

pub use crate::{
    bootstrap::{Bootstrap, BootstrapBuilder},
    clock::{Clock, ClockSource, MockClock, Scale, Ticks},
    error::Error,
    histogram::{
        AtomicHistogram, AtomicHistogramBuilder, Bucket, Buckets, Histogram, HistogramBuilder,
        HistogramLayout,
    },
    interval::Interval,
    mann_whitney::{MannWhitney, PValueMethod, mann_whitney_u},
    normal::{normal_cdf, normal_quantile},
    outliers::{OutlierKind, Outliers, TukeyFences, outliers},
    sample::{mad, mean, median, median_in_place, quantile, quantile_in_place, quantile_sorted},
    summary::Summary,
    theil_sen::TheilSen,
    units::{
        Bytes, Count, Percent, Rate, RateUnit, format_duration, format_ns, parse_bytes,
        parse_count, parse_duration, parse_percent, parse_rate,
    },
};

/// For the workspace's own crates: no part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::clock::read_counter;
}
