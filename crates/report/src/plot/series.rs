//! One named set of points.

use crate::error::Error;
use crate::plot::axis::Axis;

/// How many places a fitted curve is computed at.
const CURVE_STEPS: usize = 128;
/// More points than this make a file that no viewer likes, and no picture shows them.
const MOST_POINTS: usize = 20_000;

/// One named set of points, with an optional band around them and an optional fitted curve through them.
///
/// ```
/// use tuneup_report::Series;
///
/// let threads = Series::new("measured", [(1.0, 10.0), (2.0, 19.0), (4.0, 34.0)])
///     .with_band([(1.0, 9.5, 10.5), (2.0, 18.0, 20.0), (4.0, 31.0, 36.0)])
///     .with_curve("USL fit", |n| 10.2 * n / (1.0 + 0.05 * (n - 1.0)));
/// # let _ = threads;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) band: Vec<(f64, f64, f64)>,
    pub(super) curve: Option<Curve>,
}

/// A fitted curve, already computed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
}

impl Series {
    /// Points of `(x, y)`, in the order in which a line connects them.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self {
            name: name.into(),
            points: points.into_iter().collect(),
            band: Vec::new(),
            curve: None,
        }
    }

    /// A shaded band of `(x, low, high)`, for instance a confidence interval at each point.
    ///
    /// ```
    /// use tuneup_report::Series;
    ///
    /// let band = Series::new("median", [(1.0, 10.0), (2.0, 19.0)]).with_band([(1.0, 9.5, 10.5), (2.0, 18.0, 20.0)]);
    /// # let _ = band;
    /// ```
    #[must_use]
    pub fn with_band(mut self, band: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        self.band = band.into_iter().collect();
        self
    }

    /// A fitted curve, computed at 128 places over the range of the points given to [`Series::new`]. Places where it is
    /// not a finite number are left out. The legend of a scatter plot names it behind the points: `measured: O(n log n)`.
    ///
    /// ```
    /// use tuneup_report::Series;
    ///
    /// let fitted = Series::new("measured", [(256.0, 300.0), (4096.0, 5_000.0)]).with_curve("fit", |n| 1.2 * n);
    /// # let _ = fitted;
    /// ```
    #[must_use]
    pub fn with_curve(mut self, name: impl Into<String>, curve: impl Fn(f64) -> f64) -> Self {
        let xs = || {
            self.points
                .iter()
                .map(|point| point.0)
                .filter(|x| x.is_finite())
        };
        let (low, high) = (
            xs().fold(f64::INFINITY, f64::min),
            xs().fold(f64::NEG_INFINITY, f64::max),
        );
        // Even steps on the axis that is used: factors where all is positive over a wide range, else differences.
        let by_factor = low > 0.0 && high / low > 4.0;
        let x = |step: usize| {
            let share = step as f64 / (CURVE_STEPS - 1) as f64;
            if by_factor {
                low * (high / low).powf(share)
            } else {
                low + (high - low) * share
            }
        };
        let points = (0..CURVE_STEPS).map(x).map(|x| (x, curve(x)));
        let points = points
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        self.curve = Some(Curve {
            name: name.into(),
            points,
        });
        self
    }

    /// Refuses what the axes cannot show.
    pub(super) fn check(&self, plot: &str, x_axis: &Axis, y_axis: &Axis) -> Result<(), Error> {
        let count = self.points.len().max(self.band.len());
        if count > MOST_POINTS {
            let plot = plot.to_owned();
            return Err(Error::TooMany {
                plot,
                what: "points in one series",
                count,
                max: MOST_POINTS,
            });
        }
        for &(x, y) in &self.points {
            x_axis.check(plot, &self.name, x)?;
            y_axis.check(plot, &self.name, y)?;
        }
        for &(x, low, high) in &self.band {
            x_axis.check(plot, &self.name, x)?;
            check_interval(plot, &self.name, y_axis, low, high)?;
        }
        Ok(())
    }

    /// All that must be within the picture: points and band. The curve may leave it.
    pub(super) fn extent(&self) -> impl Iterator<Item = (f64, f64)> {
        let band = self
            .band
            .iter()
            .flat_map(|&(x, low, high)| [(x, low), (x, high)]);
        self.points.iter().copied().chain(band)
    }
}

/// Refuses an interval that the axis cannot show or whose ends are swapped.
pub(super) fn check_interval(
    plot: &str,
    series: &str,
    axis: &Axis,
    low: f64,
    high: f64,
) -> Result<(), Error> {
    axis.check(plot, series, low)?;
    axis.check(plot, series, high)?;
    if low > high {
        return Err(Error::ReversedInterval {
            plot: plot.to_owned(),
            series: series.to_owned(),
            low,
            high,
        });
    }
    Ok(())
}
