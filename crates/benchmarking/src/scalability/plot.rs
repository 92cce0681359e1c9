//! A scalability as a plot of throughput over threads.

use tuneup_report::{Axis, ScatterPlot, Series, Svg, Unit};

use super::Scalability;
use crate::Error;

impl Scalability {
    /// Threads against throughput with the law's curve.
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
    /// use tuneup_benchmarking::Scalability;
    ///
    /// let found = Scalability::fit(&[(1, 10.0), (2, 19.0), (4, 30.0)])?;
    /// assert!(found.plot("a queue")?.as_str().starts_with("<svg"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn plot(&self, title: &str) -> Result<Svg, Error> {
        let points = self
            .points
            .iter()
            .map(|point| (point.threads as f64, point.per_second));
        let measured = Series::new("measured", points)
            .with_curve("Universal Scalability Law", |threads| self.predict(threads));
        let threads = Axis::linear("threads", Unit::Plain);
        let throughput = Axis::linear("throughput", Unit::PerSecond).with_zero();
        ScatterPlot::new(title, threads, throughput)
            .series(measured)
            .to_svg()
            .map_err(|source| Error::Plot { source })
    }
}
