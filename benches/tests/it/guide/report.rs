//! `docs/src/guide/report.md`.

use tuneup_report::{
    Axis, Cell, Error, HtmlReport, LinePlot, Series, Style, Table, Terminal, Unit,
};

use super::assert_page_shows;

// ANCHOR: table
fn results() -> Table {
    Table::new(["case", "time", "allocated"])
        .group("duplicates")
        .row([
            Cell::text("compare all pairs"),
            Cell::nanoseconds(284_900.0).between(281_000.0, 290_000.0),
            Cell::bytes(0),
        ])
        .row([
            Cell::text("hash set"),
            Cell::nanoseconds(37_280.0)
                .between(37_100.0, 37_600.0)
                .styled(Style::Good),
            Cell::bytes(73_744),
        ])
}
// ANCHOR_END: table

#[test]
fn a_table_on_a_plain_terminal() {
    assert_page_shows("report", &results().render(&Terminal::plain(80)));
}

#[test]
fn a_table_as_json_and_markdown() {
    assert_page_shows("report", &results().to_markdown());
    let json = results().to_json().unwrap();
    assert_eq!(json.matches("\"cells\"").count(), 2);
    assert!(json.contains("\"value\": 73744"));
}

// ANCHOR: html
fn page(history: &[(f64, f64)]) -> Result<String, Error> {
    let axes = (
        Axis::linear("run", Unit::Plain),
        Axis::linear("time", Unit::Nanoseconds).with_zero(),
    );
    let plot = LinePlot::new("hash set", axes.0, axes.1)
        .series(Series::new("median", history.iter().copied()))
        .to_svg()?;
    Ok(HtmlReport::new("Duplicates")
        .summary("cases", Cell::count(2))
        .section("Results")
        .table(&results())
        .section("History")
        .plot(&plot)
        .render())
}
// ANCHOR_END: html

#[test]
fn a_page_needs_nothing_from_outside() {
    let html = page(&[(1.0, 37_000.0), (2.0, 37_280.0)]).unwrap();
    assert!(html.contains("<svg") && html.contains("hash set"));
    assert!(!html.contains("<script src") && !html.contains("<link rel=\"stylesheet\""));
}
