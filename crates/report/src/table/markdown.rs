//! The table in GitHub's Markdown.

use crate::table::{Align, Row, Table};
use crate::text;

/// The table as Markdown.
pub(super) fn render(table: &Table) -> String {
    let mut output = String::new();
    if let Some(title) = &table.title {
        output.push_str(&format!("**{}**\n\n", escape(title)));
    }
    let columns = table.column_count();
    if columns > 0 {
        line(
            &mut output,
            (0..columns).map(|index| escape(table.header.get(index).map_or("", String::as_str))),
        );
        line(
            &mut output,
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
                    &mut output,
                    std::iter::once(format!("**{}**", escape(heading))).chain(rest),
                );
            }
            Row::Cells(cells) => line(
                &mut output,
                (0..columns).map(|index| {
                    cells
                        .get(index)
                        .map_or_else(String::new, |cell| escape(&cell.to_string()))
                }),
            ),
        }
    }
    for note in &table.notes {
        output.push_str(&format!("\n{}\n", escape(note)));
    }
    output
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
