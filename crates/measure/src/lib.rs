//! Measuring nouns.
