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

pub(super) const GROUND: Color = color(0xFFFFFF, 0x12171E);
pub(super) const INK: Color = color(0x1F2328, 0xE6EDF3);
pub(super) const MUTED: Color = color(0x57606A, 0x9DA7B3);
pub(super) const RULE: Color = color(0xE3E7EB, 0x2A323C);
pub(super) const AXIS: Color = color(0x8C959E, 0x6B7683);

const BLUE: Color = color(0x0072B2, 0x4BA3E3);
const VERMILLION: Color = color(0xD55E00, 0xF5823B);
const GREEN: Color = color(0x009E73, 0x2FC298);
const PURPLE: Color = color(0xCC79A7, 0xE096BF);
const ORANGE: Color = color(0xE69F00, 0xF4B942);
const SKY: Color = color(0x56B4E9, 0x93D3FA);

/// The colours of series, in the order they are used.
pub(super) const SERIES: [Color; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];
/// The colour of what became better.
pub(super) const GOOD: Color = GREEN;
/// The colour of what became worse.
pub(super) const BAD: Color = VERMILLION;
/// The colour of what needs a look.
pub(super) const WARN: Color = ORANGE;

const ALL: [Color; 11] = [
    GROUND, INK, MUTED, RULE, AXIS, BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY,
];

/// The style rules that turn a light plot into a dark one where the reader prefers that, on screens only.
///
/// Every plot of a document shares them: they are bound to the class `tuneup-plot` and name no element.
pub(crate) fn dark_rules() -> String {
    let mut rules = String::from("@media screen and (prefers-color-scheme:dark){");
    for color in ALL {
        let (light, dark) = (hex(color.light), hex(color.dark));
        for property in ["fill", "stroke"] {
            let _ = write!(
                rules,
                ".tuneup-plot [{property}=\"{light}\"]{{{property}:{dark}}}"
            );
        }
    }
    rules.push('}');
    rules
}

/// As plotters writes it: upper case.
fn hex((red, green, blue): (u8, u8, u8)) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

#[cfg(test)]
mod tests;
