//! Who calls whom, and what that takes.

mod table;

use std::{fmt, time::Duration};

use crate::{
    call_tree::{
        Node,
        walk::{Step, walk},
    },
    function::{Allocations, Function, Samples},
    profile::Profile,
};

/// The calls of one function by another.
///
/// A function that calls itself has an edge to itself. Where the calls of one edge are nested in each other, their
/// cumulative figures are those of the outermost, so that nothing is counted twice.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("load", || (0..3).for_each(|_| profile_fn("parse", || ())));
/// let profile = session.finish();
/// let callers = profile.callers("parse")?;
/// let edge = &callers.as_slice()[0];
/// assert_eq!((&*edge.caller.name, &*edge.callee.name, edge.calls), ("load", "parse", 3));
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Edge<'a> {
    /// Who calls; of the kind [`Root`](crate::FunctionKind::Root) where no function of the profile did.
    pub caller: &'a Function,
    /// Who is called.
    pub callee: &'a Function,
    /// How often.
    pub calls: u64,
    /// The calls that are not nested in another call of this edge.
    pub primitive_calls: u64,
    /// What the callee took by itself when called from there.
    pub self_time: Duration,
    /// What the callee and everything it called took when called from there.
    pub cumulative: Duration,
    /// What was allocated in these calls; `None` if no allocation counters ran.
    pub allocations: Option<Allocations>,
    /// What the sampler saw in these calls; `None` if none ran.
    pub samples: Option<Samples>,
}

/// The callers or the callees of one function, those with the most cumulative time first.
///
/// From [`Profile::callers`] and [`Profile::callees`].
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("load", || profile_fn("parse", || ()));
/// let profile = session.finish();
/// for edge in &profile.callees("load")? {
///     println!("{} took {:?} in {} calls", edge.callee.name, edge.cumulative, edge.calls);
/// }
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Edges<'a> {
    function: &'a Function,
    direction: Direction,
    edges: Vec<Edge<'a>>,
}

/// Which end of the edges is the function that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// Edges to it.
    Callers,
    /// Edges from it.
    Callees,
}

impl<'a> Edges<'a> {
    /// The function whose callers or callees these are.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.callers("parse")?.function().name, "parse");
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn function(&self) -> &'a Function {
        self.function
    }

    /// The edges.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.callees("load")?.as_slice().len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn as_slice(&self) -> &[Edge<'a>] {
        &self.edges
    }

    /// Goes through the edges.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.callees("load")?.iter().map(|edge| edge.calls).sum::<u64>(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn iter(&self) -> std::slice::Iter<'_, Edge<'a>> {
        self.edges.iter()
    }

    /// How many there are.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.callers("parse")?.len(), 1);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert!(profile.callees("parse")?.is_empty());
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}

impl<'a> IntoIterator for Edges<'a> {
    type Item = Edge<'a>;
    type IntoIter = std::vec::IntoIter<Edge<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.edges.into_iter()
    }
}

impl<'e, 'a> IntoIterator for &'e Edges<'a> {
    type Item = &'e Edge<'a>;
    type IntoIter = std::slice::Iter<'e, Edge<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Edges<'_> {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

/// The edges to the function at `position`.
pub(crate) fn callers(profile: &Profile, position: usize) -> Edges<'_> {
    let other = |caller: usize, callee: usize| (callee == position).then_some(caller);
    collect(profile, position, Direction::Callers, other)
}

/// The edges from the function at `position`.
pub(crate) fn callees(profile: &Profile, position: usize) -> Edges<'_> {
    let other = |caller: usize, callee: usize| (caller == position).then_some(callee);
    collect(profile, position, Direction::Callees, other)
}

/// What was added up along one edge.
#[derive(Debug, Clone, Default)]
struct Sums {
    calls: u64,
    primitive_calls: u64,
    self_time: Duration,
    cumulative: Duration,
    allocations: Option<Allocations>,
    samples: Option<Samples>,
}

/// All edges for which `other`, given the caller's and the callee's position, knows the position of the far end.
fn collect(
    profile: &Profile,
    position: usize,
    direction: Direction,
    other: impl Fn(usize, usize) -> Option<usize>,
) -> Edges<'_> {
    let count = profile.functions.len();
    // How many calls of each edge are open on the way from the root to where the walk is.
    let mut open = vec![0_u32; count];
    let mut sums: Vec<Option<Sums>> = vec![None; count];
    let far_end = |index: usize| {
        let node = &profile.nodes[index];
        let caller = profile.nodes.get(node.parent?)?.function;
        other(caller, node.function).filter(|&far| far < count)
    };
    walk(&profile.nodes, |step| match step {
        Step::Enter(index) => {
            if let Some(far) = far_end(index) {
                let sums = sums[far].get_or_insert_default();
                sums.add(&profile.nodes[index], open[far] == 0);
                open[far] += 1;
            }
        }
        Step::Leave(index) => {
            if let Some(far) = far_end(index) {
                open[far] -= 1;
            }
        }
    });
    let function = &profile.functions[position];
    let found = sums.into_iter().zip(&profile.functions);
    let mut edges: Vec<Edge<'_>> = found
        .filter_map(|(sums, far)| {
            let (caller, callee) = match direction {
                Direction::Callers => (far, function),
                Direction::Callees => (function, far),
            };
            Some(sums?.between(caller, callee))
        })
        .collect();
    edges.sort_by(|left, right| {
        let weight = |edge: &Edge<'_>| {
            let samples = edge.samples.map(|samples| samples.cumulative_wall);
            (edge.cumulative, samples, edge.calls)
        };
        let name = |edge: &Edge<'_>| match direction {
            Direction::Callers => edge.caller.name.clone(),
            Direction::Callees => edge.callee.name.clone(),
        };
        weight(right)
            .cmp(&weight(left))
            .then_with(|| name(left).cmp(&name(right)))
    });
    Edges {
        function,
        direction,
        edges,
    }
}

impl Sums {
    /// Adds a node of the edge; its cumulative figures only if it is the outermost.
    fn add(&mut self, node: &Node, is_outermost: bool) {
        let once = u64::from(is_outermost);
        self.calls = self.calls.saturating_add(node.calls);
        self.self_time = self.self_time.saturating_add(node.self_time);
        if is_outermost {
            self.primitive_calls = self.primitive_calls.saturating_add(node.calls);
            self.cumulative = self.cumulative.saturating_add(node.cumulative);
        }
        if let Some(more) = node.allocations {
            let sum = self.allocations.get_or_insert_default();
            sum.self_blocks = sum.self_blocks.saturating_add(more.self_blocks);
            sum.self_bytes = sum.self_bytes.saturating_add(more.self_bytes);
            sum.cumulative_blocks = sum
                .cumulative_blocks
                .saturating_add(once * more.cumulative_blocks);
            sum.cumulative_bytes = sum
                .cumulative_bytes
                .saturating_add(once * more.cumulative_bytes);
        }
        if let Some(more) = node.samples {
            let sum = self.samples.get_or_insert_default();
            sum.self_wall = sum.self_wall.saturating_add(more.self_wall);
            sum.self_cpu = sum.self_cpu.saturating_add(more.self_cpu);
            sum.cumulative_wall = sum
                .cumulative_wall
                .saturating_add(once * more.cumulative_wall);
            sum.cumulative_cpu = sum
                .cumulative_cpu
                .saturating_add(once * more.cumulative_cpu);
        }
    }

    fn between<'a>(self, caller: &'a Function, callee: &'a Function) -> Edge<'a> {
        Edge {
            caller,
            callee,
            calls: self.calls,
            primitive_calls: self.primitive_calls,
            self_time: self.self_time,
            cumulative: self.cumulative,
            allocations: self.allocations,
            samples: self.samples,
        }
    }
}

#[cfg(test)]
mod tests;
