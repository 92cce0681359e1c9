//! Timers as a table.

use tuneup_report::{Align, Cell, Shorten, Style, Table};

use super::{OTHER, TimerStats, Timers};
use crate::cells::counted;

impl Timers {
    /// The names with their counts and times, those with the most time first; grades where they were set.
    ///
    /// ```
    /// use tuneup_profiling::Timers;
    ///
    /// let timers = Timers::new();
    /// timers.time("load", || timers.time("parse", || ()));
    /// assert_eq!(timers.table().len(), 2);
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let stats = self.stats();
        let mut header = vec![
            "timer", "count", "total", "self", "mean", "min", "p50", "p95", "max",
        ];
        if self.grades.is_some() {
            header.push("grade");
        }
        let mut table = (1..9)
            .fold(Table::new(header), |table, column| {
                table.align(column, Align::Right)
            })
            .shorten(0, Shorten::Middle)
            .spare(5)
            .spare(6)
            .spare(7)
            .spare(8);
        for stats in &stats {
            table.push(self.row(stats));
        }
        if stats.is_empty() {
            table = table.note("no timer has ended yet");
        }
        if let Some(other) = stats.iter().find(|stats| stats.name == OTHER) {
            table = table.note(format!(
                "{} counted under {OTHER}: there are more than {} names",
                counted(other.count, "time"),
                self.max_names,
            ));
        }
        match &self.grades {
            Some(grades) if !stats.is_empty() => {
                table.note(format!("grades of the mean: {}", grades.legend()))
            }
            _ => table,
        }
    }

    fn row(&self, stats: &TimerStats) -> Vec<Cell> {
        let name = Cell::text(&stats.name);
        let mut cells = vec![
            match stats.name == OTHER {
                true => name.styled(Style::Dim),
                false => name,
            },
            Cell::count(stats.count),
        ];
        let times = [
            stats.total,
            stats.self_time,
            stats.mean,
            stats.min,
            stats.p50,
            stats.p95,
            stats.max,
        ];
        cells.extend(times.map(Cell::duration));
        if let Some((grades, grade)) = self.grades.as_ref().zip(stats.grade.as_ref()) {
            cells.push(Cell::text(grade).styled(grades.style(stats.mean)));
        }
        cells
    }
}
