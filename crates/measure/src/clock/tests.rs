//! The clock from inside.
