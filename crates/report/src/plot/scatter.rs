//! Points with a curve fitted through them.

use crate::error::Error;
use crate::plot::axis::Axis;
use crate::plot::line;
use crate::plot::series::Series;
use crate::plot::svg::Svg;

/// Points that are not connected, each series with an optional fitted curve: time against input size.
///
/// With two logarithmic axes a power law is a straight line whose slope is its exponent. Drawing is O(points).
///
/// ```
/// use tuneup_report::{Axis, ScatterPlot, Series, Unit};
///
/// let svg = ScatterPlot::new(
///     "Sorting",
///     Axis::logarithmic("items", Unit::Count),
///     Axis::logarithmic("time", Unit::Nanoseconds),
/// )
/// .series(
///     Series::new("measured", [(256.0, 2_100.0), (1024.0, 10_400.0), (4096.0, 49_800.0)])
///         .with_curve("O(n log n)", |n| n * n.log2()),
/// )
/// .to_svg()?;
/// assert!(svg.as_str().contains("O(n log n)"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a plot is drawn by to_svg"]
#[doc(alias = "log_log")]
pub struct ScatterPlot {
    title: String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
}

impl ScatterPlot {
    /// A plot without data yet.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self {
            title: title.into(),
            x,
            y,
            series: Vec::new(),
        }
    }

    /// Adds points.
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Draws the plot.
    ///
    /// # Errors
    /// As [`LinePlot::to_svg`](crate::LinePlot::to_svg).
    pub fn to_svg(&self) -> Result<Svg, Error> {
        line::draw(&self.title, (&self.x, &self.y), &self.series, false)
    }
}
