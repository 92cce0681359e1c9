//! The callers or callees of a function as a table.

use tuneup_measure::format_duration;
use tuneup_report::{Cell, Table};

use super::{Direction, Edge, Edges};
use crate::{
    cells::{self, counted},
    function::FunctionKind,
};

impl Edges<'_> {
    /// The edges in the columns of pstats: calls (with those that are not nested in another call of the edge behind a `/`),
    /// the callee's own and cumulative time when called from there, the part that this is of the cumulative time of the
    /// function asked for, samples where it was sampled, and the other function.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("load", || profile_fn("parse", || ()));
    /// let profile = session.finish();
    /// assert!(profile.callers("parse")?.table().to_string().starts_with("callers of parse"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "print_callers")]
    #[doc(alias = "print_callees")]
    #[must_use]
    pub fn table(&self) -> Table {
        let is_sampled = self.edges.iter().any(|edge| edge.samples.is_some());
        let last = match self.direction {
            Direction::Callers => "caller",
            Direction::Callees => "callee",
        };
        let mut header = vec!["ncalls", "tottime", "cumtime", "%"];
        if is_sampled {
            header.push("samples");
        }
        header.push(last);
        let mut table =
            cells::numbers_then_path(&header).title(format!("{last}s of {}", self.function.name));
        for edge in &self.edges {
            table.push(self.row(edge, is_sampled));
        }
        table.note(self.note())
    }

    fn row(&self, edge: &Edge<'_>, is_sampled: bool) -> Vec<Cell> {
        let other = match self.direction {
            Direction::Callers => edge.caller,
            Direction::Callees => edge.callee,
        };
        let time = |time| match edge.callee.untimed {
            true => Cell::missing(),
            false => Cell::duration(time),
        };
        let mut cells = vec![
            cells::calls(edge.calls, edge.primitive_calls),
            time(edge.self_time),
            time(edge.cumulative),
            self.share(edge),
        ];
        if is_sampled {
            cells.push(Cell::from(
                edge.samples.map(|samples| samples.cumulative_wall),
            ));
        }
        cells.push(match other.kind {
            FunctionKind::Root => Cell::text("(no function of the profile)"),
            _ => Cell::text(&other.name),
        });
        cells
    }

    /// The part of the function's time, or of its samples if it was not timed.
    fn share(&self, edge: &Edge<'_>) -> Cell {
        match (self.function.samples, edge.samples) {
            (Some(whole), Some(part)) if self.function.untimed && whole.cumulative_wall > 0 => {
                Cell::percent(part.cumulative_wall as f64 / whole.cumulative_wall as f64)
            }
            _ => cells::share(edge.cumulative, self.function.cumulative),
        }
    }

    /// What the times are.
    fn note(&self) -> String {
        let function = self.function;
        let name = &function.name;
        if self.edges.is_empty() {
            return match self.direction {
                Direction::Callers => format!("no calls of {name} were recorded"),
                Direction::Callees => format!("{name} called no other function of the profile"),
            };
        }
        match self.direction {
            Direction::Callers => format!("times and % are those of {name} when called from there"),
            Direction::Callees => format!(
                "% is of the {} in {} of {name}, which took {} by itself",
                format_duration(function.cumulative),
                counted(function.calls, "call"),
                format_duration(function.self_time),
            ),
        }
    }
}
