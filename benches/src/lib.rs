//! The benchmarks and the cookbook of the tuneup workspace.
//!
//! One module per crate registers its groups of cases; the files in `benches/` run them under Criterion and under dhat, and
//! `cargo xtask bench` drives them all.

pub mod measure;
