#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cell;
mod error;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "plots")]
mod plot;
#[cfg(feature = "progress")]
mod progress;
mod table;
mod terminal;
mod text;
mod unit;

pub use cell::{Cell, Style, Value};
pub use error::Error;
#[cfg(feature = "html")]
pub use html::HtmlReport;
#[cfg(feature = "plots")]
pub use plot::{Axis, Bar, BarPlot, BoxPlot, LinePlot, ScatterPlot, Series, Svg, ViolinPlot};
#[cfg(feature = "progress")]
pub use progress::Progress;
pub use table::{Align, Table};
pub use terminal::Terminal;
pub use unit::Unit;
