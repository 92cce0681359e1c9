//! Tables of typed cells, shown on a terminal, as Markdown, as JSON or in an HTML report.

mod grid;
mod layout;
mod markdown;
mod narrow;
mod stacked;

use std::fmt;

use crate::cell::Cell;
use crate::terminal::Terminal;

/// How a column is lined up.
///
/// ```
/// use tuneup_report::{Align, Table};
///
/// let table = Table::new(["id", "name"]).align(0, Align::Right).row(["7", "seven"]);
/// assert_eq!(table.to_string(), "id  name\n─────────\n 7  seven\n");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Align {
    /// At the left; what columns without numbers do by default.
    Left,
    /// At the right; what columns of numbers do by default.
    Right,
    /// In the middle.
    Center,
}

/// Where text gives way when a column has no room for it.
///
/// ```
/// use tuneup_report::{Shorten, Table, Terminal};
///
/// let shown = |shorten| {
///     let table = Table::new(["function"]).shorten(0, shorten).row(["my_crate::parser::lexer::Lexer::next_token"]);
///     table.render(&Terminal::plain(24)).lines().last().map(str::to_owned)
/// };
/// assert_eq!(shown(Shorten::Start).as_deref(), Some("…exer::Lexer::next_token"));
/// assert_eq!(shown(Shorten::Middle).as_deref(), Some("my_crat…exer::next_token"));
/// assert_eq!(shown(Shorten::End).as_deref(), Some("my_crate::parser::lexer…"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub enum Shorten {
    /// At its beginning, for paths; the lines and spaces that draw a tree before it stay.
    Start,
    /// In the middle, with more of the end kept.
    #[default]
    Middle,
    /// At its end, for sentences and lines of source.
    End,
}

/// One row, or a heading that spans the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Row {
    /// A heading over the rows that follow.
    Group(String),
    /// One cell per column.
    Cells(Vec<Cell>),
}

/// A table with one header row, built row by row.
///
/// Columns that hold numbers are lined up at the right. A row with fewer cells than the header is filled with empty
/// cells; one with more adds columns without a name. Building is O(cells); every way of showing it is O(cells) too and
/// allocates the text it returns.
///
/// ```
/// use tuneup_report::{Cell, Style, Table, Terminal};
///
/// let table = Table::new(["case", "time", "ratio"])
///     .title("Word count")
///     .group("cookbook/words")
///     .row([Cell::text("split, then count"), Cell::nanoseconds(1_234_000.0), Cell::ratio(1.0)])
///     .row([Cell::text("one pass"), Cell::nanoseconds(310_500.0), Cell::ratio(0.25).styled(Style::Good)]);
/// assert_eq!(
///     table.render(&Terminal::plain(80)),
///     "\
/// Word count
///
/// case                     time  ratio
/// ────────────────────────────────────
/// cookbook/words
///   split, then count  1.234 ms  1.00×
///   one pass           310.5 µs  0.25×
/// "
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    pub(crate) title: Option<String>,
    pub(crate) header: Vec<String>,
    pub(crate) align: Vec<Option<Align>>,
    /// Where the text of a column gives way; the middle for columns beyond the end.
    pub(crate) shorten: Vec<Shorten>,
    /// Columns that may be left out, the first to go first.
    pub(crate) spare: Vec<usize>,
    /// The column whose cell names its row.
    pub(crate) named_by: usize,
    /// Whether rows are blocks wherever they are shown as text.
    pub(crate) is_stacked: bool,
    pub(crate) rows: Vec<Row>,
    pub(crate) notes: Vec<String>,
}

impl Table {
    /// A table with these columns.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// assert_eq!(Table::new(["case", "time"]).to_string(), "case  time\n──────────\n(no rows)\n");
    /// ```
    #[must_use]
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self {
            header: header.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// A title above the table.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// assert_eq!(Table::new(["n"]).title("Words").row(["1"]).to_string(), "Words\n\nn\n─\n1\n");
    /// ```
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Lines up `column` (counted from 0) as told instead of by what it holds.
    ///
    /// ```
    /// use tuneup_report::{Align, Table};
    ///
    /// let table = Table::new(["size"]).align(0, Align::Right).row(["64"]);
    /// assert_eq!(table.to_string(), "size\n────\n  64\n");
    /// ```
    #[must_use]
    pub fn align(mut self, column: usize, align: Align) -> Self {
        if self.align.len() <= column {
            self.align.resize(column + 1, None);
        }
        self.align[column] = Some(align);
        self
    }

    /// Where the text of `column` (counted from 0) gives way when there is no room for it; in the middle by default.
    ///
    /// ```
    /// use tuneup_report::{Shorten, Table, Terminal};
    ///
    /// let table = Table::new(["function"]).shorten(0, Shorten::Start).row(["my_crate::parser::lexer::Lexer::next"]);
    /// assert_eq!(table.render(&Terminal::plain(20)).lines().last(), Some("…:lexer::Lexer::next"));
    /// ```
    #[must_use]
    pub fn shorten(mut self, column: usize, shorten: Shorten) -> Self {
        if self.shorten.len() <= column {
            self.shorten.resize(column + 1, Shorten::Middle);
        }
        self.shorten[column] = shorten;
        self
    }

    /// Lets [`Table::render`] leave `column` (counted from 0) out where the terminal has no room for it: columns go in
    /// the order in which they were marked, before any text is cut to less than 32 columns, and a last line names them.
    /// Markdown, JSON, HTML and what is written without a limit hold all columns.
    ///
    /// ```
    /// use tuneup_report::{Cell, Table, Terminal};
    ///
    /// let table = Table::new(["case", "time", "rate"])
    ///     .spare(2)
    ///     .row([Cell::text("hash set"), Cell::nanoseconds(48_300.0), Cell::text("20.7 k/s")]);
    /// assert_eq!(
    ///     table.render(&Terminal::plain(20)),
    ///     "case          time\n──────────────────\nhash set  48.30 µs\n\nno room for: rate\n"
    /// );
    /// ```
    #[must_use]
    pub fn spare(mut self, column: usize) -> Self {
        if !self.spare.contains(&column) {
            self.spare.push(column);
        }
        self
    }

    /// Says that the cells of `column` (counted from 0) name their rows: they are the headings where the terminal is so
    /// narrow that every row becomes a block of lines, and in a page the column comes first and stays in sight. By default
    /// the first.
    ///
    /// ```
    /// use tuneup_report::{Cell, Table, Terminal};
    ///
    /// let table = Table::new(["calls", "function"]).named_by(1).row([Cell::count(1_234_567), Cell::text("parse")]);
    /// assert_eq!(table.render(&Terminal::plain(12)), "parse\n  calls\n    1,234,\n    567\n");
    /// ```
    #[must_use]
    pub fn named_by(mut self, column: usize) -> Self {
        self.named_by = column;
        self
    }

    /// Shows each row as text as a block of `name value` lines, with an empty line between two, whatever room there is: for cells that
    /// hold sentences, which are wrapped and never shortened. In Markdown a row is a bold line and a list, with text of several lines as
    /// it is.
    ///
    /// ```
    /// use tuneup_report::{Table, Terminal};
    ///
    /// let table = Table::new(["what", "why", "cost"]).stacked().row(["Sort once", "the order is the same", "–"]).row(["Sort less", "it is long", "5 ms"]);
    /// assert_eq!(
    ///     table.render(&Terminal::plain(24)),
    ///     "\
    /// Sort once
    ///   why   the order is the
    ///         same
    ///   cost  –
    ///
    /// Sort less
    ///   why   it is long
    ///   cost  5 ms
    /// "
    /// );
    /// ```
    #[must_use]
    pub fn stacked(mut self) -> Self {
        self.is_stacked = true;
        self
    }

    /// Adds a row.
    ///
    /// ```
    /// use tuneup_report::{Cell, Table};
    ///
    /// let table = Table::new(["case", "n"]).row([Cell::text("a"), Cell::count(1)]).row(["words only"]);
    /// assert_eq!(table.len(), 2);
    /// ```
    #[must_use]
    pub fn row<C: Into<Cell>>(mut self, cells: impl IntoIterator<Item = C>) -> Self {
        self.push(cells);
        self
    }

    /// Adds a heading that spans the table; the rows that follow belong to it and are indented.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// let table = Table::new(["case"]).group("words").row(["one pass"]);
    /// assert_eq!(table.to_string(), "case\n──────────\nwords\n  one pass\n");
    /// ```
    #[must_use]
    pub fn group(mut self, heading: impl Into<String>) -> Self {
        self.push_group(heading);
        self
    }

    /// Adds a line of explanation below the table.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// let table = Table::new(["n"]).row(["1"]).note("made up");
    /// assert!(table.to_string().ends_with("\n\nmade up\n"));
    /// ```
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// As [`Table::row`], for loops.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// let mut table = Table::new(["n", "square"]);
    /// for n in 1_u64..=3 {
    ///     table.push([n, n * n]);
    /// }
    /// assert_eq!(table.len(), 3);
    /// ```
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows
            .push(Row::Cells(cells.into_iter().map(Into::into).collect()));
    }

    /// As [`Table::group`], for loops.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// let mut table = Table::new(["n"]);
    /// table.push_group("odd");
    /// table.push([1_u64]);
    /// assert!(table.to_string().contains("odd\n  1\n"));
    /// ```
    pub fn push_group(&mut self, heading: impl Into<String>) {
        self.rows.push(Row::Group(heading.into()));
    }

    /// The number of rows, headings of groups not counted.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// assert_eq!(Table::new(["n"]).group("a heading").row(["1"]).len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| matches!(row, Row::Cells(_)))
            .count()
    }

    /// Whether there are no rows.
    ///
    /// ```
    /// use tuneup_report::Table;
    ///
    /// assert!(Table::new(["n"]).group("a heading").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table as text for `terminal`, ending in a line break.
    ///
    /// If it is too wide, header names over numbers are wrapped first; then columns that are [`Table::spare`] are left
    /// out; then the widest columns of text are shortened with `…` ([`Table::shorten`]), down to 20 columns, or wrapped
    /// where shortening would make two different texts look the same; then intervals go to a line below their number and all text is wrapped. Numbers are never cut. Where even
    /// that does not fit, every row becomes a short block of `name value` lines. No line is wider than the terminal if
    /// that has at least 8 columns.
    ///
    /// Control characters in names are shown as escapes, so a name cannot change colours or move the cursor.
    ///
    /// ```
    /// use tuneup_report::{Table, Terminal};
    ///
    /// let table = Table::new(["case"]).row(["cookbook/duplicates/sort a copy and compare"]);
    /// assert_eq!(table.render(&Terminal::plain(24)).lines().last(), Some("cookboo…copy and compare"));
    /// ```
    #[must_use]
    pub fn render(&self, terminal: &Terminal) -> String {
        if self.is_stacked {
            return stacked::render(self, terminal);
        }
        let width = terminal.width().unwrap_or(usize::MAX);
        let lean = narrow::without_spare(self, width);
        let table = lean.as_ref().unwrap_or(self);
        match layout::Layout::fit(table, width) {
            Some(layout) => grid::render(table, &layout, terminal),
            None => stacked::render(self, terminal),
        }
    }

    /// The table in GitHub's Markdown: pipes, line breaks and whatever would be read as HTML are escaped; headings of
    /// groups become bold rows.
    ///
    /// ```
    /// use tuneup_report::{Cell, Table};
    ///
    /// let table = Table::new(["case", "time"]).row([Cell::text("a|b"), Cell::nanoseconds(12.0)]);
    /// assert_eq!(table.to_markdown(), "| case | time |\n| :--- | ---: |\n| a\\|b | 12.00 ns |\n");
    /// ```
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::render(self)
    }

    /// How many columns there are, those without a name included.
    pub(crate) fn column_count(&self) -> usize {
        let widest = self.rows.iter().map(|row| match row {
            Row::Cells(cells) => cells.len(),
            Row::Group(_) => 0,
        });
        widest.max().unwrap_or(0).max(self.header.len())
    }

    /// The cells of column `column`, from top to bottom.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = &Cell> {
        self.rows.iter().filter_map(move |row| match row {
            Row::Cells(cells) => cells.get(column),
            Row::Group(_) => None,
        })
    }

    /// Whether `column` holds numbers and nothing else; such a column is never shortened.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let mut telling = self
            .column(column)
            .filter(|cell| !cell.is_neutral())
            .peekable();
        telling.peek().is_some() && telling.all(Cell::is_number)
    }

    /// How `column` is lined up.
    pub(crate) fn alignment(&self, column: usize) -> Align {
        self.align
            .get(column)
            .copied()
            .flatten()
            .unwrap_or(match self.is_numeric(column) {
                true => Align::Right,
                false => Align::Left,
            })
    }

    /// Where the text of `column` gives way.
    pub(crate) fn shortening(&self, column: usize) -> Shorten {
        self.shorten.get(column).copied().unwrap_or_default()
    }

    /// Whether rows are indented below headings.
    pub(crate) fn has_groups(&self) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Group(_)))
    }
}

impl fmt::Display for Table {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Terminal::unlimited()))
    }
}

#[cfg(test)]
mod tests;
