//! Colours: each role has one colour on light and one on dark ground.
//!
//! The drawing itself holds the light colours, so a viewer without CSS shows a correct light picture; rules that match
//! these colours replace them on dark ground. Series use the palette of Okabe and Ito, which stays apart for
//! colour-blind readers (<https://jfly.uni-koeln.de/color/>), brightened on dark ground; its yellow is left out, as it
//! cannot be seen on white.

use std::fmt::Write as _;

/// A role's colour on light and on dark ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color {
    pub(crate) light: (u8, u8, u8),
    pub(crate) dark: (u8, u8, u8),
}

const fn color(light: u32, dark: u32) -> Color {
    const fn split(rgb: u32) -> (u8, u8, u8) {
        ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
    }
    Color {
        light: split(light),
        dark: split(dark),
    }
}

pub(crate) const GROUND: Color = color(0xFFFFFF, 0x12171E);
pub(crate) const INK: Color = color(0x1F2328, 0xE6EDF3);
pub(crate) const MUTED: Color = color(0x57606A, 0x9DA7B3);
pub(super) const RULE: Color = color(0xE3E7EB, 0x2A323C);
pub(super) const AXIS: Color = color(0x8C959E, 0x6B7683);

const BLUE: Color = color(0x0072B2, 0x4BA3E3);
const VERMILLION: Color = color(0xD55E00, 0xF5823B);
const GREEN: Color = color(0x009E73, 0x2FC298);
const PURPLE: Color = color(0xCC79A7, 0xE096BF);
const ORANGE: Color = color(0xE69F00, 0xF4B942);
const SKY: Color = color(0x56B4E9, 0x93D3FA);

/// The colours of series, in the order they are used.
#[cfg(feature = "plots")]
pub(super) const SERIES: [Color; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];
/// The colour of what became better.
#[cfg(feature = "plots")]
pub(super) const GOOD: Color = GREEN;
/// The colour of what became worse.
#[cfg(feature = "plots")]
pub(super) const BAD: Color = VERMILLION;
/// The colour of what needs a look.
#[cfg(feature = "plots")]
pub(super) const WARN: Color = ORANGE;

const ALL: [Color; 11] = [
    GROUND, INK, MUTED, RULE, AXIS, BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY,
];

/// The colours of the boxes of a flame graph: warm, as is the custom, and light enough for [`BOX_INK`] on both grounds.
pub(crate) const FLAMES: [Color; 8] = [
    color(0xF4A259, 0xD98A44),
    color(0xF6C667, 0xD9A84C),
    color(0xF29B7B, 0xCF7052),
    color(0xF7B733, 0xD29A2B),
    color(0xF29F8A, 0xCE806D),
    color(0xFAD586, 0xDDB868),
    color(0xECA37E, 0xC67B53),
    color(0xF5B48C, 0xD4946E),
];
/// The colour of what is written on a box of a flame graph.
pub(crate) const BOX_INK: Color = color(0x2B1608, 0x1C0E04);

/// The style rules that turn a light plot into a dark one where the reader prefers that, on screens only.
///
/// Every plot of a document shares them: they are bound to the class `tuneup-plot` and name no element.
pub(crate) fn dark_rules() -> String {
    let mut rules = String::from("@media screen and (prefers-color-scheme:dark){");
    let drawn = ALL
        .iter()
        .flat_map(|color| [("fill", color), ("stroke", color)]);
    let filled = FLAMES.iter().chain([&BOX_INK]).map(|color| ("fill", color));
    for (property, color) in drawn.chain(filled) {
        let (light, dark) = (hex(color.light), hex(color.dark));
        let _ = write!(
            rules,
            ".tuneup-plot [{property}=\"{light}\"]{{{property}:{dark}}}"
        );
    }
    rules.push('}');
    rules
}

/// As plotters writes it: upper case.
pub(crate) fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests;
