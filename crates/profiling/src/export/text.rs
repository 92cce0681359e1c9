//! The functions and the lines as text.

use crate::{LineTable, Profile};

pub(super) fn encode(profile: &Profile) -> Vec<u8> {
    let functions = profile.table();
    let lines = profile.line_tables.iter().map(LineTable::table);
    let tables = std::iter::once(functions).chain(lines);
    let tables: Vec<String> = tables.map(|table| table.to_string()).collect();
    tables.join("\n").into_bytes()
}
