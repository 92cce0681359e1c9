//! The page itself.

use std::collections::HashSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::cell::{Cell, Style, Value};
use crate::html::{HtmlReport, Item, Section};
use crate::plot::theme::dark_rules;
use crate::table::{Align, Row, Table};
use crate::text::visible;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = concat!(include_str!("sort.js"), include_str!("zoom.js"));
/// Nothing may be loaded, and no script runs but the one whose hash is given. When the script changes, the test of the
/// policy in `tests/it/html.rs` fails and shows the hash to put here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    script-src 'sha256-Gge22smkH4AKdbKfwJxAXQwj6fLK0BB6UaPAxcjbtC8='; base-uri 'none'; form-action 'none'";

/// Fewer sections need no list of them.
const FEWEST_CONTENTS: usize = 3;
/// More sections than this are listed on demand.
const MOST_OPEN_CONTENTS: usize = 12;

/// The report as one file.
pub(super) fn render(report: &HtmlReport) -> String {
    let anchors = anchors(&report.sections);
    let named = || {
        report
            .sections
            .iter()
            .zip(&anchors)
            .filter(|(section, _)| !section.heading.is_empty())
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="tuneup-report";
                title { (visible(&report.title)) }
                style { (PreEscaped(STYLE)) (PreEscaped(dark_rules())) }
            }
            body {
                main {
                    header {
                        h1 { (visible(&report.title)) }
                        @if let Some(lead) = &report.lead { p.lead { (visible(lead)) } }
                        @if !report.summary.is_empty() { (summary(&report.summary)) }
                        (contents(&named().collect::<Vec<_>>()))
                    }
                    @for (section, anchor) in report.sections.iter().zip(&anchors) {
                        @if section.heading.is_empty() {
                            @for item in &section.items { (self::item(item)) }
                        } @else {
                            section {
                                h2 id=(anchor) { a href={ "#" (anchor) } { (visible(&section.heading)) } }
                                @for item in &section.items { (self::item(item)) }
                            }
                        }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// The sections by name, folded away where they would fill the first screen.
fn contents(sections: &[(&Section, &String)]) -> Markup {
    let links = html! {
        nav aria-label="Sections" {
            ul { @for (section, anchor) in sections { li { a href={ "#" (anchor) } { (visible(&section.heading)) } } } }
        }
    };
    match sections.len() {
        0..FEWEST_CONTENTS => html! {},
        FEWEST_CONTENTS..=MOST_OPEN_CONTENTS => links,
        count => html! { details.contents { summary { (count) " sections" } (links) } },
    }
}

fn summary(figures: &[(String, Cell)]) -> Markup {
    html! {
        dl {
            @for (key, value) in figures {
                div { dt { (visible(key)) } dd class=[style_class(value.style())] { (content(value)) } }
            }
        }
    }
}

fn item(item: &Item) -> Markup {
    match item {
        Item::Text(text) => html! { p { (visible(text)) } },
        Item::Note(text) => html! { p.note { b { "Note: " } (visible(text)) } },
        Item::Warning(text) => {
            html! { p.warning role="note" { b { "Warning: " } (visible(text)) } }
        }
        Item::Table(table) => self::table(table),
        // Svg is only ever made by this crate, which escapes what it puts into it.
        Item::Plot(plot) => html! { figure { (PreEscaped(plot.without_style())) } },
        Item::Preformatted(text) => html! { pre { (visible(text)) } },
        Item::Details(summary, inner) => {
            html! { details { summary { (visible(summary)) } (self::item(inner)) } }
        }
    }
}

fn table(table: &Table) -> Markup {
    let columns = table.column_count();
    // What names the rows stays in sight where the table is wider than the page: it comes first.
    let is_named = table.named_by > 0 && table.named_by < columns;
    let first = if is_named { table.named_by } else { 0 };
    let order =
        || (first..columns.min(first + 1)).chain((0..columns).filter(move |&it| it != first));
    // Once per column: finding it out takes a look at every row.
    let align: Vec<Option<&str>> = (0..columns)
        .map(|column| align_class(table.alignment(column)))
        .collect();
    // One body per group, so that sorting keeps rows below their heading.
    let bodies: Vec<&[Row]> = groups(&table.rows);
    html! {
        div.scroll {
            table class=[table_class(table, is_named)] {
                @if let Some(title) = &table.title { caption { (visible(title)) } }
                thead {
                    tr {
                        @for column in order() {
                            th scope="col" class=[align[column]] {
                                (visible(table.header.get(column).map_or("", String::as_str)))
                            }
                        }
                    }
                }
                @for body in bodies {
                    tbody {
                        @for row in body {
                            @match row {
                                Row::Group(heading) => {
                                    tr.group { th colspan=(columns.max(1)) scope="rowgroup" { (visible(heading)) } }
                                }
                                Row::Cells(cells) => {
                                    tr {
                                        @for column in order() {
                                            @if let Some(cell) = cells.get(column) {
                                                td class=[classes(align[column], cell.style())] data-value=[sort_key(cell)] { (content(cell)) }
                                            } @else {
                                                td {}
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if table.rows.is_empty() { p.below { "(no rows)" } }
        @for note in &table.notes { p.below { (visible(note)) } }
    }
}

fn table_class(table: &Table, is_named: bool) -> Option<&'static str> {
    match (table.has_groups(), is_named) {
        (true, true) => Some("grouped named"),
        (true, false) => Some("grouped"),
        (false, true) => Some("named"),
        (false, false) => None,
    }
}

/// The rows cut before each heading.
fn groups(rows: &[Row]) -> Vec<&[Row]> {
    let mut groups = Vec::new();
    let mut start = 0;
    for (index, row) in rows.iter().enumerate() {
        if matches!(row, Row::Group(_)) && index > start {
            groups.push(&rows[start..index]);
            start = index;
        }
    }
    if start < rows.len() {
        groups.push(&rows[start..]);
    }
    groups
}

/// What a cell shows: a number without its spread, and the spread in smaller letters.
fn content(cell: &Cell) -> Markup {
    let text = cell.to_string();
    match (cell.bounds(), text.split_once(" ±")) {
        (Some(_), Some((number, spread))) => html! { (number) span.spread { " ±" (spread) } },
        _ => html! { (visible(&text)) },
    }
}

/// What a column is sorted by: the exact number; nothing where there is none.
fn sort_key(cell: &Cell) -> Option<String> {
    match cell.value() {
        Value::Number { value, .. } if value.is_finite() => Some(value.to_string()),
        Value::Number { .. } | Value::Missing => Some(String::new()),
        Value::Text(_) => None,
    }
}

fn align_class(align: Align) -> Option<&'static str> {
    match align {
        Align::Left => None,
        Align::Right => Some("right"),
        Align::Center => Some("center"),
    }
}

fn classes(align: Option<&'static str>, style: Style) -> Option<String> {
    let classes: Vec<&str> = align.into_iter().chain(style_class(style)).collect();
    (!classes.is_empty()).then(|| classes.join(" "))
}

fn style_class(style: Style) -> Option<&'static str> {
    match style {
        Style::Plain => None,
        Style::Good => Some("good"),
        Style::Bad => Some("bad"),
        Style::Warn => Some("warn"),
        Style::Dim => Some("dim"),
        Style::Strong => Some("strong"),
    }
}

/// One anchor per section: its heading in lower case with dashes, a number added where that is taken.
fn anchors(sections: &[Section]) -> Vec<String> {
    let mut taken = HashSet::new();
    let anchor = |section: &Section| {
        if section.heading.is_empty() {
            return String::new();
        }
        let words: Vec<String> = section
            .heading
            .split(|char: char| !char.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let slug = if words.is_empty() {
            "section".to_owned()
        } else {
            words.join("-")
        };
        let numbered = (2..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone())
            .chain(numbered)
            .find(|anchor| taken.insert(anchor.clone()));
        free.unwrap_or(slug)
    };
    sections.iter().map(anchor).collect()
}
