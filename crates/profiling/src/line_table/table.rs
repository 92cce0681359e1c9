//! The lines of a function in the columns that users of line and memory profilers know.

use tuneup_measure::format_duration;
use tuneup_report::{Align, Cell, Shorten, Style, Table, Unit};

use super::{Line, LineTable};
use crate::cells::{self, counted};

impl LineTable {
    /// The lines with their hits, time, time per hit and part of the whole, time waiting if the function is async, what
    /// was allocated if that was counted, and the text. Lines that were never reached are dimmed, the one that takes the
    /// most time is strong.
    ///
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use tuneup_profiling::{Profiler, profile_lines};
    ///
    /// #[profile_lines]
    /// fn sum(items: &[u64]) -> u64 {
    ///     let mut sum = 0;
    ///     for item in items {
    ///         sum += item;
    ///     }
    ///     sum
    /// }
    ///
    /// let session = Profiler::builder().start()?;
    /// sum(&[1, 2, 3]);
    /// let profile = session.finish();
    /// let lines = profile.line_table("sum").unwrap();
    /// println!("{}", lines.table());
    /// # assert_eq!(lines.table().len(), lines.lines.len());
    /// # }
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let is_counted = |line: &Line| line.allocated_bytes.is_some() || line.net_bytes.is_some();
        let shape = Shape {
            waits: self.is_async,
            allocates: self.lines.iter().any(is_counted),
            margin: self.margin(),
        };
        let mut header = vec!["Line", "Hits", "Time", "Per hit", "% time"];
        if shape.waits {
            header.push("Waiting");
        }
        if shape.allocates {
            header.extend(["Allocated", "Net"]);
        }
        header.push("Source");
        let last = header.len() - 1;
        let mut table = (0..last)
            .fold(Table::new(header), |table, column| {
                table.align(column, Align::Right)
            })
            .shorten(last, Shorten::End)
            .title(self.title());
        let hottest = self.lines.iter().map(|line| line.time).max();
        for line in &self.lines {
            let style = match line {
                line if line.is_unreached() => Style::Dim,
                line if Some(line.time) == hottest && !line.time.is_zero() => Style::Strong,
                _ => Style::Plain,
            };
            let cells = self.cells(line, &shape).into_iter();
            table.push(cells.map(|cell| cell.styled(style)));
        }
        if self.lines.iter().all(|line| line.source.is_none()) {
            table = table.note(format!("the source `{}` was not found", self.file));
        }
        table
    }

    fn title(&self) -> String {
        format!(
            "{} at {}:{}, total {} in {}",
            self.function,
            self.file,
            self.first_line,
            format_duration(self.total),
            counted(self.calls, "call"),
        )
    }

    fn cells(&self, line: &Line, shape: &Shape) -> Vec<Cell> {
        let unless = |blank: bool, cell: Cell| if blank { Cell::text("") } else { cell };
        let unreached = line.is_unreached();
        let mut cells = vec![
            // A line's number is its name: not 1,204.
            Cell::number(f64::from(line.number), Unit::Plain),
            Cell::count(line.hits),
            unless(unreached, Cell::duration(line.time)),
            unless(line.hits == 0, Cell::duration(line.time_per_hit())),
            unless(unreached, cells::share(line.time, self.total)),
        ];
        if shape.waits {
            cells.push(unless(line.waiting.is_zero(), Cell::duration(line.waiting)));
        }
        if shape.allocates {
            let net = |net: i64| Cell::number(net as f64, Unit::Bytes);
            cells.push(unless(
                unreached,
                Cell::from(line.allocated_bytes.map(Cell::bytes)),
            ));
            cells.push(unless(unreached, Cell::from(line.net_bytes.map(net))));
        }
        cells.push(Cell::text(line.text(shape.margin)));
        cells
    }

    /// How many characters of white space all lines begin with.
    fn margin(&self) -> usize {
        let texts = self.lines.iter().map(Line::expanded);
        let written = texts.filter(|text| !text.is_empty());
        written.map(|text| indent(&text)).min().unwrap_or(0)
    }
}

/// Which columns there are, and what they leave out.
struct Shape {
    waits: bool,
    allocates: bool,
    margin: usize,
}

impl Line {
    /// Whether nothing happened on the line.
    fn is_unreached(&self) -> bool {
        self.hits == 0 && self.time.is_zero()
    }

    /// The text without what ends it, a tab as four spaces; empty if there is none.
    fn expanded(&self) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        source.trim_end().replace('\t', "    ")
    }

    /// The text without the margin of all lines. The spaces that still indent it do not break, so that a page or a
    /// document keeps them.
    fn text(&self, margin: usize) -> String {
        let text = self.expanded();
        let rest = indent(&text).saturating_sub(margin);
        "\u{a0}".repeat(rest) + text.trim_start()
    }
}

/// How many characters of white space a text begins with.
fn indent(text: &str) -> usize {
    text.chars().take_while(|char| char.is_whitespace()).count()
}

#[cfg(test)]
mod tests;
