//! The crate's one error type, written by hand because the crate has no dependency.

use std::fmt;

/// Everything that can go wrong in this crate.
///
/// Each message says what was wrong and what to do about it. Parsing keeps the text it could not
/// read, so that a command line can show it again.
///
/// # Examples
/// ```
/// use tuneup_measure::{Error, Summary};
///
/// let error = Summary::of(&[1.0, f64::NAN]).unwrap_err();
/// assert!(matches!(error, Error::NotFinite { index: 1, .. }));
/// assert_eq!(
///     error.to_string(),
///     "value 1 of the sample is NaN; remove values that are not finite"
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A sample has fewer values than the statistic needs.
    #[non_exhaustive]
    TooFew {
        /// How many values the statistic needs.
        needed: usize,
        /// How many there were.
        got: usize,
    },
    /// A value of a sample is infinite or not a number.
    #[non_exhaustive]
    NotFinite {
        /// Its position in the slice, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// Two slices that belong together have different lengths.
    #[non_exhaustive]
    LengthMismatch {
        /// The length of the first.
        left: usize,
        /// The length of the second.
        right: usize,
    },
    /// All points have the same x, so that no line through them has a slope.
    NoSlope,
    /// An option is outside its range.
    #[non_exhaustive]
    OutOfRange {
        /// The option's name.
        option: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Two histograms have different relative errors or largest values, so that their buckets
    /// cannot be added or subtracted.
    #[non_exhaustive]
    LayoutMismatch {
        /// Relative error of the histogram that was to change.
        left_relative_error: f64,
        /// Largest value of the histogram that was to change.
        left_max_value: u64,
        /// Relative error of the other.
        right_relative_error: f64,
        /// Largest value of the other.
        right_max_value: u64,
    },
    /// The histogram to subtract is not an earlier state of the one it was to be subtracted from.
    #[non_exhaustive]
    NotEarlier {
        /// The count, sum or bucket that would have become negative.
        what: &'static str,
    },
    /// The parts of a stored histogram contradict each other.
    #[non_exhaustive]
    Inconsistent {
        /// Which part, and what it should have been.
        what: &'static str,
    },
    /// A text is not a duration, size, rate, count or percentage.
    #[non_exhaustive]
    Parse {
        /// What was to be read, such as `duration`.
        kind: &'static str,
        /// The text as it was given.
        input: String,
        /// Why it could not be read.
        reason: String,
        /// What is allowed, with an example.
        expected: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { needed, got } => {
                write!(
                    f,
                    "{needed} or more values are needed and there are {got}; measure more often"
                )
            }
            Self::NotFinite { index, value } => write!(
                f,
                "value {index} of the sample is {value}; remove values that are not finite"
            ),
            Self::LengthMismatch { left, right } => write!(
                f,
                "the slices hold {left} and {right} values; give one y for every x"
            ),
            Self::NoSlope => {
                f.write_str("all points have the same x; measure at two sizes or more")
            }
            Self::OutOfRange {
                option,
                value,
                allowed,
            } => {
                write!(f, "{option} is {value}; give {allowed}")
            }
            Self::LayoutMismatch {
                left_relative_error,
                left_max_value,
                right_relative_error,
                right_max_value,
            } => write!(
                f,
                "the histograms have relative errors {left_relative_error} and {right_relative_error} and largest values \
                 {left_max_value} and {right_max_value}; build both with the same options"
            ),
            Self::NotEarlier { what } => write!(
                f,
                "the {what} would become negative; subtract only an earlier state of the same histogram"
            ),
            Self::Inconsistent { what } => {
                write!(
                    f,
                    "the stored histogram is damaged: {what}; record it again"
                )
            }
            Self::Parse {
                kind,
                input,
                reason,
                expected,
            } => {
                write!(
                    f,
                    "cannot read {input:?} as a {kind}: {reason}; expected {expected}"
                )
            }
        }
    }
}

impl std::error::Error for Error {}
