//! How wide each column is, and what its cells say in that width.

use std::collections::HashMap;

use crate::cell::Cell;
use crate::table::{Row, Shorten, Table};
use crate::text;

/// The columns between two columns of a table.
pub(super) const GAP: usize = 2;
/// What is tried in turn: where intervals stand, and how narrow columns of text may become. Where neither fits, a table
/// is shown as blocks.
const ATTEMPTS: [(Spread, usize); 2] = [(Spread::Beside, 20), (Spread::Below, 8)];
/// How narrow columns of text may become before columns that can be spared are left out.
const ROOMY: usize = 32;
/// The columns that rows are indented by below a heading.
const INDENT: usize = 2;

/// Where the interval of a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spread {
    /// In the line of its number; text is shortened to one line, too.
    Beside,
    /// In the line below; as rows take several lines anyway, text is wrapped and stays whole.
    Below,
}

/// A table whose cells are cut to lines that fit.
#[derive(Debug)]
pub(super) struct Layout {
    /// The columns that each column of the table takes, without gaps.
    pub(super) widths: Vec<usize>,
    /// The lines of each header cell.
    pub(super) header: Vec<Vec<String>>,
    /// The lines of each cell, by row and column; headings of groups have no cells.
    pub(super) rows: Vec<Vec<Vec<String>>>,
}

impl Layout {
    /// Lays `table` out in at most `width` columns, or says that it cannot be done.
    pub(super) fn fit(table: &Table, width: usize) -> Option<Self> {
        ATTEMPTS
            .into_iter()
            .find_map(|(spread, narrowest)| Self::attempt(table, width, spread, narrowest))
    }

    /// Whether `table` fits in `width` columns with its text readable.
    pub(super) fn is_roomy(table: &Table, width: usize) -> bool {
        let columns = Column::all(table, Spread::Beside, ROOMY);
        distribute(&columns, room(&columns, width)).is_some()
    }

    fn attempt(table: &Table, width: usize, spread: Spread, narrowest_text: usize) -> Option<Self> {
        let columns = Column::all(table, spread, narrowest_text);
        let widths = distribute(&columns, room(&columns, width))?;
        let header = columns
            .iter()
            .zip(&widths)
            .map(|(column, &width)| text::wrap(&column.header, width))
            .collect();
        let shaped: Vec<Vec<Vec<String>>> = columns
            .iter()
            .zip(&widths)
            .map(|(column, &width)| column.shape(width))
            .collect();
        let rows = (0..table.rows.len())
            .map(|row| match table.rows[row] {
                Row::Group(_) => Vec::new(),
                Row::Cells(_) => shaped.iter().map(|column| column[row].clone()).collect(),
            })
            .collect();
        Some(Self {
            widths,
            header,
            rows,
        })
    }
}

/// One column before its width is known.
struct Column {
    header: String,
    /// The text of each row; empty for headings of groups.
    cells: Vec<String>,
    /// How far its cells are indented.
    indent: usize,
    /// Whether it holds numbers and nothing else: such a column is never made narrower than its numbers.
    numeric: bool,
    /// How narrow it may become otherwise, so that the numbers among its words stay whole.
    narrowest: usize,
    spread: Spread,
    shorten: Shorten,
}

/// The columns that `width` leaves for cells.
fn room(columns: &[Column], width: usize) -> usize {
    width.saturating_sub(GAP * columns.len().saturating_sub(1))
}

impl Column {
    fn all(table: &Table, spread: Spread, narrowest_text: usize) -> Vec<Self> {
        (0..table.column_count())
            .map(|index| Self::of(table, index, spread, narrowest_text))
            .collect()
    }

    fn of(table: &Table, index: usize, spread: Spread, narrowest_text: usize) -> Self {
        let indent = if index == 0 && table.has_groups() {
            INDENT
        } else {
            0
        };
        let mut cells = Vec::with_capacity(table.rows.len());
        let mut widest_number = 0;
        for row in &table.rows {
            let cell = match row {
                Row::Group(_) => None,
                Row::Cells(cells) => cells.get(index),
            };
            let content = cell.map_or_else(String::new, |cell| shown(cell, spread));
            if cell.is_some_and(Cell::is_number) {
                widest_number = widest_number.max(text::widest_line(&content));
            }
            cells.push(content);
        }
        Self {
            header: text::visible(table.header.get(index).map_or("", String::as_str)).into_owned(),
            cells,
            indent,
            numeric: table.is_numeric(index),
            narrowest: indent + narrowest_text.max(widest_number),
            spread,
            shorten: table.shortening(index),
        }
    }

    /// The width at which nothing is cut; at least 1, as comfy-table has no narrower column.
    fn natural(&self) -> usize {
        self.content().max(text::widest_line(&self.header)).max(1)
    }

    /// The width of the cells alone.
    fn content(&self) -> usize {
        self.cells
            .iter()
            .map(|cell| text::widest_line(cell))
            .max()
            .unwrap_or(0)
            + self.indent
    }

    /// The width with the header wrapped and the cells whole.
    fn with_wrapped_header(&self) -> usize {
        self.content().max(text::widest_piece(&self.header))
    }

    /// The width below which the column cannot be read.
    fn narrowest(&self) -> usize {
        match self.numeric {
            true => self.with_wrapped_header(),
            false => self.natural().min(self.narrowest),
        }
    }

    /// The lines of every cell in `width` columns.
    fn shape(&self, width: usize) -> Vec<Vec<String>> {
        let room = width.saturating_sub(self.indent);
        let wrapped = self.spread == Spread::Below || self.has_twins(room);
        let pad = " ".repeat(self.indent);
        let lines = |cell: &String| -> Vec<String> {
            let lines = match wrapped {
                true => text::wrap(cell, room),
                false => cell
                    .split('\n')
                    .map(|line| text::shorten_at(line, room, self.shorten).into_owned())
                    .collect(),
            };
            lines
                .into_iter()
                .map(|line| {
                    if line.is_empty() {
                        line
                    } else {
                        format!("{pad}{line}")
                    }
                })
                .collect()
        };
        self.cells.iter().map(lines).collect()
    }

    /// Whether two different cells would look the same when shortened to `room` columns. What is cut at its end says
    /// less the farther it goes, and is not taken for a name.
    fn has_twins(&self, room: usize) -> bool {
        if self.shorten == Shorten::End {
            return false;
        }
        let mut seen: HashMap<String, &str> = HashMap::new();
        self.cells
            .iter()
            .flat_map(|cell| cell.split('\n'))
            .filter(|line| text::width(line) > room)
            .any(|line| {
                let short = text::shorten_at(line, room, self.shorten).into_owned();
                let before = seen.insert(short, line);
                before.is_some_and(|before| before != line)
            })
    }
}

/// What a cell says, in safe characters.
fn shown(cell: &Cell, spread: Spread) -> String {
    let content = text::visible(&cell.to_string()).into_owned();
    match (spread, cell.bounds()) {
        (Spread::Below, Some(_)) => content.replace(" ±", "\n±"),
        _ => content,
    }
}

/// Widths that sum up to at most `room`: everything whole if that fits; else headers over numbers are wrapped; else the
/// widest columns of text give way, down to what can still be read.
fn distribute(columns: &[Column], room: usize) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = columns.iter().map(Column::natural).collect();
    let fits = |widths: &[usize]| widths.iter().sum::<usize>() <= room;
    if fits(&widths) {
        return Some(widths);
    }
    let narrowest: Vec<usize> = columns.iter().map(Column::narrowest).collect();
    for ((width, column), narrowest) in widths.iter_mut().zip(columns).zip(&narrowest) {
        if column.numeric {
            *width = *narrowest;
        }
    }
    if !fits(&narrowest) {
        return None;
    }
    let excess = widths.iter().sum::<usize>().saturating_sub(room);
    if excess > 0 {
        level(&mut widths, &narrowest, excess);
    }
    Some(widths)
}

/// Takes `excess` columns away, always from the widest column that can still give way; of two alike from the later one,
/// because names stand first.
fn level(widths: &mut [usize], narrowest: &[usize], excess: usize) {
    for _ in 0..excess {
        let widest = (0..widths.len())
            .filter(|&index| widths[index] > narrowest[index])
            .max_by_key(|&index| (widths[index], index));
        if let Some(index) = widest {
            widths[index] -= 1;
        }
    }
}
