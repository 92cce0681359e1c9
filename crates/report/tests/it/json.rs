//! Tables and reports as JSON, read back by serde_json.

use serde_json::{Value, json};
use tuneup_report::{Align, Cell, Style, Table, Unit};

fn read(json: &str) -> Value {
    serde_json::from_str(json).expect("the crate writes JSON")
}

#[test]
fn numbers_keep_their_value_and_unit() {
    let table = Table::new(["case", "time", "size"])
        .title("T")
        .row([
            Cell::text("first\n\"quoted\""),
            Cell::nanoseconds(12.5).between(12.0, 13.0),
            Cell::bytes(u64::MAX),
        ])
        .group("g")
        .row([
            Cell::missing(),
            Cell::change(-0.25).styled(Style::Good),
            Cell::count(9_007_199_254_740_992),
        ])
        .note("n");
    let expected = json!({
        "title": "T",
        "columns": [
            { "name": "case", "align": "left" },
            { "name": "time", "align": "right" },
            { "name": "size", "align": "right" },
        ],
        "rows": [
            { "group": null, "cells": [
                { "text": "first\n\"quoted\"" },
                { "value": 12.5, "unit": "ns", "low": 12, "high": 13 },
                { "value": u64::MAX as f64, "unit": "bytes" },
            ] },
            { "group": "g", "cells": [
                null,
                { "value": -0.25, "unit": "change" },
                { "value": 9_007_199_254_740_992_i64, "unit": "count" },
            ] },
        ],
        "notes": ["n"],
    });
    assert_eq!(read(&table.to_json().unwrap()), expected);
}

#[test]
fn what_is_not_finite_is_null() {
    let table = Table::new(["a"]).row([Cell::ratio(f64::NAN).between(f64::NEG_INFINITY, 1.0)]);
    assert_eq!(
        read(&table.to_json().unwrap())["rows"][0]["cells"][0],
        json!({ "value": null, "unit": "ratio", "low": null, "high": 1 })
    );
}

#[test]
fn every_unit_has_a_name_in_json() {
    let units = [
        (Unit::Plain, ""),
        (Unit::Count, "count"),
        (Unit::Nanoseconds, "ns"),
        (Unit::Bytes, "bytes"),
        (Unit::PerSecond, "per second"),
        (Unit::BytesPerSecond, "bytes per second"),
        (Unit::Percent, "fraction"),
        (Unit::Change, "change"),
        (Unit::Ratio, "ratio"),
        (Unit::Named("threads".into()), "threads"),
    ];
    for (unit, name) in units {
        let table = Table::new(["a"]).row([Cell::number(0.5, unit)]);
        assert_eq!(
            read(&table.to_json().unwrap())["rows"][0]["cells"][0],
            json!({ "value": 0.5, "unit": name })
        );
    }
}

#[test]
fn tables_are_part_of_larger_documents() {
    let table = Table::new(["a", "b"])
        .align(1, Align::Center)
        .row(["x", "y", "z"]);
    let read = serde_json::to_value([&table]).unwrap();
    assert_eq!(read[0]["columns"][1]["align"], "center");
    assert_eq!(
        read[0]["columns"][2],
        json!({ "name": "", "align": "left" })
    );
}

#[cfg(feature = "html")]
#[test]
fn reports_name_what_each_item_is() {
    use tuneup_report::{Axis, Bar, BarPlot, HtmlReport};

    let plot = BarPlot::new("P", Axis::linear("", Unit::Plain))
        .bar(Bar::new("b", 1.0))
        .to_svg()
        .unwrap();
    let report = HtmlReport::new("R")
        .lead("L")
        .summary("cases", Cell::count(2))
        .section("S")
        .text("t")
        .note("n")
        .warning("w")
        .preformatted("p")
        .plot(&plot)
        .details("more", "d")
        .details_table("rows", &Table::new(["a"]));
    let table = json!({ "title": null, "columns": [{ "name": "a", "align": "left" }], "rows": [], "notes": [] });
    assert_eq!(
        read(&report.to_json().unwrap()),
        json!({
            "title": "R",
            "lead": "L",
            "summary": [{ "key": "cases", "value": { "value": 2, "unit": "count" } }],
            "sections": [{ "heading": "S", "items": [
                { "text": "t" },
                { "note": "n" },
                { "warning": "w" },
                { "preformatted": "p" },
                { "plot": "P" },
                { "details": { "summary": "more", "item": { "preformatted": "d" } } },
                { "details": { "summary": "rows", "item": { "table": table } } },
            ] }],
        })
    );
}
