//! The benchmarks and the cookbook of the tuneup workspace.
