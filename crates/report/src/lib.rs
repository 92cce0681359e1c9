#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;

mod terminal;
mod text;
mod unit;

mod cell;
mod table;

#[cfg(feature = "json")]
mod json;

mod plot;

mod flame_graph;
mod folded;
mod sparkline;

#[cfg(feature = "pprof")]
mod pprof;

mod whole_file;

#[cfg(feature = "html")]
mod html;

#[cfg(feature = "progress")]
mod progress;

#[cfg(feature = "html")]
pub use crate::html::HtmlReport;
#[cfg(feature = "plots")]
pub use crate::plot::{Axis, Bar, BarPlot, BoxPlot, LinePlot, ScatterPlot, Series, ViolinPlot};
#[cfg(feature = "pprof")]
pub use crate::pprof::Pprof;
#[cfg(feature = "progress")]
pub use crate::progress::Progress;
pub use crate::{
    cell::{Cell, Style, Value},
    error::Error,
    flame_graph::FlameGraph,
    folded::FoldedStacks,
    plot::Svg,
    sparkline::sparkline,
    table::{Align, Shorten, Table},
    terminal::Terminal,
    unit::Unit,
    whole_file::write_file,
};
