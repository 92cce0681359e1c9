//! Samples per label, as violins or as boxes.

use tuneup_measure::quantile_sorted;

use crate::error::Error;
use crate::plot::axis::Axis;
use crate::plot::bars::MOST_ROWS;
use crate::plot::canvas::{self, Canvas};
use crate::plot::frame::{self, Rows};
use crate::plot::svg::Svg;
use crate::plot::theme::{self, Color, SERIES};

const ROW: f64 = 46.0;
/// The places at which a density is computed.
const STEPS: usize = 120;
/// Below this many samples a density would be made up: the samples themselves are shown.
const FEWEST_FOR_DENSITY: usize = 5;
/// A density is computed from at most this many samples, taken at even ranks.
const MOST_FOR_DENSITY: usize = 2_000;
/// Outliers drawn at most per end, the farthest first.
const MOST_OUTLIERS: usize = 50;

/// Samples per label as violins: the width is the density of the samples, the bar the middle half, the dot the median.
///
/// The density is a Gaussian kernel estimate with Silverman's rule for its bandwidth (*Density Estimation*, 1986,
/// eq. 3.31), in the logarithm of the values on a logarithmic axis, cut at the smallest and largest sample. Up to 4
/// samples are drawn as they are. Drawing sorts: O(n log n) per label, and allocates a copy.
///
/// ```
/// use tuneup_report::{Axis, Unit, ViolinPlot};
///
/// let svg = ViolinPlot::new("Time per call", Axis::linear("time", Unit::Nanoseconds))
///     .samples("naive", &[120.0, 121.0, 119.0, 125.0, 122.0])
///     .samples("tuned", &[30.0, 31.0, 30.5, 30.2, 33.0])
///     .to_svg()?;
/// assert!(svg.as_str().contains("tuned"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a plot is drawn by to_svg"]
pub struct ViolinPlot(Distribution);

/// Samples per label as boxes: the box is the middle half, the line the median, the whiskers reach to the farthest
/// sample within 1.5 times the box's length (Tukey), the dots are what lies beyond.
///
/// Up to 50 dots per end are drawn, the farthest first. Drawing sorts: O(n log n) per label, and allocates a copy.
///
/// ```
/// use tuneup_report::{Axis, BoxPlot, Unit};
///
/// let svg = BoxPlot::new("Pauses", Axis::logarithmic("pause", Unit::Nanoseconds))
///     .samples("before", &[1e3, 2e3, 1.5e3, 9e6])
///     .to_svg()?;
/// assert!(svg.as_str().contains("before"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a plot is drawn by to_svg"]
#[doc(alias = "boxplot")]
pub struct BoxPlot(Distribution);

macro_rules! distribution_plot {
    ($plot:ident, $draw:ident) => {
        impl $plot {
            /// A plot without samples yet.
            pub fn new(title: impl Into<String>, axis: Axis) -> Self {
                Self(Distribution {
                    title: title.into(),
                    axis,
                    samples: Vec::new(),
                })
            }

            /// Adds the samples of one label below the others; their order does not matter.
            pub fn samples(mut self, label: impl Into<String>, samples: &[f64]) -> Self {
                self.0.samples.push((label.into(), samples.to_vec()));
                self
            }

            /// Draws the plot.
            ///
            /// # Errors
            /// [`Error::NoData`] if there is no label or one has no samples, [`Error::NotFinite`],
            /// [`Error::NotPositive`] on a logarithmic axis, [`Error::TooMany`] above 200 labels.
            pub fn to_svg(&self) -> Result<Svg, Error> {
                self.0.draw($draw)
            }
        }
    };
}

distribution_plot!(ViolinPlot, draw_violin);
distribution_plot!(BoxPlot, draw_box);

#[derive(Debug, Clone, PartialEq)]
struct Distribution {
    title: String,
    axis: Axis,
    samples: Vec<(String, Vec<f64>)>,
}

/// One row to draw.
struct RowOf<'a> {
    rows: &'a Rows,
    row: usize,
    sorted: &'a [f64],
    logarithmic: bool,
    color: Color,
}

impl Distribution {
    fn draw(&self, draw: impl Fn(&mut Canvas<'_>, &RowOf<'_>)) -> Result<Svg, Error> {
        self.check()?;
        let sorted: Vec<Vec<f64>> = self
            .samples
            .iter()
            .map(|(_, samples)| sorted(samples))
            .collect();
        let scale = self.axis.scale(sorted.iter().flatten().copied());
        let labels: Vec<&str> = self
            .samples
            .iter()
            .map(|(label, _)| label.as_str())
            .collect();
        let medians: Vec<String> = sorted
            .iter()
            .map(|samples| self.axis.unit().format(quantile_sorted(samples, 0.5)))
            .collect();
        let title = frame::title_lines(&self.title);
        let height = Rows::height(frame::heading_height(&title, &[]), labels.len(), ROW);
        canvas::draw(
            &self.title,
            (frame::WIDTH as u32, height.round() as u32),
            |canvas| {
                let top = frame::heading(canvas, &title, &[]);
                let rows = Rows::draw(
                    canvas,
                    (&self.axis, scale),
                    &labels,
                    ("median", &medians),
                    (top, ROW),
                );
                for (row, sorted) in sorted.iter().enumerate() {
                    let color = SERIES[row % SERIES.len()];
                    draw(
                        canvas,
                        &RowOf {
                            rows: &rows,
                            row,
                            sorted,
                            logarithmic: self.axis.is_logarithmic(),
                            color,
                        },
                    );
                }
            },
        )
    }

    fn check(&self) -> Result<(), Error> {
        let plot = || self.title.clone();
        if self.samples.is_empty() || self.samples.iter().any(|(_, samples)| samples.is_empty()) {
            return Err(Error::NoData { plot: plot() });
        }
        let count = self.samples.len();
        if count > MOST_ROWS {
            return Err(Error::TooMany {
                plot: plot(),
                what: "labels",
                count,
                max: MOST_ROWS,
            });
        }
        for (label, samples) in &self.samples {
            samples
                .iter()
                .try_for_each(|&sample| self.axis.check(&self.title, label, sample))?;
        }
        Ok(())
    }
}

fn draw_violin(canvas: &mut Canvas<'_>, row: &RowOf<'_>) {
    let (y, half) = (row.rows.y(row.row), ROW * 0.42);
    if row.sorted.len() < FEWEST_FOR_DENSITY {
        row.sorted
            .iter()
            .for_each(|&sample| canvas.disc((row.rows.x(sample), y), 3.5, row.color, 0.8));
        return;
    }
    match density(row.sorted, row.logarithmic) {
        None => canvas.line(
            (row.rows.x(row.sorted[0]), y - half),
            (row.rows.x(row.sorted[0]), y + half),
            row.color,
            3.0,
        ),
        Some(density) => {
            let upper = density
                .iter()
                .map(|&(value, share)| (row.rows.x(value), y - half * share));
            let lower = density
                .iter()
                .rev()
                .map(|&(value, share)| (row.rows.x(value), y + half * share));
            let outline: Vec<_> = upper.chain(lower).collect();
            canvas.area(&outline, row.color, 0.45);
            let closed: Vec<_> = outline.iter().chain(outline.first()).copied().collect();
            canvas.path(&closed, row.color, 1.5);
        }
    }
    let (q1, median, q3) = quartiles(row);
    canvas.line((q1, y), (q3, y), theme::INK, 4.0);
    canvas.disc((median, y), 4.5, theme::INK, 1.0);
    canvas.disc((median, y), 2.5, theme::GROUND, 1.0);
}

fn draw_box(canvas: &mut Canvas<'_>, row: &RowOf<'_>) {
    let (y, half) = (row.rows.y(row.row), ROW * 0.28);
    let (q1, median, q3) = quartiles(row);
    let fence = 1.5 * (quantile_sorted(row.sorted, 0.75) - quantile_sorted(row.sorted, 0.25));
    let (low, high) = (
        quantile_sorted(row.sorted, 0.25) - fence,
        quantile_sorted(row.sorted, 0.75) + fence,
    );
    let first = row.sorted.partition_point(|&sample| sample < low);
    let end = row.sorted.partition_point(|&sample| sample <= high);
    let inside = &row.sorted[first..end];
    if let (Some(&least), Some(&most)) = (inside.first(), inside.last()) {
        canvas.line(
            (row.rows.x(least), y),
            (q1.max(row.rows.x(least)), y),
            row.color,
            1.5,
        );
        canvas.line(
            (q3.min(row.rows.x(most)), y),
            (row.rows.x(most), y),
            row.color,
            1.5,
        );
        for x in [row.rows.x(least), row.rows.x(most)] {
            canvas.line((x, y - half * 0.5), (x, y + half * 0.5), row.color, 1.5);
        }
    }
    canvas.rectangle((q1, y - half), (q3, y + half), row.color, 0.45);
    let frame = [
        (q1, y - half),
        (q3, y - half),
        (q3, y + half),
        (q1, y + half),
        (q1, y - half),
    ];
    canvas.path(&frame, row.color, 1.5);
    canvas.line((median, y - half), (median, y + half), theme::INK, 2.5);
    let below = row.sorted[..first].iter().take(MOST_OUTLIERS);
    let above = row.sorted[end..].iter().rev().take(MOST_OUTLIERS);
    below
        .chain(above)
        .for_each(|&sample| canvas.disc((row.rows.x(sample), y), 2.5, row.color, 0.7));
}

/// The pixels of the quartiles.
fn quartiles(row: &RowOf<'_>) -> (f64, f64, f64) {
    let at = |share| row.rows.x(quantile_sorted(row.sorted, share));
    (at(0.25), at(0.5), at(0.75))
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The density over the range of the samples, its highest point at 1; none if all are equal.
fn density(sorted: &[f64], logarithmic: bool) -> Option<Vec<(f64, f64)>> {
    let step = sorted.len().div_ceil(MOST_FOR_DENSITY);
    let values: Vec<f64> = sorted
        .iter()
        .step_by(step)
        .map(|&value| if logarithmic { value.ln() } else { value })
        .collect();
    let count = values.len() as f64;
    let (low, high) = (values[0], values[values.len() - 1]);
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (count - 1.0))
        .sqrt();
    let spread = (quantile_sorted(&values, 0.75) - quantile_sorted(&values, 0.25)) / 1.34;
    let narrow = if spread > 0.0 {
        deviation.min(spread)
    } else {
        deviation
    };
    let bandwidth = 0.9 * narrow * count.powf(-0.2);
    if !(bandwidth.is_finite() && bandwidth > (high - low) * 1e-6) {
        return None;
    }
    let heights: Vec<(f64, f64)> = (0..STEPS)
        .map(|step| {
            let at = low + (high - low) * step as f64 / (STEPS - 1) as f64;
            let height = values
                .iter()
                .map(|value| (-0.5 * ((at - value) / bandwidth).powi(2)).exp())
                .sum::<f64>();
            (if logarithmic { at.exp() } else { at }, height)
        })
        .collect();
    let highest = heights.iter().map(|point| point.1).fold(0.0, f64::max);
    Some(
        heights
            .into_iter()
            .map(|(value, height)| (value, height / highest))
            .collect(),
    )
}

#[cfg(test)]
mod tests;
