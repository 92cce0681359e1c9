//! The table for a place too narrow for columns: one short block of lines per row.

use crate::cell::{Cell, Style};
use crate::table::grid::Output;
use crate::table::{Row, Table};
use crate::terminal::Terminal;
use crate::text;

/// The table as blocks of `name value` lines.
pub(super) fn render(table: &Table, terminal: &Terminal) -> String {
    let mut output = Output {
        terminal,
        text: String::new(),
    };
    output.heading(table);
    let labels: Vec<String> = (0..table.column_count())
        .map(|index| {
            text::visible(table.header.get(index).map_or("", String::as_str)).replace('\n', " ")
        })
        .collect();
    for (index, row) in table.rows.iter().enumerate() {
        match row {
            Row::Group(heading) => {
                if index > 0 {
                    output.text.push('\n');
                }
                output.wrapped(Style::Strong, heading);
            }
            Row::Cells(cells) => {
                if table.is_stacked && index > 0 {
                    output.text.push('\n');
                }
                block(&mut output, &labels, cells, table.named_by);
            }
        }
    }
    if table.rows.is_empty() {
        output.wrapped(Style::Dim, "(no rows)");
    }
    output.notes(table);
    output.text
}

/// One row: the cell `named_by` as a heading, then one line per cell that says something.
fn block(output: &mut Output<'_>, labels: &[String], cells: &[Cell], named_by: usize) {
    let width = output.terminal.width().unwrap_or(usize::MAX);
    if let Some(name) = cells.get(named_by) {
        output.wrapped(name.style(), &name.to_string());
    }
    let is_other = |index: usize| index != named_by;
    let label_width = labels
        .iter()
        .enumerate()
        .filter(|&(index, _)| is_other(index))
        .map(|(_, label)| text::width(label))
        .max()
        .unwrap_or(0);
    let beside = label_width + 4 + 8 <= width;
    let others = labels.iter().zip(cells).enumerate();
    for (_, (label, cell)) in
        others.filter(|&(index, (_, cell))| is_other(index) && !cell.is_neutral())
    {
        let content = cell.to_string();
        if beside {
            let pad = " ".repeat(label_width - text::width(label));
            let mut start = format!("  {}{pad}  ", output.terminal.paint(Style::Dim, label));
            for line in text::wrap(&text::visible(&content), width - label_width - 4) {
                output.text.push_str(&start);
                output.line(cell.style(), &line);
                start = " ".repeat(label_width + 4);
            }
        } else {
            indented(output, 2, Style::Dim, label, width);
            indented(output, 4, cell.style(), &content, width);
        }
    }
}

/// Writes `content` in lines that fit behind `indent` columns.
fn indented(output: &mut Output<'_>, indent: usize, style: Style, content: &str, width: usize) {
    for line in text::wrap(&text::visible(content), width.saturating_sub(indent).max(1)) {
        output.text.push_str(&" ".repeat(indent));
        output.line(style, &line);
    }
}
