//! What is left out of a table where there is no room for all of it.

use crate::table::layout::Layout;
use crate::table::{Row, Table};

/// `table` with as few spare columns left out as it takes, and a note that names them; `None` if it fits as it is or
/// has no spare column.
pub(super) fn without_spare(table: &Table, width: usize) -> Option<Table> {
    if table.spare.is_empty() || Layout::is_roomy(table, width) {
        return None;
    }
    let leaving = (1..table.spare.len()).find_map(|count| {
        let lean = keeping(table, &table.spare[..count]);
        Layout::is_roomy(&lean, width).then_some(lean)
    });
    Some(leaving.unwrap_or_else(|| keeping(table, &table.spare)))
}

/// `table` without the columns `out`.
fn keeping(table: &Table, out: &[usize]) -> Table {
    let kept: Vec<usize> = (0..table.column_count())
        .filter(|column| !out.contains(column))
        .collect();
    let rows = table.rows.iter().map(|row| match row {
        Row::Group(heading) => Row::Group(heading.clone()),
        Row::Cells(cells) => Row::Cells(
            kept.iter()
                .filter_map(|&column| cells.get(column).cloned())
                .collect(),
        ),
    });
    let name = |column: usize| table.header.get(column).cloned().unwrap_or_default();
    let mut names: Vec<usize> = out.to_vec();
    names.sort_unstable();
    let names: Vec<String> = names.into_iter().map(name).collect();
    let mut notes = table.notes.clone();
    notes.push(format!("no room for: {}", names.join(", ")));
    Table {
        title: table.title.clone(),
        header: kept.iter().map(|&column| name(column)).collect(),
        align: kept
            .iter()
            .map(|&column| table.align.get(column).copied().flatten())
            .collect(),
        shorten: kept
            .iter()
            .map(|&column| table.shortening(column))
            .collect(),
        spare: Vec::new(),
        is_stacked: table.is_stacked,
        named_by: kept
            .iter()
            .position(|&column| column == table.named_by)
            .unwrap_or(0),
        rows: rows.collect(),
        notes,
    }
}

#[cfg(test)]
mod tests;
