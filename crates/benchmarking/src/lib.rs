#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod change_points;
#[cfg(feature = "commands")]
mod command_line;
#[cfg(feature = "commands")]
mod commands;
mod comparison;
mod complexity;
mod error;
#[cfg(feature = "async")]
mod executor;
#[cfg(feature = "harness")]
pub mod harness;
#[cfg(feature = "history")]
mod history;
#[cfg(any(feature = "history", feature = "suite"))]
mod machine;
mod paired;
mod progress;
#[cfg(any(feature = "harness", feature = "suite"))]
mod protocol;
mod scalability;
mod self_test;
#[cfg(feature = "suite")]
pub mod suite;
mod throughput;
mod timeit;
mod verdict;

pub use crate::change_points::{
    ChangePoint, ChangePointOptions, ChangePointOptionsBuilder, change_points,
};
#[cfg(feature = "commands")]
pub use crate::command_line::CommandLine;
#[cfg(feature = "commands")]
pub use crate::commands::{CommandComparison, CommandOutcome, CommandResult};
pub use crate::comparison::{CaseResult, Cases, Comparison, Outcome};
pub use crate::complexity::{
    Complexity, ComplexityClass, ComplexityFit, ComplexityFitter, ComplexityFitterBuilder,
    ComplexityPoint, complexity,
};
pub use crate::error::Error;
#[cfg(feature = "async")]
pub use crate::executor::{BlockOn, Inline};
#[cfg(feature = "history")]
pub use crate::history::{
    History, HistoryBench, HistoryPoint, HistoryResult, HistoryRun, HistoryRunInfo, HistorySeries,
};
#[cfg(any(feature = "history", feature = "suite"))]
pub use crate::machine::Machine;
pub use crate::scalability::{
    Scalability, ScalabilityFitter, ScalabilityFitterBuilder, ScalabilityPoint, ScalabilityWarning,
    scalability,
};
pub use crate::self_test::{ClassCheck, SelfTest, self_test};
pub use crate::throughput::Throughput;
pub use crate::timeit::{Measurement, Timeit, timeit};
pub use crate::verdict::{Ratio, Verdict};
