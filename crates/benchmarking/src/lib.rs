//! Timing, comparing, gating.
