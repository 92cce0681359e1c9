//! The call tree as an indented table.

use std::{fmt, time::Duration};

use tuneup_measure::{Percent, format_duration};
use tuneup_report::{Align, Cell, Shorten, Style, Table};

use super::{Node, walk::Callees};
use crate::{
    cells::{self, counted},
    function::Samples,
    profile::Profile,
};

/// How deep a table of the tree goes at most: names stand to the right of their callers'.
const DEEPEST: usize = 100;

/// How the call tree of a [`Profile`] is shown; from [`Profile::tree`].
///
/// ```
/// use tuneup_profiling::{Profiler, profile_fn};
///
/// let session = Profiler::builder().start()?;
/// profile_fn("load", || profile_fn("parse", || profile_fn("next", || ())));
/// let profile = session.finish();
/// println!("{}", profile.tree().depth(8).min_share(0.05).table());
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is a view: show it with `table`"]
pub struct CallTree<'a> {
    profile: &'a Profile,
    depth: usize,
    min_share: f64,
}

impl<'a> CallTree<'a> {
    pub(crate) fn of(profile: &'a Profile) -> Self {
        Self {
            profile,
            depth: 16,
            min_share: 0.01,
        }
    }

    /// How many calls deep it is shown, 16 by default, 1 to 100: what is deeper is added up in one line.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert!(profile.tree().depth(1).min_share(0.0).table().to_string().contains("(1 deeper)"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth.clamp(1, DEEPEST);
        self
    }

    /// What part of the whole a call must take to have a line of its own, 0.01 by default, 0.0 to 1.0: those of one
    /// caller that take less are added up in one line.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("load", || profile_fn("parse", || ()));
    /// # let profile = session.finish();
    /// assert_eq!(profile.tree().min_share(0.0).table().len(), 2);
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    pub fn min_share(mut self, share: f64) -> Self {
        // Of what is not a number nothing follows: everything is shown.
        self.min_share = if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        };
        self
    }

    /// The tree: for each function as called along one path its cumulative time and the part that it is of all time,
    /// the time without what it called, and its calls; samples where it was sampled. Callees stand below their caller,
    /// those with the most time first. Where something was sampled and not timed, order and parts are those of samples;
    /// where nothing was either, those of calls.
    ///
    /// The tree may be deeper than the stack. O(nodes × log nodes).
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("load", || profile_fn("parse", || ()));
    /// let profile = session.finish();
    /// assert!(profile.tree().min_share(0.0).table().to_string().contains("└ parse"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let nodes = &self.profile.nodes;
        let callees = Callees::of(nodes);
        // The root stands for what is outside of all functions: its callees are the tops of the tree.
        let tops: Vec<usize> = callees
            .tops()
            .iter()
            .flat_map(|&top| callees.of_node(top))
            .copied()
            .collect();
        let measure = Measure::of(self.profile, &tops);
        let mut lines = Lines {
            tree: self,
            measure: &measure,
            ahead: Vec::new(),
        };
        lines.add(tops, 0, "");
        let mut rows = Vec::new();
        while let Some(line) = lines.ahead.pop() {
            rows.push(self.cells(&line, &measure));
            if let Some(node) = line.node {
                lines.add(callees.of_node(node).to_vec(), line.depth + 1, &line.indent);
            }
        }
        self.framed(rows, &measure)
    }

    /// The rows below their header, between title and notes.
    fn framed(&self, rows: Vec<Vec<Cell>>, measure: &Measure) -> Table {
        let profile = self.profile;
        let mut header = vec!["cumulative", "%", "self", "calls"];
        if measure.sampled {
            header.extend(["samples", "self samples"]);
        }
        header.push("function");
        // Without any row the header says what there would be.
        if !measure.timed && !rows.is_empty() {
            header.retain(|name| !matches!(*name, "cumulative" | "self"));
        }
        let last = header.len() - 1;
        let mut table = (0..last).fold(Table::new(header), |table, column| {
            table.align(column, Align::Right)
        });
        table = table.shorten(last, Shorten::Start).named_by(last);
        let is_empty = rows.is_empty();
        for row in rows {
            table.push(row);
        }
        let time = profile.total_time();
        let mut title = counted(profile.total_calls(), "function call");
        if !time.is_zero() {
            title += &format!(" in {}", format_duration(time));
        }
        table = table.title(title);
        if is_empty {
            table = table.note(cells::NOTHING);
        }
        cells::caveats(profile).into_iter().fold(table, Table::note)
    }

    fn cells(&self, line: &Line, measure: &Measure) -> Vec<Cell> {
        let sums = &line.sums;
        let share = match measure.total {
            0 => Cell::missing(),
            total => Cell::percent(line.weight as f64 / total as f64),
        };
        let mut cells = Vec::new();
        if measure.timed {
            cells.push(Cell::duration(sums.cumulative));
        }
        cells.push(share);
        if measure.timed {
            cells.push(Cell::duration(sums.self_time));
        }
        cells.push(Cell::count(sums.calls));
        if measure.sampled {
            cells.push(Cell::count(sums.samples.cumulative_wall));
            cells.push(Cell::count(sums.samples.self_wall));
        }
        let name = match line.node {
            Some(node) => {
                let function = self
                    .profile
                    .functions
                    .get(self.profile.nodes[node].function);
                function.map_or("?", |function| &function.name)
            }
            None => &line.folded,
        };
        let name = Cell::text(format!("{}{name}", line.lead));
        cells.push(name);
        match line.node {
            Some(_) => cells,
            None => cells
                .into_iter()
                .map(|cell| cell.styled(Style::Dim))
                .collect(),
        }
    }
}

impl fmt::Display for CallTree<'_> {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

/// What is shown of one node, or of several together.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    cumulative: Duration,
    self_time: Duration,
    calls: u64,
    samples: Samples,
}

impl Sums {
    fn add(&mut self, node: &Node) {
        let samples = node.samples.unwrap_or_default();
        self.cumulative = self.cumulative.saturating_add(node.cumulative);
        self.self_time = self.self_time.saturating_add(node.self_time);
        self.calls = self.calls.saturating_add(node.calls);
        let sum = &mut self.samples;
        sum.cumulative_wall = sum.cumulative_wall.saturating_add(samples.cumulative_wall);
        sum.self_wall = sum.self_wall.saturating_add(samples.self_wall);
    }
}

/// Which columns there are, what the lines are ordered by and what they are shares of.
#[derive(Debug)]
struct Measure {
    timed: bool,
    sampled: bool,
    /// What each node with all that it called weighs: time; samples where some functions have no time; calls where there
    /// is nothing else.
    weights: Vec<u128>,
    total: u128,
}

impl Measure {
    fn of(profile: &Profile, tops: &[usize]) -> Self {
        let nodes = &profile.nodes;
        let sampled = nodes.iter().any(|node| node.samples.is_some());
        let timed = nodes.iter().any(|node| !node.cumulative.is_zero());
        let is_partial = profile.recorded().any(|function| function.untimed);
        let weights: Vec<u128> = match (timed, sampled) {
            (true, sampled) if !(sampled && is_partial) => {
                let times = nodes.iter().map(|node| node.cumulative.as_nanos());
                times.collect()
            }
            (_, true) => {
                let samples = nodes.iter().map(|node| node.samples.unwrap_or_default());
                samples
                    .map(|samples| samples.cumulative_wall.into())
                    .collect()
            }
            _ => calls_below(nodes),
        };
        Self {
            timed,
            sampled,
            total: tops.iter().map(|&top| weights[top]).sum(),
            weights,
        }
    }
}

/// For each node its calls and those of everything below it.
fn calls_below(nodes: &[Node]) -> Vec<u128> {
    let mut calls: Vec<u128> = nodes.iter().map(|node| node.calls.into()).collect();
    for index in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[index].parent.filter(|&parent| parent < index) {
            calls[parent] += calls[index];
        }
    }
    calls
}

/// One line of the table.
struct Line {
    /// The node, unless the line stands for several.
    node: Option<usize>,
    /// What it says if it stands for several.
    folded: String,
    sums: Sums,
    weight: u128,
    depth: usize,
    /// What is drawn before its name.
    lead: String,
    /// What is drawn before the lines of its callees.
    indent: String,
}

/// The lines that are still to come, the next one last.
struct Lines<'a> {
    tree: &'a CallTree<'a>,
    measure: &'a Measure,
    ahead: Vec<Line>,
}

impl Lines<'_> {
    /// Adds the lines of nodes that have one caller; `indent` is drawn before each.
    fn add(&mut self, mut nodes: Vec<usize>, depth: usize, indent: &str) {
        let all = &self.tree.profile.nodes;
        let measure = self.measure;
        let weight = |node: usize| measure.weights[node];
        let name = |node: usize| {
            let function = self.tree.profile.functions.get(all[node].function);
            function.map(|function| function.name.as_str())
        };
        nodes.sort_by(|&left, &right| {
            (weight(right), all[right].calls)
                .cmp(&(weight(left), all[left].calls))
                .then_with(|| name(left).cmp(&name(right)))
        });
        let is_too_deep = depth >= self.tree.depth;
        let least = self.tree.min_share * measure.total as f64;
        let shown = match is_too_deep {
            true => 0,
            false => nodes.partition_point(|&node| weight(node) as f64 >= least),
        };
        let folded = &nodes[shown..];
        let mut lines: Vec<Line> = Vec::with_capacity(shown + 1);
        for &node in &nodes[..shown] {
            lines.push(Line::of(Some(node), &[node], all, measure, depth));
        }
        if !folded.is_empty() {
            let mut line = Line::of(None, folded, all, measure, depth);
            line.folded = match is_too_deep {
                true => format!("({} deeper)", folded.len()),
                false => format!("({} below {})", folded.len(), Percent(self.tree.min_share)),
            };
            lines.push(line);
        }
        let last = lines.len().saturating_sub(1);
        for (index, line) in lines.iter_mut().enumerate() {
            line.draw(indent, index == last);
        }
        self.ahead.extend(lines.into_iter().rev());
    }
}

impl Line {
    /// The line of `node`, or of all `nodes` together.
    fn of(
        node: Option<usize>,
        nodes: &[usize],
        all: &[Node],
        measure: &Measure,
        depth: usize,
    ) -> Self {
        let mut sums = Sums::default();
        nodes.iter().for_each(|&node| sums.add(&all[node]));
        Self {
            node,
            folded: String::new(),
            sums,
            weight: nodes.iter().map(|&node| measure.weights[node]).sum(),
            depth,
            lead: String::new(),
            indent: String::new(),
        }
    }

    /// Draws the branch that leads to the line. Spaces do not break, so that a page or a document keeps them.
    fn draw(&mut self, indent: &str, is_last: bool) {
        if self.depth == 0 {
            return;
        }
        let (branch, below) = match is_last {
            true => ("└ ", "\u{a0}\u{a0}"),
            false => ("├ ", "│\u{a0}"),
        };
        self.lead = format!("{indent}{branch}");
        self.indent = format!("{indent}{below}");
    }
}

#[cfg(test)]
mod tests;
