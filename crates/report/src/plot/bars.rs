//! Bars with intervals.

use crate::cell::Style;
use crate::error::Error;
use crate::plot::axis::Axis;
use crate::plot::canvas::{self, Canvas};
use crate::plot::frame::{self, Rows};
use crate::plot::series::check_interval;
use crate::plot::svg::Svg;
use crate::plot::theme::{self, Color};

const ROW: f64 = 30.0;
/// More rows than this make a picture that nobody reads.
pub(super) const MOST_ROWS: usize = 200;

/// One bar: a label, a value and perhaps the interval around it.
///
/// ```
/// use tuneup_report::{Bar, Style};
///
/// let bar = Bar::new("one pass", 310.5).between(305.0, 318.0).styled(Style::Good);
/// # let _ = bar;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    label: String,
    value: f64,
    bounds: Option<(f64, f64)>,
    style: Style,
}

impl Bar {
    /// A bar of `value`, in the base unit of the axis.
    pub fn new(label: impl Into<String>, value: f64) -> Self {
        Self {
            label: label.into(),
            value,
            bounds: None,
            style: Style::Plain,
        }
    }

    /// The interval around the value, drawn as a whisker.
    #[must_use]
    pub fn between(mut self, low: f64, high: f64) -> Self {
        self.bounds = Some((low, high));
        self
    }

    /// Colours the bar; [`Style::Plain`] by default.
    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    fn color(&self) -> Color {
        match self.style {
            Style::Good => theme::GOOD,
            Style::Bad => theme::BAD,
            Style::Warn => theme::WARN,
            Style::Dim => theme::AXIS,
            Style::Plain | Style::Strong => theme::SERIES[0],
        }
    }
}

/// Horizontal bars with intervals, one per label, the value written beside each.
///
/// On a linear axis bars begin at zero, on a logarithmic one at the end of the axis. Drawing is O(bars).
///
/// ```
/// use tuneup_report::{Axis, Bar, BarPlot, Unit};
///
/// let svg = BarPlot::new("Allocations", Axis::linear("bytes per call", Unit::Bytes))
///     .bar(Bar::new("owned", 4096.0))
///     .bar(Bar::new("borrowed", 0.0))
///     .to_svg()?;
/// assert!(svg.as_str().contains("borrowed"));
/// # Ok::<(), tuneup_report::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a plot is drawn by to_svg"]
pub struct BarPlot {
    title: String,
    axis: Axis,
    bars: Vec<Bar>,
}

impl BarPlot {
    /// A plot without bars yet.
    pub fn new(title: impl Into<String>, axis: Axis) -> Self {
        Self {
            title: title.into(),
            axis,
            bars: Vec::new(),
        }
    }

    /// Adds a bar below the others.
    pub fn bar(mut self, bar: Bar) -> Self {
        self.bars.push(bar);
        self
    }

    /// Draws the plot.
    ///
    /// # Errors
    /// [`Error::NoData`], [`Error::NotFinite`], [`Error::NotPositive`] on a logarithmic axis,
    /// [`Error::ReversedInterval`], [`Error::TooMany`] above 200 bars.
    pub fn to_svg(&self) -> Result<Svg, Error> {
        self.check()?;
        let axis = self.axis.clone().with_zero();
        // Zero belongs to the picture even if all values are below it; a logarithmic axis has none.
        let zero = (!axis.is_logarithmic()).then_some(0.0);
        let ends = |bar: &Bar| {
            bar.bounds
                .map(|(low, high)| [low, high])
                .into_iter()
                .flatten()
                .chain([bar.value])
        };
        let scale = axis.scale(self.bars.iter().flat_map(ends).chain(zero));
        let labels: Vec<&str> = self.bars.iter().map(|bar| bar.label.as_str()).collect();
        let values: Vec<String> = self
            .bars
            .iter()
            .map(|bar| axis.unit().format(bar.value))
            .collect();
        let title = frame::title_lines(&self.title);
        let height = Rows::height(frame::heading_height(&title, &[]), self.bars.len(), ROW);
        canvas::draw(
            &self.title,
            (frame::WIDTH as u32, height.round() as u32),
            |canvas| {
                let top = frame::heading(canvas, &title, &[]);
                let rows = Rows::draw(canvas, (&axis, scale), &labels, ("", &values), (top, ROW));
                let start = zero.map_or(rows.area().left, |zero| rows.x(zero));
                for (row, bar) in self.bars.iter().enumerate() {
                    draw_bar(canvas, &rows, row, start, bar);
                }
                canvas.line(
                    (start, rows.area().top),
                    (start, rows.area().bottom),
                    theme::AXIS,
                    1.0,
                );
            },
        )
    }

    fn check(&self) -> Result<(), Error> {
        let plot = || self.title.clone();
        if self.bars.is_empty() {
            return Err(Error::NoData { plot: plot() });
        }
        if self.bars.len() > MOST_ROWS {
            return Err(Error::TooMany {
                plot: plot(),
                what: "bars",
                count: self.bars.len(),
                max: MOST_ROWS,
            });
        }
        for bar in &self.bars {
            self.axis.check(&self.title, &bar.label, bar.value)?;
            if let Some((low, high)) = bar.bounds {
                check_interval(&self.title, &bar.label, &self.axis, low, high)?;
            }
        }
        Ok(())
    }
}

fn draw_bar(canvas: &mut Canvas<'_>, rows: &Rows, row: usize, start: f64, bar: &Bar) {
    let (y, half) = (rows.y(row), ROW * 0.31);
    canvas.rectangle(
        (start, y - half),
        (rows.x(bar.value), y + half),
        bar.color(),
        0.85,
    );
    if let Some((low, high)) = bar.bounds {
        let (low, high) = (rows.x(low), rows.x(high));
        canvas.line((low, y), (high, y), theme::INK, 1.5);
        for end in [low, high] {
            canvas.line((end, y - 4.0), (end, y + 4.0), theme::INK, 1.5);
        }
    }
}
