//! What can go wrong when data is turned into a picture or a file.

/// Why a report could not be made.
///
/// Tables never fail: they show what they are given. Plots and flame graphs do, because a picture of nothing, or of a zero on a
/// logarithmic axis, would be a lie.
///
/// ```
/// # #[cfg(feature = "plots")]
/// # {
/// use tuneup_report::{Axis, BarPlot, Error, Unit};
///
/// let empty = BarPlot::new("Time", Axis::linear("time", Unit::Nanoseconds)).to_svg();
/// assert!(matches!(empty, Err(Error::NoData { plot }) if plot == "Time"));
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A plot was asked for before anything was added to it.
    #[error(
        "the plot {plot:?} has no data; add at least one point, sample, bar or weight above zero"
    )]
    NoData {
        /// The title of the plot.
        plot: String,
    },
    /// A value was NaN or infinite.
    #[error(
        "the plot {plot:?} was given {value} in {series:?}; leave out what is not a finite number"
    )]
    NotFinite {
        /// The title of the plot.
        plot: String,
        /// The series, label or bar that holds the value.
        series: String,
        /// The value.
        value: f64,
    },
    /// A value was so far from zero that differences to it cannot be computed.
    #[error(
        "the plot {plot:?} was given {value:e} in {series:?}, which is beyond ±{max:e}; use a larger unit"
    )]
    TooLarge {
        /// The title of the plot.
        plot: String,
        /// The series, label or bar that holds the value.
        series: String,
        /// The value.
        value: f64,
        /// The largest distance from zero that is drawn.
        max: f64,
    },
    /// A value was zero or negative where the axis is logarithmic.
    #[error(
        "the plot {plot:?} was given {value} in {series:?}, but its axis is logarithmic; use a linear axis or leave it out"
    )]
    NotPositive {
        /// The title of the plot.
        plot: String,
        /// The series, label or bar that holds the value.
        series: String,
        /// The value.
        value: f64,
    },
    /// A frame of a flame graph weighs less than nothing.
    #[error("the flame graph {plot:?} was given {value} for {frame:?}; a weight is zero or more")]
    Negative {
        /// The title of the flame graph.
        plot: String,
        /// The label of the frame.
        frame: String,
        /// The weight.
        value: f64,
    },
    /// A frame of a flame graph stands below one that was not added before it.
    #[error(
        "the flame graph {plot:?} was given {frame:?} below the frame {parent}, which is not there yet; add callers first"
    )]
    UnknownParent {
        /// The title of the flame graph.
        plot: String,
        /// The label of the frame.
        frame: String,
        /// The number of the parent as given.
        parent: usize,
    },
    /// The lower end of a band or interval was above its upper end.
    #[error(
        "the plot {plot:?} was given the interval {low} to {high} in {series:?}; put the lower end first"
    )]
    ReversedInterval {
        /// The title of the plot.
        plot: String,
        /// The series or bar that holds the interval.
        series: String,
        /// The lower end as given.
        low: f64,
        /// The upper end as given.
        high: f64,
    },
    /// A plot holds more series, labels or bars than can be told apart.
    #[error(
        "the plot {plot:?} was given {count} {what}, at most {max} can be told apart; split it"
    )]
    TooMany {
        /// The title of the plot.
        plot: String,
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many fit.
        max: usize,
    },
    /// The drawing library refused.
    #[error("the plot {plot:?} could not be drawn: {reason}")]
    Drawing {
        /// The title of the plot.
        plot: String,
        /// What the drawing library said.
        reason: String,
    },
    /// A table or report could not be written as JSON.
    #[cfg(feature = "json")]
    #[error("the data could not be written as JSON")]
    Json(#[from] serde_json::Error),
}
