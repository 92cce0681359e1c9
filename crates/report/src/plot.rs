//! Pictures as SVG: every kind of plot is a builder that checks its data and draws it with plotters.

#[cfg(feature = "plots")]
mod axis;
#[cfg(feature = "plots")]
mod bars;
#[cfg(feature = "plots")]
mod canvas;
#[cfg(feature = "plots")]
mod distribution;
#[cfg(feature = "plots")]
mod frame;
#[cfg(feature = "plots")]
mod line;
#[cfg(feature = "plots")]
mod scatter;
#[cfg(feature = "plots")]
mod series;
mod svg;
pub(crate) mod theme;

#[cfg(feature = "plots")]
pub use axis::Axis;
#[cfg(feature = "plots")]
pub use bars::{Bar, BarPlot};
#[cfg(feature = "plots")]
pub use distribution::{BoxPlot, ViolinPlot};
#[cfg(feature = "plots")]
pub use line::LinePlot;
#[cfg(feature = "plots")]
pub use scatter::ScatterPlot;
#[cfg(feature = "plots")]
pub use series::Series;
pub use svg::Svg;
pub(crate) use svg::{PRECISION, escape};
