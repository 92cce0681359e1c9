//! A sheet that is drawn on in pixels, over the SVG backend of plotters.

use plotters::prelude::{DrawingBackend, IntoFont, RGBAColor, SVGBackend, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontStyle, FontTransform, TextStyle};

use crate::error::Error;
use crate::plot::svg::{PRECISION, Svg};
use crate::plot::theme::{self, Color};
use crate::text;

/// plotters divides font sizes by this before it writes them.
const FONT_SCALE: f64 = 1.24;
const FONT: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// How a text stands to the point it is put at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A size and weight of letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letters {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) color: Color,
}

impl Letters {
    pub(super) const TITLE: Self = Self {
        size: 16.0,
        bold: true,
        color: theme::INK,
    };
    pub(super) const LABEL: Self = Self {
        size: 12.5,
        bold: false,
        color: theme::INK,
    };
    pub(super) const TICK: Self = Self {
        size: 12.0,
        bold: false,
        color: theme::MUTED,
    };

    /// About how wide `content` is, in pixels. The reader's font is not known, so this errs on the wide side.
    pub(super) fn width(self, content: &str) -> f64 {
        text::width(content) as f64 * self.column()
    }

    /// About how many columns of text fit in `pixels`.
    pub(super) fn columns(self, pixels: f64) -> usize {
        (pixels / self.column()).floor().max(1.0) as usize
    }

    fn column(self) -> f64 {
        self.size * if self.bold { 0.6 } else { 0.56 }
    }
}

/// The shape that marks a point, so that series differ in more than colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    Disc,
    Square,
    Triangle,
    Diamond,
}

/// The markers in the order they are used.
pub(super) const MARKERS: [Marker; 4] = [
    Marker::Disc,
    Marker::Square,
    Marker::Triangle,
    Marker::Diamond,
];

/// Draws on one SVG. The first failure is kept and returned at the end, so that drawing reads as drawing.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    failure: Option<String>,
}

/// Draws a plot of `size` pixels with `draw`.
pub(super) fn draw(
    title: &str,
    size: (u32, u32),
    draw: impl FnOnce(&mut Canvas<'_>),
) -> Result<Svg, Error> {
    let mut drawing = String::new();
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut drawing, (size.0 * PRECISION, size.1 * PRECISION)),
        failure: None,
    };
    canvas.rectangle(
        (0.0, 0.0),
        (f64::from(size.0), f64::from(size.1)),
        theme::GROUND,
        1.0,
    );
    draw(&mut canvas);
    let presented = canvas.backend.present().map_err(|error| error.to_string());
    let failure = canvas.failure.take().or(presented.err());
    drop(canvas);
    match failure {
        Some(reason) => Err(Error::Drawing {
            plot: title.to_owned(),
            reason,
        }),
        None => Ok(Svg::of(title, size, content(&drawing))),
    }
}

/// What stands between the first tag of plotters, which has a line of its own, and the last.
fn content(drawing: &str) -> &str {
    let body = drawing.split_once('\n').map_or("", |(_, body)| body);
    body.trim_end().strip_suffix("</svg>").unwrap_or(body)
}

impl Canvas<'_> {
    /// A line through `points`.
    pub(super) fn path(&mut self, points: &[(f64, f64)], color: Color, width: f64) {
        let path: Vec<_> = points.iter().map(|&point| units(point)).collect();
        let result = self.backend.draw_path(path, &stroke(color, 1.0, width));
        self.keep(result.err());
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), color: Color, width: f64) {
        let result = self
            .backend
            .draw_line(units(from), units(to), &stroke(color, 1.0, width));
        self.keep(result.err());
    }

    /// A filled area.
    pub(super) fn area(&mut self, outline: &[(f64, f64)], color: Color, opacity: f64) {
        let outline: Vec<_> = outline.iter().map(|&point| units(point)).collect();
        let result = self.backend.fill_polygon(outline, &fill(color, opacity));
        self.keep(result.err());
    }

    /// A filled rectangle between two opposite corners.
    pub(super) fn rectangle(&mut self, a: (f64, f64), b: (f64, f64), color: Color, opacity: f64) {
        let upper_left = (a.0.min(b.0), a.1.min(b.1));
        let lower_right = (a.0.max(b.0), a.1.max(b.1));
        let result = self.backend.draw_rect(
            units(upper_left),
            units(lower_right),
            &fill(color, opacity),
            true,
        );
        self.keep(result.err());
    }

    /// A filled disc.
    pub(super) fn disc(&mut self, center: (f64, f64), radius: f64, color: Color, opacity: f64) {
        let radius = (radius * f64::from(PRECISION)).round() as u32;
        let result = self
            .backend
            .draw_circle(units(center), radius, &fill(color, opacity), true);
        self.keep(result.err());
    }

    /// A point of a series.
    pub(super) fn mark(&mut self, marker: Marker, (x, y): (f64, f64), radius: f64, color: Color) {
        let r = radius;
        match marker {
            Marker::Disc => self.disc((x, y), r, color, 1.0),
            Marker::Square => self.rectangle(
                (x - r * 0.9, y - r * 0.9),
                (x + r * 0.9, y + r * 0.9),
                color,
                1.0,
            ),
            Marker::Triangle => {
                self.area(
                    &[
                        (x, y - r * 1.2),
                        (x + r * 1.1, y + r * 0.8),
                        (x - r * 1.1, y + r * 0.8),
                    ],
                    color,
                    1.0,
                );
            }
            Marker::Diamond => {
                self.area(
                    &[
                        (x, y - r * 1.3),
                        (x + r * 1.3, y),
                        (x, y + r * 1.3),
                        (x - r * 1.3, y),
                    ],
                    color,
                    1.0,
                );
            }
        }
    }

    /// One line of text; its vertical middle is at the height of `at`.
    pub(super) fn text(&mut self, content: &str, at: (f64, f64), anchor: Anchor, letters: Letters) {
        let h_pos = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = if letters.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let font = (
            FontFamily::Name(FONT),
            letters.size * f64::from(PRECISION) * FONT_SCALE,
            style,
        )
            .into_font()
            .transform(FontTransform::None);
        let color = rgba(letters.color, 1.0);
        let style = TextStyle::from(font)
            .color(&color)
            .pos(Pos::new(h_pos, VPos::Center));
        let result = self
            .backend
            .draw_text(&text::visible(content), &style, units(at));
        self.keep(result.err());
    }

    fn keep(&mut self, failure: Option<impl ToString>) {
        if let (None, Some(failure)) = (&self.failure, failure) {
            self.failure = Some(failure.to_string());
        }
    }
}

fn units((x, y): (f64, f64)) -> (i32, i32) {
    let precision = f64::from(PRECISION);
    (
        (x * precision).round() as i32,
        (y * precision).round() as i32,
    )
}

fn rgba(color: Color, opacity: f64) -> RGBAColor {
    let (red, green, blue) = color.light;
    RGBAColor(red, green, blue, opacity)
}

fn fill(color: Color, opacity: f64) -> ShapeStyle {
    ShapeStyle {
        color: rgba(color, opacity),
        filled: true,
        stroke_width: 0,
    }
}

fn stroke(color: Color, opacity: f64, width: f64) -> ShapeStyle {
    let stroke_width = (width * f64::from(PRECISION)).round() as u32;
    ShapeStyle {
        color: rgba(color, opacity),
        filled: false,
        stroke_width,
    }
}
