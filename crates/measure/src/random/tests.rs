//! The generator against the published sequences.
