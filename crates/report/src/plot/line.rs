//! Lines through points, with bands.

use crate::error::Error;
use crate::plot::axis::Axis;
use crate::plot::canvas::{self, Canvas, MARKERS, Marker};
use crate::plot::frame::{self, Entry, Frame, Sample};
use crate::plot::series::Series;
use crate::plot::svg::Svg;
use crate::plot::theme::{Color, SERIES};

const HEIGHT: f64 = 330.0;
/// Up to this many points, each is marked.
const MARKED: usize = 60;
/// Colours times markers: more series than this cannot be told apart.
pub(super) const MOST_SERIES: usize = SERIES.len() * MARKERS.len();

/// Lines through points, each with an optional band: a history, or throughput against threads.
///
/// Drawing is O(points).
///
/// ```
/// use tuneup_report::{Axis, LinePlot, Series, Unit};
///
/// let svg = LinePlot::new(
///     "Throughput",
///     Axis::linear("threads", Unit::Count),
///     Axis::linear("throughput", Unit::PerSecond).with_zero(),
/// )
/// .series(
///     Series::new("sharded", [(1.0, 3.1e6), (2.0, 5.9e6), (4.0, 10.4e6)])
///         .with_band([(1.0, 3.0e6, 3.2e6), (2.0, 5.6e6, 6.1e6), (4.0, 9.8e6, 11.0e6)]),
/// )
/// .to_svg()?;
/// assert!(svg.as_str().contains("throughput (M/s)"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a plot is drawn by to_svg"]
pub struct LinePlot {
    title: String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
}

impl LinePlot {
    /// A plot without data yet.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self {
            title: title.into(),
            x,
            y,
            series: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Draws the plot.
    ///
    /// # Errors
    /// [`Error::NoData`], [`Error::NotFinite`], [`Error::NotPositive`] on a logarithmic axis,
    /// [`Error::ReversedInterval`], [`Error::TooMany`] above 24 series or 20,000 points in one.
    pub fn to_svg(&self) -> Result<Svg, Error> {
        draw(&self.title, (&self.x, &self.y), &self.series, true)
    }
}

/// Draws series of points, connected by lines or not.
pub(super) fn draw(
    title: &str,
    (x, y): (&Axis, &Axis),
    series: &[Series],
    connected: bool,
) -> Result<Svg, Error> {
    if series.len() > MOST_SERIES {
        let (plot, count) = (title.to_owned(), series.len());
        return Err(Error::TooMany {
            plot,
            what: "series",
            count,
            max: MOST_SERIES,
        });
    }
    for one in series {
        one.check(title, x, y)?;
    }
    if series.iter().all(|one| one.extent().next().is_none()) {
        return Err(Error::NoData {
            plot: title.to_owned(),
        });
    }
    let x_scale = x.scale(series.iter().flat_map(Series::extent).map(|point| point.0));
    let y_scale = y.scale(series.iter().flat_map(Series::extent).map(|point| point.1));
    let title_lines = frame::title_lines(title);
    let legend = legend(series, connected);
    let top = frame::heading_height(&title_lines, &legend);
    let height = (top + HEIGHT).round();
    canvas::draw(title, (frame::WIDTH as u32, height as u32), |canvas| {
        let top = frame::heading(canvas, &title_lines, &legend);
        let frame = Frame::cartesian(canvas, (x, x_scale), (y, y_scale), (top, height));
        // Bands first: no band hides a line.
        for (one, (color, _)) in series.iter().zip(looks()) {
            draw_band(canvas, &frame, one, color);
        }
        for (one, look) in series.iter().zip(looks()) {
            draw_series(canvas, &frame, one, look, connected);
        }
    })
}

/// The colour and marker of each series, in order: no two of the first [`MOST_SERIES`] are alike.
fn looks() -> impl Iterator<Item = (Color, Marker)> {
    // Both cycles begin anew together after 12 series; from there on the markers are shifted by one.
    (0..).map(|index| {
        (
            SERIES[index % SERIES.len()],
            MARKERS[(index + index / 12) % MARKERS.len()],
        )
    })
}

fn draw_band(canvas: &mut Canvas<'_>, frame: &Frame, series: &Series, color: Color) {
    let low = series.band.iter().map(|&(x, low, _)| frame.point((x, low)));
    let high = series
        .band
        .iter()
        .rev()
        .map(|&(x, _, high)| frame.point((x, high)));
    let outline: Vec<_> = low.chain(high).collect();
    if outline.len() > 2 {
        canvas.area(&outline, color, 0.2);
    }
}

fn draw_series(
    canvas: &mut Canvas<'_>,
    frame: &Frame,
    series: &Series,
    (color, marker): (Color, Marker),
    connected: bool,
) {
    if let Some(curve) = &series.curve {
        frame.curve(canvas, &curve.points, color, 1.5);
    }
    let points: Vec<_> = series
        .points
        .iter()
        .map(|&point| frame.point(point))
        .collect();
    if connected && points.len() > 1 {
        canvas.path(&points, color, 2.0);
    }
    if !connected || points.len() <= MARKED {
        let radius = if connected { 3.5 } else { 4.0 };
        points
            .iter()
            .for_each(|&point| canvas.mark(marker, point, radius, color));
    }
}

/// The legend: every name that is not empty. Points share their entry with the curve through them; a line and its curve
/// have one each.
fn legend(series: &[Series], connected: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (one, (color, marker)) in series.iter().zip(looks()) {
        let curve = one.curve.as_ref().map_or("", |curve| curve.name.as_str());
        let mut add = |name: &str, sample| {
            entries.push(Entry {
                name: name.to_owned(),
                color,
                sample,
            });
        };
        match (one.name.as_str(), curve, connected) {
            ("", "", _) => {}
            (name, "", true) => add(name, Sample::LinePoint(marker)),
            (name, "", false) => add(name, Sample::Point(marker)),
            ("", curve, true) => add(curve, Sample::Line),
            ("", curve, false) => add(curve, Sample::LinePoint(marker)),
            (name, curve, true) => {
                add(name, Sample::LinePoint(marker));
                add(curve, Sample::Line);
            }
            (name, curve, false) => add(&format!("{name}: {curve}"), Sample::LinePoint(marker)),
        }
    }
    entries
}

#[cfg(test)]
mod tests;
