//! The benchmarks and the cookbook of the tuneup workspace.
//!
//! One module per crate registers its groups of cases; the files in `benches/` run them under
//! Criterion and under dhat, and `cargo xtask bench` drives them all. The cookbook is a module of
//! its own, read by the book in `docs/`.

pub mod benchmarking;
pub mod caching;
pub mod concurrency;
pub mod cookbook;
pub mod corpus;
pub mod measure;
pub mod memory;
pub mod profiling;
pub mod report;
