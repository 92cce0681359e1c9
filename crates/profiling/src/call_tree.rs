//! A place in the calling-context tree.

mod table;
pub(crate) mod walk;

use std::time::Duration;

pub use self::table::CallTree;
use crate::function::{Allocations, Samples};

/// A function as called along one path from the root, added up over all threads.
///
/// Nodes stand in [`Profile::nodes`](crate::Profile::nodes) with parents before their children; the first is the root, whose
/// function is of the kind [`Root`](crate::FunctionKind::Root).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// The caller's index in [`Profile::nodes`](crate::Profile::nodes); `None` for the root.
    pub parent: Option<usize>,
    /// The index in [`Profile::functions`](crate::Profile::functions).
    pub function: usize,
    /// Calls along this path.
    pub calls: u64,
    /// Time along this path without its children.
    pub self_time: Duration,
    /// Time along this path with its children.
    pub cumulative: Duration,
    /// What was allocated along this path; `None` if no allocation counters ran.
    pub allocations: Option<Allocations>,
    /// What the sampler saw along this path; `None` if none ran.
    pub samples: Option<Samples>,
}
