//! Builds, benches, tests and releases of the workspace.

fn main() {}
