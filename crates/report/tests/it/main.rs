//! The crate from the outside; somebody else's parsers read what it writes.

#[cfg(feature = "html")]
mod browser;
mod flame_graph;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "plots")]
mod plots;
mod readme;
mod units;
