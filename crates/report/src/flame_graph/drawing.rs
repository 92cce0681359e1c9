//! The picture.

use std::fmt::Write as _;

use crate::flame_graph::FlameGraph;
use crate::flame_graph::layout::{Layout, Place};
use crate::plot::theme::{self, Color, hex};
use crate::plot::{PRECISION, Svg, escape};
use crate::text;
use crate::unit::Unit;

/// In pixels, as everything here.
const WIDTH: f64 = 960.0;
const MARGIN: f64 = 16.0;
const HEADING: f64 = 30.0;
const LEVEL: f64 = 19.0;
/// Between two boxes beside each other; `zoom.js` knows it as well.
const GAP: f64 = 0.6;
/// Between two levels.
const LEVEL_GAP: f64 = 1.0;
const NOTE: f64 = 18.0;
const TITLE_SIZE: f64 = 16.0;
const LABEL_SIZE: f64 = 11.5;
const NOTE_SIZE: f64 = 12.0;
/// Before the label of a box.
const INDENT: f64 = 4.0;
/// Nearly all letters of equal width are this wide, as a part of their size.
const COLUMN: f64 = 0.602;
/// The reader's font for text is not known; this errs on the wide side.
const BOLD_COLUMN: f64 = 0.6;
/// A label shorter than this says nothing.
const FEWEST_COLUMNS: usize = 3;
const TEXT_FONT: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const LABEL_FONT: &str =
    "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

pub(super) fn draw(graph: &FlameGraph, layout: &Layout) -> Svg {
    let notes = notes(layout);
    let top = MARGIN + HEADING;
    let bottom = top + LEVEL * layout.levels as f64;
    let height = (bottom + NOTE * notes.len() as f64 + MARGIN).ceil();
    let mut drawing = format!(
        "<rect width=\"{}\" height=\"{}\" fill=\"{}\"/>\n",
        units(WIDTH),
        units(height),
        hex(theme::GROUND.light)
    );
    let total = graph.unit.format(layout.total);
    heading(&mut drawing, &graph.title, &total);
    let _ = writeln!(
        drawing,
        "<g class=\"flame-graph\" font-family=\"{LABEL_FONT}\" font-size=\"{}\" fill=\"{}\">",
        units(LABEL_SIZE),
        hex(theme::BOX_INK.light)
    );
    for place in &layout.places {
        let label = &graph.frames[place.frame].label;
        let own = graph.frames[place.frame].weight;
        frame(&mut drawing, place, top, label, own, &graph.unit);
    }
    drawing.push_str("</g>\n");
    for (line, note) in notes.iter().enumerate() {
        let y = bottom + NOTE * (line as f64 + 0.8);
        write_text(&mut drawing, note, (MARGIN, y), Letters::NOTE, "start");
    }
    Svg::of(&graph.title, (WIDTH as u32, height as u32), &drawing)
}

/// The title at the left, shortened to leave room for what the whole weighs at the right.
fn heading(drawing: &mut String, title: &str, total: &str) {
    let y = MARGIN + TITLE_SIZE;
    let taken = (text::width(total) + 2) as f64 * BOLD_COLUMN * NOTE_SIZE;
    let columns = ((WIDTH - 2.0 * MARGIN - taken) / (BOLD_COLUMN * TITLE_SIZE)) as usize;
    let title = one_line(title);
    let title = text::shorten(&title, columns);
    write_text(drawing, &title, (MARGIN, y), Letters::TITLE, "start");
    write_text(drawing, total, (WIDTH - MARGIN, y), Letters::NOTE, "end");
}

#[derive(Debug, Clone, Copy)]
struct Letters {
    size: f64,
    weight: &'static str,
    color: Color,
}

impl Letters {
    const TITLE: Self = Self {
        size: TITLE_SIZE,
        weight: "bold",
        color: theme::INK,
    };
    const NOTE: Self = Self {
        size: NOTE_SIZE,
        weight: "normal",
        color: theme::MUTED,
    };
}

fn write_text(
    drawing: &mut String,
    content: &str,
    (x, y): (f64, f64),
    letters: Letters,
    anchor: &str,
) {
    let _ = writeln!(
        drawing,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" font-family=\"{TEXT_FONT}\" font-size=\"{}\" \
         font-weight=\"{}\" fill=\"{}\">{}</text>",
        units(x),
        units(y),
        units(letters.size),
        letters.weight,
        hex(letters.color.light),
        escape(content)
    );
}

/// A box. An inner `svg` cuts off what is drawn outside of it, so no label leaves its box in any font, and to zoom, its
/// place and width are all that changes.
fn frame(drawing: &mut String, place: &Place, top: f64, label: &str, own: f64, unit: &Unit) {
    let room = WIDTH - 2.0 * MARGIN;
    let label = one_line(label);
    let width = (place.share * room - GAP).max(0.0);
    let _ = write!(
        drawing,
        "<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}\n{}, {}; own {}</title>\
         <rect width=\"100%\" height=\"100%\" rx=\"{}\" fill=\"{}\"/>",
        units(MARGIN + place.start * room),
        units(top + LEVEL * place.level as f64),
        units(width),
        units(LEVEL - LEVEL_GAP),
        escape(&label),
        unit.format(place.total),
        Unit::Percent.format(place.share),
        unit.format(own),
        units(1.5),
        hex(color_of(&label).light)
    );
    let columns = ((width - 2.0 * INDENT) / (LABEL_SIZE * COLUMN)).max(0.0) as usize;
    if columns >= FEWEST_COLUMNS {
        let _ = write!(
            drawing,
            "<text x=\"{}\" y=\"{}\">{}</text>",
            units(INDENT),
            units(LEVEL * 0.69),
            escape(&text::shorten(&label, columns))
        );
    }
    drawing.push_str("</svg>\n");
}

/// What the reader does not see.
fn notes(layout: &Layout) -> Vec<String> {
    let mut notes = Vec::new();
    match layout.narrow {
        0 => {}
        1 => notes.push("1 frame of less than 0.1 % is not drawn.".to_owned()),
        count => notes.push(format!(
            "{} frames of less than 0.1 % are not drawn.",
            Unit::Count.format(count as f64)
        )),
    }
    match layout.deeper {
        0 => {}
        1 => notes.push("1 level further down is not drawn.".to_owned()),
        count => notes.push(format!(
            "{} levels further down are not drawn.",
            Unit::Count.format(count as f64)
        )),
    }
    notes
}

fn one_line(text: &str) -> String {
    text::visible(text).replace('\n', " ")
}

/// The same label has the same colour everywhere: the 32-bit FNV-1a hash of it
/// (<https://datatracker.ietf.org/doc/html/rfc9923>).
fn color_of(label: &str) -> Color {
    let hash = label.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // The last bits of this hash mix less than the first ones.
    let index = (hash ^ (hash >> 15)) as usize % theme::FLAMES.len();
    theme::FLAMES[index]
}

/// Pixels in the units of the drawing, to a thousandth of a pixel: a page magnifies it.
fn units(pixels: f64) -> f64 {
    (pixels * f64::from(PRECISION) * 100.0).round() / 100.0
}
