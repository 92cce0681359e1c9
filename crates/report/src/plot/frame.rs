//! What stands around the data: title, legend, axes, ticks; and the place of every value.

use crate::plot::axis::{Axis, Scale};
use crate::plot::canvas::{Anchor, Canvas, Letters, Marker};
use crate::plot::theme::{self, Color};
use crate::text;

/// The width of every plot, in pixels.
pub(super) const WIDTH: f64 = 760.0;
const MARGIN: f64 = 16.0;
/// From the plot area to the tick labels.
const TICK_GAP: f64 = 8.0;
/// From the plot area to the middle of what is written below the ticks.
const CAPTION: f64 = 36.0;
const TITLE_LINE: f64 = 22.0;
const LEGEND_LINE: f64 = 20.0;
/// From one entry of the legend to the next.
const LEGEND_GAP: f64 = 20.0;

/// One entry of the legend.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) color: Color,
    pub(super) sample: Sample,
}

/// What an entry of the legend shows beside its name.
pub(super) enum Sample {
    /// A line with a point on it, as in a line plot.
    LinePoint(Marker),
    /// A point.
    Point(Marker),
    /// A line.
    Line,
}

/// The area in which data is drawn, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// The lines of a title.
pub(super) fn title_lines(title: &str) -> Vec<String> {
    let lines = text::wrap(
        &text::visible(title),
        Letters::TITLE.columns(WIDTH - 2.0 * MARGIN),
    );
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

/// Draws the title and the legend; returns the height at which the rest begins.
pub(super) fn heading(canvas: &mut Canvas<'_>, title: &[String], legend: &[Entry]) -> f64 {
    let mut y = MARGIN;
    for line in title {
        canvas.text(
            line,
            (MARGIN, y + TITLE_LINE / 2.0),
            Anchor::Start,
            Letters::TITLE,
        );
        y += TITLE_LINE;
    }
    if !legend.is_empty() {
        y += 4.0;
        for row in legend_rows(legend) {
            let mut x = MARGIN;
            for entry in row {
                let middle = y + LEGEND_LINE / 2.0;
                match entry.sample {
                    Sample::LinePoint(marker) => {
                        canvas.line((x, middle), (x + 22.0, middle), entry.color, 2.0);
                        canvas.mark(marker, (x + 11.0, middle), 3.5, entry.color);
                    }
                    Sample::Point(marker) => {
                        canvas.mark(marker, (x + 11.0, middle), 4.0, entry.color);
                    }
                    Sample::Line => canvas.line((x, middle), (x + 22.0, middle), entry.color, 1.5),
                }
                let name = legend_name(entry);
                canvas.text(&name, (x + 28.0, middle), Anchor::Start, Letters::LABEL);
                x += entry_width(entry);
            }
            y += LEGEND_LINE;
        }
    }
    y
}

/// The height that [`heading`] takes.
pub(super) fn heading_height(title: &[String], legend: &[Entry]) -> f64 {
    let legend = if legend.is_empty() {
        0.0
    } else {
        4.0 + LEGEND_LINE * legend_rows(legend).len() as f64
    };
    MARGIN + TITLE_LINE * title.len() as f64 + legend
}

fn legend_name(entry: &Entry) -> String {
    let name = text::visible(&entry.name).replace('\n', " ");
    text::shorten(
        &name,
        Letters::LABEL.columns(WIDTH - 2.0 * MARGIN - 28.0 - LEGEND_GAP),
    )
    .into_owned()
}

fn entry_width(entry: &Entry) -> f64 {
    28.0 + Letters::LABEL.width(&legend_name(entry)) + LEGEND_GAP
}

fn legend_rows(legend: &[Entry]) -> Vec<Vec<&Entry>> {
    let mut rows: Vec<Vec<&Entry>> = vec![Vec::new()];
    let mut used = 0.0;
    for entry in legend {
        let width = entry_width(entry);
        if used > 0.0 && used + width > WIDTH - 2.0 * MARGIN + LEGEND_GAP {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += width;
        if let Some(row) = rows.last_mut() {
            row.push(entry);
        }
    }
    rows
}

/// The two axes of a plot, drawn; maps values to pixels.
pub(super) struct Frame {
    pub(super) area: Area,
    x: Scale,
    y: Scale,
}

impl Frame {
    /// Draws both axes below `top` and returns the place of everything.
    pub(super) fn cartesian(
        canvas: &mut Canvas<'_>,
        (x_axis, x): (&Axis, Scale),
        (y_axis, y): (&Axis, Scale),
        (top, height): (f64, f64),
    ) -> Self {
        let y_ticks = y_axis.ticks(&y, 6);
        let widest = y_ticks
            .iter()
            .filter_map(|tick| tick.label.as_deref())
            .map(|label| Letters::TICK.width(label));
        let left = (MARGIN + widest.fold(0.0, f64::max) + TICK_GAP).clamp(56.0, WIDTH / 3.0);
        let area = Area {
            left,
            right: WIDTH - MARGIN - 14.0,
            top: top + 30.0,
            bottom: height - 52.0,
        };
        let frame = Self { area, x, y };
        canvas.text(
            &y_axis.caption(&y),
            (MARGIN, top + 14.0),
            Anchor::Start,
            Letters::TICK,
        );
        for tick in &y_ticks {
            let at = frame.y(tick.at);
            if let Some(label) = &tick.label {
                canvas.line((area.left, at), (area.right, at), theme::RULE, 1.0);
                canvas.text(
                    label,
                    (area.left - TICK_GAP, at),
                    Anchor::End,
                    Letters::TICK,
                );
            }
        }
        frame.x_axis(canvas, x_axis);
        frame
    }

    /// Draws the axis below the area, with rules across the area.
    fn x_axis(&self, canvas: &mut Canvas<'_>, axis: &Axis) {
        let area = self.area;
        let ticks = axis.ticks(&self.x, 8);
        for tick in &ticks {
            let at = self.x(tick.at);
            if tick.label.is_some() {
                canvas.line((at, area.top), (at, area.bottom), theme::RULE, 1.0);
            }
        }
        let mut free_from = f64::NEG_INFINITY;
        for tick in &ticks {
            let at = self.x(tick.at);
            let length = if tick.label.is_some() { 5.0 } else { 3.0 };
            canvas.line(
                (at, area.bottom),
                (at, area.bottom + length),
                theme::AXIS,
                1.0,
            );
            let Some(label) = &tick.label else { continue };
            let half = Letters::TICK.width(label) / 2.0;
            // Two labels never overlap: the later one gives way.
            if at - half >= free_from {
                canvas.text(
                    label,
                    (at, area.bottom + 16.0),
                    Anchor::Middle,
                    Letters::TICK,
                );
                free_from = at + half + 6.0;
            }
        }
        canvas.line(
            (area.left, area.bottom),
            (area.right, area.bottom),
            theme::AXIS,
            1.0,
        );
        let middle = (area.left + area.right) / 2.0;
        canvas.text(
            &axis.caption(&self.x),
            (middle, area.bottom + CAPTION),
            Anchor::Middle,
            Letters::TICK,
        );
    }

    /// The pixel of an x value.
    pub(super) fn x(&self, value: f64) -> f64 {
        self.area.left + self.x.place(value).clamp(-1.0, 2.0) * (self.area.right - self.area.left)
    }

    /// The pixel of a y value.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.area.bottom - self.y.place(value).clamp(-1.0, 2.0) * (self.area.bottom - self.area.top)
    }

    /// The pixel of a point.
    pub(super) fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x(x), self.y(y))
    }

    /// Whether a point is within the picture.
    pub(super) fn contains(&self, (x, y): (f64, f64)) -> bool {
        self.x.contains(x) && self.y.contains(y)
    }

    /// Draws a curve, leaving out the parts outside the picture.
    pub(super) fn curve(
        &self,
        canvas: &mut Canvas<'_>,
        points: &[(f64, f64)],
        color: Color,
        width: f64,
    ) {
        for run in points
            .split(|&point| !self.contains(point))
            .filter(|run| run.len() > 1)
        {
            let run: Vec<_> = run.iter().map(|&point| self.point(point)).collect();
            canvas.path(&run, color, width);
        }
    }
}

/// A plot with one labelled row per thing and values along the x axis.
pub(super) struct Rows {
    frame: Frame,
    row_height: f64,
}

impl Rows {
    /// The height of such a plot.
    pub(super) fn height(heading: f64, rows: usize, row_height: f64) -> f64 {
        heading + 10.0 + row_height * rows as f64 + 52.0
    }

    /// Draws axis and labels; `notes` are written at the right of each row, and what they are below them.
    pub(super) fn draw(
        canvas: &mut Canvas<'_>,
        (axis, x): (&Axis, Scale),
        labels: &[&str],
        (noun, notes): (&str, &[String]),
        (top, row_height): (f64, f64),
    ) -> Self {
        let labels: Vec<String> = labels.iter().map(|label| row_label(label)).collect();
        let widest = labels
            .iter()
            .map(|label| Letters::LABEL.width(label))
            .fold(0.0, f64::max);
        let noted = notes
            .iter()
            .map(|note| Letters::TICK.width(note))
            .fold(Letters::TICK.width(noun), f64::max);
        let area = Area {
            left: MARGIN + widest + TICK_GAP + 2.0,
            right: WIDTH - MARGIN - noted.max(14.0) - TICK_GAP,
            top: top + 10.0,
            bottom: top + 10.0 + row_height * labels.len() as f64,
        };
        let y = Scale::unit();
        let rows = Self {
            frame: Frame { area, x, y },
            row_height,
        };
        rows.frame.x_axis(canvas, axis);
        for (row, label) in labels.iter().enumerate() {
            canvas.text(
                label,
                (area.left - TICK_GAP - 2.0, rows.y(row)),
                Anchor::End,
                Letters::LABEL,
            );
        }
        let below = (WIDTH - MARGIN, area.bottom + CAPTION);
        canvas.text(noun, below, Anchor::End, Letters::TICK);
        for (row, note) in notes.iter().enumerate() {
            canvas.text(
                note,
                (WIDTH - MARGIN, rows.y(row)),
                Anchor::End,
                Letters::TICK,
            );
        }
        rows
    }

    /// The middle of a row.
    pub(super) fn y(&self, row: usize) -> f64 {
        self.frame.area.top + (row as f64 + 0.5) * self.row_height
    }

    /// The pixel of a value.
    pub(super) fn x(&self, value: f64) -> f64 {
        self.frame.x(value)
    }

    /// The area that holds the rows.
    pub(super) fn area(&self) -> Area {
        self.frame.area
    }
}

/// The label of a row in the room that it has.
fn row_label(label: &str) -> String {
    let label = text::visible(label).replace('\n', " ");
    text::shorten(&label, Letters::LABEL.columns(WIDTH * 0.36)).into_owned()
}
