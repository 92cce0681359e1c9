//! Checks of the parent module.
