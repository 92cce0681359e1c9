//! How much one iteration handles, so that times become rates.

use tuneup_report::{Cell, Unit};

/// The amount of work one iteration does, for a rate beside the time.
///
/// ```
/// use tuneup_benchmarking::Throughput;
/// assert_eq!(Throughput::Bytes(1 << 20).per_second(1e6), 1_048_576_000.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Throughput {
    /// Bytes handled per iteration.
    Bytes(u64),
    /// Items (elements, requests, words) handled per iteration.
    Items(u64),
}

impl Throughput {
    /// Bytes or items per second when one iteration takes `ns` nanoseconds.
    ///
    /// Infinite when `ns` is zero.
    ///
    /// ```
    /// use tuneup_benchmarking::Throughput;
    /// assert_eq!(Throughput::Items(3).per_second(1_000.0), 3e6);
    /// ```
    #[must_use]
    pub fn per_second(self, ns: f64) -> f64 {
        let (Self::Bytes(amount) | Self::Items(amount)) = self;
        amount as f64 * 1e9 / ns
    }
}

/// The rate as a table shows it.
pub(crate) fn cell(throughput: Throughput, per_second: f64) -> Cell {
    match throughput {
        Throughput::Bytes(_) => Cell::number(per_second, Unit::BytesPerSecond),
        Throughput::Items(_) => Cell::number(per_second, Unit::PerSecond),
    }
}
