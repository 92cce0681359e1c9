//! Plots as SVG: every kind is a builder that checks its data and draws it with plotters.

mod axis;
mod bars;
mod canvas;
mod distribution;
mod frame;
mod line;
mod scatter;
mod series;
mod svg;
mod theme;

pub use axis::Axis;
pub use bars::{Bar, BarPlot};
pub use distribution::{BoxPlot, ViolinPlot};
pub use line::LinePlot;
pub use scatter::ScatterPlot;
pub use series::Series;
pub use svg::Svg;
#[cfg(feature = "html")]
pub(crate) use theme::dark_rules;
