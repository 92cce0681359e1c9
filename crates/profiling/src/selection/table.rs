//! Functions in the columns that users of pstats know.

use tuneup_measure::{format_duration, format_ns};
use tuneup_report::{Align, Cell, Shorten, Table, Value};

use super::{
    Functions,
    columns::{COLUMNS, Column, MARK, SPARE, Shown},
};
use crate::{
    cells::{self, counted},
    function::Function,
};

impl Functions<'_> {
    /// The functions in the columns of pstats: `ncalls` (with the primitive calls behind a `/` where some were
    /// recursive), `tottime` and the time per call, `cumtime` and the time per primitive call; then, where they were recorded, the
    /// shortest call, the percentiles and the longest call, what was allocated, what was sampled, how futures fared, and
    /// which part of the calls had arguments that an earlier one had;
    /// at last where the function is and its path. Columns without any data are left out, and those that a narrow
    /// terminal has no room for.
    ///
    /// A `*` marks functions whose calls are so short that their times are mostly those of the recording.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, SortKey, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("outer", || (0..3).for_each(|_| profile_fn("inner", || ())));
    /// let profile = session.finish();
    /// let table = profile.sort_by(SortKey::Cumulative).top(1).table().to_string();
    /// assert!(table.contains("4 function calls in "), "of the whole profile");
    /// assert!(table.contains("ordered by cumulative time, 1 of 2 functions"));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "print_stats")]
    #[must_use]
    pub fn table(&self) -> Table {
        let timed = self.profile.is_timed();
        let rows: Vec<Shown<'_>> = self
            .functions
            .iter()
            .map(|function| Shown {
                function,
                corrected: self.corrected,
                timed,
            })
            .collect();
        let (names, columns): (Vec<&str>, Vec<Vec<Cell>>) = COLUMNS
            .iter()
            .map(|column| (column.0, cells_of(column, &rows)))
            .filter(|(name, cells)| is_base(name, rows.is_empty()) || tells(cells))
            .unzip();
        let mut table = Table::new(names.iter().copied()).title(self.title());
        for (index, &name) in names.iter().enumerate() {
            table = match name {
                "function" => table.shorten(index, Shorten::Start).named_by(index),
                "file:line" => table.shorten(index, Shorten::Start),
                _ => table.align(index, Align::Right),
            };
        }
        for spare in SPARE {
            if let Some(index) = names.iter().position(|&name| name == spare) {
                table = table.spare(index);
            }
        }
        for row in 0..rows.len() {
            table.push(columns.iter().map(|column| column[row].clone()));
        }
        self.notes().into_iter().fold(table, Table::note)
    }

    /// What pstats says above its table: the calls and the time of the whole profile.
    fn title(&self) -> String {
        let profile = self.profile;
        let primitive = profile.recorded().fold(0_u64, |sum, function| {
            sum.saturating_add(function.primitive_calls)
        });
        let mut title = match profile.program.is_empty() {
            true => String::new(),
            false => format!("{}: ", profile.program),
        };
        title += &counted(profile.total_calls(), "function call");
        if primitive != profile.total_calls() {
            title += &format!(" ({})", counted(primitive, "primitive call"));
        }
        let time = profile.total_time();
        if !time.is_zero() {
            title += &format!(" in {}", format_duration(time));
        }
        if profile.threads > 1 {
            title += &format!(" on {} threads", profile.threads);
        }
        title
    }

    /// What is to be said below the table.
    fn notes(&self) -> Vec<String> {
        let profile = self.profile;
        let all = profile.recorded().count();
        if all == 0 {
            return vec![cells::NOTHING.to_owned()];
        }
        let mut notes = Vec::new();
        if self.functions.is_empty() {
            let patterns = self.patterns.join("` and `");
            notes.push(match self.patterns.is_empty() {
                true => format!("none of {} was asked for", counted(all as u64, "function")),
                false => format!(
                    "none of {} matches `{patterns}`",
                    counted(all as u64, "function")
                ),
            });
        } else {
            let mut order = format!("ordered by {}", self.order.words());
            if self.functions.len() < all {
                order += &format!(", {} of {all} functions", self.functions.len());
            }
            notes.push(order);
        }
        if self.corrected {
            notes.push(format!(
                "times are corrected by what recording a call takes: {} of the function, {} of its caller",
                format_ns(profile.overhead.inside_ns),
                format_ns(profile.overhead.outside_ns),
            ));
        }
        let shown = || self.functions.iter();
        let is_doubtful = |function: &&Function| function.overhead_dominates && profile.is_timed();
        if shown().any(is_doubtful) {
            notes.push(format!(
                "{MARK} a tenth or more of the time is that of recording the calls: see the corrected table; the counts are right"
            ));
        }
        if shown().any(|function| function.untimed) {
            notes.push(
                "– the calls are counted and not timed; samples tell where the time went"
                    .to_owned(),
            );
        }
        notes.extend(cells::caveats(profile));
        notes
    }
}

fn cells_of(column: &Column, rows: &[Shown<'_>]) -> Vec<Cell> {
    rows.iter().map(column.1).collect()
}

/// Whether a column stands in every table: the path always, the rest of the classic ones where there is no row to go by.
fn is_base(name: &str, is_empty: bool) -> bool {
    name == "function" || (is_empty && matches!(name, "ncalls" | "tottime" | "percall" | "cumtime"))
}

/// Whether any cell says something.
fn tells(cells: &[Cell]) -> bool {
    cells.iter().any(|cell| match cell.value() {
        Value::Missing => false,
        Value::Text(text) => !text.is_empty(),
        _ => true,
    })
}
