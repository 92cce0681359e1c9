//! The histogram from inside.
