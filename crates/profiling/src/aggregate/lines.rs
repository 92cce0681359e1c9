//! Line tables: the lines of one function from all threads.

use std::{cmp::Reverse, time::Duration};

use tuneup_measure::Scale;
use tuneup_recorder::{LineRecording, Recording};

use crate::{
    line_table::{Line, LineTable},
    source::SourceText,
};

/// Lines of each function from all threads, the longest first, with the text of the file where it is found.
pub(super) fn tables(recording: &Recording, has_allocations: bool) -> Vec<LineTable> {
    let mut by_function: Vec<LineTable> = Vec::new();
    let mut source = SourceText::default();
    for lines in recording.threads.iter().flat_map(|thread| &thread.lines) {
        let (name, file) = (lines.site.name(), lines.site.file());
        let first_line = lines.site.lines().first().copied().unwrap_or(0);
        let is_it = |table: &LineTable| {
            table.function == name && table.file == file && table.first_line == first_line
        };
        let known = by_function.iter().position(is_it);
        let table = match known {
            Some(index) => &mut by_function[index],
            None => {
                by_function.push(empty_table(lines, has_allocations, &mut source));
                let last = by_function.len() - 1;
                &mut by_function[last]
            }
        };
        add_lines(table, lines, recording.scale);
    }
    by_function.retain(|table| table.calls > 0 || table.lines.iter().any(|line| line.hits > 0));
    for table in &mut by_function {
        table.total = table.lines.iter().map(|line| line.time).sum();
    }
    by_function.sort_by_key(|table| Reverse(table.total));
    by_function
}

fn empty_table(lines: &LineRecording, has_allocations: bool, source: &mut SourceText) -> LineTable {
    let site = lines.site;
    let first_line = site.lines().first().copied().unwrap_or(0);
    let line = |&number: &u32| Line {
        number,
        hits: 0,
        time: Duration::ZERO,
        waiting: Duration::ZERO,
        allocated_bytes: has_allocations.then_some(0),
        net_bytes: has_allocations.then_some(0),
        source: source.line(site.file(), number),
    };
    LineTable {
        function: site.name().to_owned(),
        file: site.file().to_owned(),
        first_line,
        calls: 0,
        total: Duration::ZERO,
        is_async: site.is_async(),
        lines: site.lines().iter().map(line).collect(),
    }
}

fn add_lines(table: &mut LineTable, lines: &LineRecording, scale: Scale) {
    table.calls += lines.calls;
    for (line, cell) in table.lines.iter_mut().zip(&lines.cells) {
        line.hits += cell.hits;
        line.time += scale.duration(cell.ticks);
        line.waiting += scale.duration(cell.waiting_ticks);
        if let Some(allocated) = &mut line.allocated_bytes {
            *allocated += cell.allocated_bytes;
        }
        if let Some(net) = &mut line.net_bytes {
            *net += cell.allocated_bytes.wrapping_sub(cell.freed_bytes) as i64;
        }
    }
}
