//! A complexity as a log-log plot.

use tuneup_report::{Axis, ScatterPlot, Series, Svg, Unit};

use super::Complexity;
use crate::Error;

impl Complexity {
    /// Size against time on logarithmic axes, with the curve of the best law. On these axes O(nᵏ) is a straight line
    /// of slope k.
    ///
    /// Needs the feature `plots`. O(points); allocates the text of the SVG.
    ///
    /// # Errors
    ///
    /// [`Error::Plot`] if there are more points than a plot can hold (20 000).
    ///
    /// # Examples
    ///
    /// ```
    /// use tuneup_benchmarking::Complexity;
    ///
    /// let found = Complexity::fit(&[10.0, 100.0, 1000.0, 10_000.0].map(|n| (n, [2.0 * n])))?;
    /// assert!(found.plot("sum of a slice")?.as_str().starts_with("<svg"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn plot(&self, title: &str) -> Result<Svg, Error> {
        let points = self
            .points
            .iter()
            .map(|point| (point.size, point.typical_ns));
        let measured = Series::new("measured", points).with_curve(self.best.to_string(), |size| {
            self.best_fit().predict_ns(size)
        });
        let size = Axis::logarithmic("size", Unit::Plain);
        let time = Axis::logarithmic("time for one call", Unit::Nanoseconds);
        ScatterPlot::new(title, size, time)
            .series(measured)
            .to_svg()
            .map_err(|source| Error::Plot { source })
    }
}
