//! The call tree as a flame graph.

use tuneup_report::{FlameGraph, Svg, Unit};

use super::call_paths::{CallPaths, Quantity};
use crate::{Error, Profile};

pub(super) fn encode(profile: &Profile) -> Result<Vec<u8>, Error> {
    Ok(String::from(draw(profile)?).into_bytes())
}

/// # Errors
/// [`tuneup_report::Error::NoData`] if nothing was spent.
pub(super) fn draw(profile: &Profile) -> Result<Svg, tuneup_report::Error> {
    let paths = CallPaths::of(profile);
    let quantity = paths.main_quantity();
    let (what, unit) = match quantity {
        Quantity::Samples => ("samples", Unit::Count),
        _ => ("time", Unit::Nanoseconds),
    };
    let title = format!("{}: {what} by call path", profile.program);
    let mut graph = FlameGraph::new(title, unit);
    for (index, node) in paths.nodes().iter().enumerate() {
        let label = match paths.is_root(index) {
            true => "all",
            false => paths.name(index),
        };
        graph.push(paths.parent(index), label, quantity.of(node) as f64);
    }
    graph.to_svg()
}
