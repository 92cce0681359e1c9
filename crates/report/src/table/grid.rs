//! The table as lines and columns: comfy-table lines the cells up, colour is put on afterwards so that it is never
//! measured.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, TableStyle,
    Width,
};

use crate::cell::{Cell, Style};
use crate::table::layout::{GAP, Layout};
use crate::table::{Align, Row, Table};
use crate::terminal::Terminal;
use crate::text;

/// What stands between two columns until colour is put on. Cells cannot hold it: control characters are escaped.
const SEPARATOR: char = '\u{1f}';

/// A header that is underlined; nothing else is ruled.
const RULED: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(SEPARATOR))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(SEPARATOR));

/// The table as text for `terminal`.
pub(super) fn render(table: &Table, layout: &Layout, terminal: &Terminal) -> String {
    let mut output = Output {
        terminal,
        text: String::new(),
    };
    output.heading(table);
    if !layout.widths.is_empty() {
        let lines: Vec<String> = aligned(table, layout).lines().collect();
        let mut lines = lines.iter().map(String::as_str);
        output.rows(table, layout, &mut lines);
    }
    if table.rows.is_empty() {
        output.wrapped(Style::Dim, "(no rows)");
    }
    output.notes(table);
    output.text
}

/// The cells handed to comfy-table, with widths that are already decided.
fn aligned(table: &Table, layout: &Layout) -> comfy_table::Table {
    let mut grid = comfy_table::Table::new();
    grid.load_style(RULED)
        .set_content_arrangement(ContentArrangement::Disabled);
    grid.set_header(layout.header.iter().map(|lines| lines.join("\n")));
    for row in &layout.rows {
        grid.add_row(row.iter().map(|lines| lines.join("\n")));
    }
    let last = layout.widths.len() - 1;
    for (index, &width) in layout.widths.iter().enumerate() {
        let Some(column) = grid.column_mut(index) else {
            continue;
        };
        // The separator itself is the first of the columns of the gap.
        let padding = if index < last { GAP as u16 - 1 } else { 0 };
        let width = u16::try_from(width).unwrap_or(u16::MAX - padding);
        column.set_padding((0, padding));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + padding)));
        column.set_cell_alignment(match table.alignment(index) {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
            Align::Center => CellAlignment::Center,
        });
    }
    grid
}

/// The text written so far.
pub(super) struct Output<'a> {
    pub(super) terminal: &'a Terminal,
    pub(super) text: String,
}

impl Output<'_> {
    /// Writes the title and an empty line.
    pub(super) fn heading(&mut self, table: &Table) {
        if let Some(title) = &table.title {
            self.wrapped(Style::Strong, title);
            self.text.push('\n');
        }
    }

    /// Writes the notes below the table.
    pub(super) fn notes(&mut self, table: &Table) {
        if !table.notes.is_empty() {
            self.text.push('\n');
        }
        for note in &table.notes {
            self.wrapped(Style::Dim, note);
        }
    }

    /// Writes `text` in lines that fit.
    pub(super) fn wrapped(&mut self, style: Style, content: &str) {
        let width = self.terminal.width().unwrap_or(usize::MAX);
        for line in text::wrap(&text::visible(content), width) {
            self.line(style, &line);
        }
    }

    /// Writes one line.
    pub(super) fn line(&mut self, style: Style, line: &str) {
        self.text.push_str(&self.terminal.paint(style, line));
        self.text.push('\n');
    }

    /// Writes the header, the rule and the rows from the aligned `lines`.
    fn rows<'a>(
        &mut self,
        table: &Table,
        layout: &Layout,
        lines: &mut impl Iterator<Item = &'a str>,
    ) {
        for line in lines.by_ref().take(height(&layout.header)) {
            self.painted(line, |_| Style::Strong);
        }
        for rule in lines.by_ref().take(1) {
            self.line(Style::Dim, rule);
        }
        for (index, (row, shaped)) in table.rows.iter().zip(&layout.rows).enumerate() {
            // Read the lines of this row even if it is a heading: comfy-table drew an empty line for it.
            let drawn: Vec<&str> = lines.by_ref().take(height(shaped)).collect();
            match row {
                Row::Group(heading) => {
                    if index > 0 {
                        self.text.push('\n');
                    }
                    self.wrapped(Style::Strong, heading);
                }
                Row::Cells(cells) => {
                    for line in drawn {
                        self.painted(line, |column| {
                            cells.get(column).map_or(Style::Plain, Cell::style)
                        });
                    }
                }
            }
        }
    }

    /// Writes one aligned line, each column in its style.
    fn painted(&mut self, line: &str, style: impl Fn(usize) -> Style) {
        let mut painted = String::with_capacity(line.len());
        for (column, padded) in line
            .trim_end_matches([' ', SEPARATOR])
            .split(SEPARATOR)
            .enumerate()
        {
            if column > 0 {
                painted.push(' ');
            }
            let content = padded.trim_matches(' ');
            let start = padded.len() - padded.trim_start_matches(' ').len();
            painted.push_str(&padded[..start]);
            painted.push_str(&self.terminal.paint(style(column), content));
            painted.push_str(&padded[start + content.len()..]);
        }
        self.text.push_str(painted.trim_end_matches(' '));
        self.text.push('\n');
    }
}

/// The lines that a row takes.
fn height(cells: &[Vec<String>]) -> usize {
    cells.iter().map(Vec::len).max().unwrap_or(1).max(1)
}
