//! The output that the README shows is the output of its lines.

use tuneup_report::{Cell, Style, Table, Terminal};

#[test]
fn the_readme_shows_the_real_output() {
    let faster = |ratio| Cell::ratio(ratio).styled(Style::Good);
    let table = Table::new(["case", "time", "ratio", "allocated"])
        .group("cookbook/duplicates")
        .row([
            Cell::text("nested loops"),
            Cell::nanoseconds(1.234e6).between(1.22e6, 1.25e6),
            Cell::ratio(1.0),
            Cell::bytes(0),
        ])
        .row([
            Cell::text("hash set"),
            Cell::nanoseconds(48_300.0).between(48e3, 48.7e3),
            faster(0.04),
            Cell::bytes(69_632),
        ])
        .note("±: the farther end of the 95 % interval");
    let block = format!("```text\n{}```\n", table.render(&Terminal::plain(80)));
    assert!(
        include_str!("../../README.md").contains(&block),
        "put this into the README:\n{block}"
    );
}
