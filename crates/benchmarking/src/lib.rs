#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod change_points;
mod complexity;
mod error;
mod scalability;

pub use crate::change_points::{
    ChangePoint, ChangePointOptions, ChangePointOptionsBuilder, change_points,
};
pub use crate::complexity::{
    Complexity, ComplexityClass, ComplexityFit, ComplexityFitter, ComplexityFitterBuilder,
    ComplexityPoint, complexity,
};
pub use crate::error::Error;
pub use crate::scalability::{
    Scalability, ScalabilityFitter, ScalabilityFitterBuilder, ScalabilityPoint, ScalabilityWarning,
    scalability,
};
