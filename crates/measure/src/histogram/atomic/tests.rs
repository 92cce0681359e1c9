//! The atomic histogram from inside.
