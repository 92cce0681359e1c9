//! Many small values as text.

use std::fmt::Write;

use tuneup_benchmarking::harness::{Class, Suite};

/// One row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Names the row.
    pub id: u32,
    /// Its value.
    pub value: i64,
}

/// A new `String` for each row, copied into the text and thrown away.
// ANCHOR: slow
pub fn format_each(rows: &[Row]) -> String {
    let mut text = String::new();
    for Row { id, value } in rows {
        text += &format!("{id},{value}\n");
    }
    text
}
// ANCHOR_END: slow

/// Writes into the text itself.
// ANCHOR: fast
pub fn write_into(rows: &[Row]) -> String {
    let mut text = String::new();
    for Row { id, value } in rows {
        writeln!(text, "{id},{value}").expect("a String takes everything");
    }
    text
}
// ANCHOR_END: fast

/// Goes around the formatting machinery: no format string is interpreted, no padding or sign
/// considered.
// ANCHOR: itoa
pub fn integers_by_itoa(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut digits = itoa::Buffer::new();
    for row in rows {
        text.push_str(digits.format(row.id));
        text.push(',');
        text.push_str(digits.format(row.value));
        text.push('\n');
    }
    text
}
// ANCHOR_END: itoa

/// `n` rows.
pub fn input(n: usize) -> Vec<Row> {
    let mut random = fastrand::Rng::with_seed(17);
    (0..n)
        .map(|_| Row {
            id: random.u32(..1_000_000),
            value: random.i64(-1_000_000_000..1_000_000_000),
        })
        .collect()
}

/// Registers the three ways.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/formatting")
        .about("n rows of two integers as text")
        .size(4_096)
        .sizes(&[64, 128, 256, 512, 1_024, 2_048, 4_096])
        .elements(|n| n as u64)
        .input(input)
        .case("format! each", |rows: &Vec<Row>| format_each(rows))
        .class(Class::Linear)
        .case("write! into", |rows: &Vec<Row>| write_into(rows))
        .class(Class::Linear)
        .case("itoa", |rows: &Vec<Row>| integers_by_itoa(rows))
        .class(Class::Linear)
        .finish();
}
