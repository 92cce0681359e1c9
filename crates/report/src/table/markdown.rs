//! The table in GitHub's Markdown.

use crate::cell::Cell;
use crate::table::{Align, Row, Table};
use crate::text;

/// The table as Markdown.
pub(super) fn render(table: &Table) -> String {
    let mut output = String::new();
    if let Some(title) = &table.title {
        output.push_str(&format!("**{}**\n\n", escape(title)));
    }
    if table.is_stacked {
        blocks(&mut output, table);
    } else {
        grid(&mut output, table);
    }
    for note in &table.notes {
        output.push_str(&format!("\n{}\n", escape(note)));
    }
    output
}

/// A bold line and a list for each row.
fn blocks(output: &mut String, table: &Table) {
    for (index, row) in table.rows.iter().enumerate() {
        if index > 0 && !output.ends_with("\n\n") {
            output.push('\n');
        }
        match row {
            Row::Group(heading) => output.push_str(&format!("**{}**\n", escape(heading))),
            Row::Cells(cells) => block(output, table, cells),
        }
    }
}

fn block(output: &mut String, table: &Table, cells: &[Cell]) {
    let name = cells.get(table.named_by).map(Cell::to_string);
    output.push_str(&format!("**{}**\n\n", escape(&name.unwrap_or_default())));
    for (index, cell) in cells.iter().enumerate() {
        let label = escape(table.header.get(index).map_or("", String::as_str));
        let content = cell.to_string();
        if index == table.named_by || cell.is_neutral() {
            continue;
        }
        if content.contains('\n') {
            output.push_str(&format!("- {label}:\n\n{}\n", fenced(&content)));
        } else {
            output.push_str(&format!("- {label}: {}\n", escape(&content)));
        }
    }
}

/// Lines as they are, inside of a list. The fence is longer than any in there.
fn fenced(content: &str) -> String {
    let longest = content
        .split(|char| char != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let content = text::visible(content);
    let lines = [&*fence]
        .into_iter()
        .chain(content.split('\n'))
        .chain([&*fence]);
    lines.map(|line| format!("  {line}\n")).collect()
}

/// Pipes and a rule below the header.
fn grid(output: &mut String, table: &Table) {
    let columns = table.column_count();
    if columns > 0 {
        line(
            output,
            (0..columns).map(|index| escape(table.header.get(index).map_or("", String::as_str))),
        );
        line(
            output,
            (0..columns).map(|index| {
                match table.alignment(index) {
                    Align::Left => ":---",
                    Align::Right => "---:",
                    Align::Center => ":---:",
                }
                .to_owned()
            }),
        );
    }
    for row in &table.rows {
        match row {
            Row::Group(heading) => {
                let rest = std::iter::repeat_n(String::new(), columns.saturating_sub(1));
                line(
                    output,
                    std::iter::once(format!("**{}**", escape(heading))).chain(rest),
                );
            }
            Row::Cells(cells) => line(
                output,
                (0..columns).map(|index| {
                    cells
                        .get(index)
                        .map_or_else(String::new, |cell| escape(&cell.to_string()))
                }),
            ),
        }
    }
}

fn line(output: &mut String, cells: impl Iterator<Item = String>) {
    output.push('|');
    for cell in cells {
        output.push(' ');
        output.push_str(&cell);
        output.push_str(if cell.is_empty() { "|" } else { " |" });
    }
    output.push('\n');
}

/// Text that Markdown and the HTML inside it show as it is.
fn escape(content: &str) -> String {
    let mut escaped = String::with_capacity(content.len());
    for char in text::visible(content).chars() {
        match char {
            '\n' => escaped.push_str("<br>"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '#' => {
                escaped.push('\\');
                escaped.push(char);
            }
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
