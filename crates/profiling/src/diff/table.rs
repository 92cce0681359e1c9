//! A difference as a table.

use std::fmt;

use tuneup_report::{Cell, Style, Table};

use super::{Figures, FunctionDiff, ProfileDiff};
use crate::cells::{self, counted};

/// A function that explains less than this part of the change is not worth a colour.
const NOTABLE: f64 = 0.05;

impl ProfileDiff {
    /// The functions that changed: self time before and after, its change and the part of the total's change that it
    /// explains, calls before and after, and the change of cumulative time. The verdict stands above.
    ///
    /// ```
    /// # use tuneup_profiling::{Profiler, profile_fn};
    /// # let before = Profiler::builder().start()?.finish();
    /// # let session = Profiler::builder().start()?;
    /// # profile_fn("parse", || ());
    /// # let after = session.finish();
    /// assert!(before.diff(&after).table().to_string().contains("parse"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = cells::numbers_then_path(&[
            "self before",
            "self after",
            "change",
            "explains",
            "calls before",
            "calls after",
            "cum change",
            "function",
        ])
        .title(self.verdict())
        .spare(6);
        let mut unchanged = 0;
        for function in &self.functions {
            match function.is_unchanged() {
                true => unchanged += 1,
                false => table.push(self.row(function)),
            }
        }
        match unchanged {
            0 => table,
            count => table.note(format!("{} did not change", counted(count, "function"))),
        }
    }

    fn row(&self, function: &FunctionDiff) -> Vec<Cell> {
        let figure = |figures: Option<Figures>, of: fn(Figures) -> Cell| {
            figures.map_or_else(Cell::missing, of)
        };
        let own = |figures: Figures| Cell::duration(figures.self_time);
        let calls = |figures: Figures| Cell::count(figures.calls);
        let change = |ns: i64| Cell::nanoseconds(ns as f64);
        // Where the total stayed, what moved within it is still to be seen.
        let is_notable = function.share.is_none_or(|share| share.abs() >= NOTABLE);
        let style = match function.self_delta_ns {
            _ if !is_notable => Style::Plain,
            0 => Style::Plain,
            ..0 => Style::Good,
            _ => Style::Bad,
        };
        vec![
            figure(function.before, own),
            figure(function.after, own),
            change(function.self_delta_ns).styled(style),
            function.share.map_or_else(Cell::missing, Cell::percent),
            figure(function.before, calls),
            figure(function.after, calls),
            change(function.cumulative_delta_ns),
            Cell::text(&function.name),
        ]
    }
}

impl fmt::Display for ProfileDiff {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}
