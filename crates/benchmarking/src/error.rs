//! The one error type of the crate.

/// What can go wrong while measuring, comparing or keeping results.
///
/// Messages are lower case, carry the names involved and say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range.
    #[error("the option `{option}` must be {expected}")]
    InvalidOption {
        /// The setting.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A throughput cannot be fitted.
    #[error(
        "a throughput of {per_second} per second with {threads} thread(s) cannot be fitted; \
         both must be finite and positive"
    )]
    InvalidThroughput {
        /// The number of threads.
        threads: usize,
        /// The throughput.
        per_second: f64,
    },
    /// A size or a time cannot be fitted.
    #[error("cannot fit the timing at size {size}: {reason}")]
    InvalidTiming {
        /// The size.
        size: f64,
        /// What was expected.
        reason: &'static str,
    },
    /// A value of a series is infinite or not a number.
    #[error("value {index} of the series is {value}; leave missing results out")]
    NotFinite {
        /// Its position, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A plot could not be drawn.
    #[cfg(feature = "plots")]
    #[error("cannot draw the plot")]
    Plot {
        /// The reason.
        #[source]
        source: tuneup_report::Error,
    },
    /// The sizes are so close together that every growth law looks the same.
    #[error(
        "sizes from {smallest} to {largest} are too close to show a growth law; span 64× or more"
    )]
    SizesTooClose {
        /// The smallest size.
        smallest: f64,
        /// The largest size.
        largest: f64,
    },
    /// A statistic could not be computed.
    #[error("cannot summarise the samples of `{name}`")]
    Statistics {
        /// What the samples belong to.
        name: String,
        /// The reason.
        #[source]
        source: tuneup_measure::Error,
    },
    /// The system refused to start a thread.
    #[error("cannot start {threads} threads at once; ask for fewer or raise the system's limit")]
    Thread {
        /// How many threads were to run at once.
        threads: usize,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A growth law cannot be told from so few sizes.
    #[error(
        "{found} different size(s) cannot show a growth law; give at least {needed}, small enough for the time allowed"
    )]
    TooFewSizes {
        /// How many different sizes there were.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The scalability law cannot be told from so few thread counts.
    #[error(
        "{found} different thread count(s) cannot show a law with three coefficients; \
         give at least {needed}"
    )]
    TooFewThreadCounts {
        /// How many different counts there were.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
}
