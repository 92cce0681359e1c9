//! `tuneup-report`: what it costs to show a result.

use tuneup_benchmarking::harness::{Class, Suite};
use tuneup_report::{Align, Axis, Cell, HtmlReport, Style, Table, Terminal, Unit, ViolinPlot};

/// Registers every group of this file.
pub fn register(suite: &mut Suite) {
    table(suite);
    page(suite);
}

/// Names and times of `n` cases.
fn rows(n: usize) -> Vec<(String, f64)> {
    (0..n)
        .map(|i| (format!("group/case number {i}"), (i * i + 7) as f64))
        .collect()
}

fn results(rows: &[(String, f64)]) -> Table {
    let mut table = Table::new(["case", "time"]).align(1, Align::Right);
    for (name, ns) in rows {
        table.push([Cell::text(name), Cell::nanoseconds(*ns).styled(Style::Good)]);
    }
    table
}

/// Lines that show a case: what two renderings of different looks agree on.
fn cases_shown(text: &str) -> usize {
    text.lines()
        .filter(|line| line.contains("group/case number"))
        .count()
}

fn table(suite: &mut Suite) {
    let cases = suite
        .group("report/table")
        .about("a table of n names and times as text for a terminal of 100 columns")
        .size(100)
        .sizes(&[16, 32, 64, 128, 256, 512, 1024])
        .elements(|n| n as u64)
        .input(rows)
        .expect(Vec::len)
        .case("Table", |rows: &Vec<_>| {
            cases_shown(&results(rows).render(&Terminal::plain(100)))
        })
        .class(Class::Linear);
    #[cfg(feature = "peers")]
    let cases = cases
        .peer("comfy-table", |rows: &Vec<_>| cases_shown(&comfy(rows)))
        .class(Class::Linear);
    cases.finish();
}

#[cfg(feature = "peers")]
fn comfy(rows: &[(String, f64)]) -> String {
    let mut table = comfy_table::Table::new();
    table.set_header(["case", "time"]).set_width(100);
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    for (name, ns) in rows {
        table.add_row([name.clone(), tuneup_measure::format_ns(*ns)]);
    }
    table.to_string()
}

fn page(suite: &mut Suite) {
    suite
        .group("report/page")
        .about("an HTML report with a table and a violin plot of n rows")
        .size(100)
        .input(rows)
        .expect(|_| true)
        .case("HtmlReport", |rows: &Vec<_>| {
            let times: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let plot = ViolinPlot::new("times", Axis::logarithmic("time", Unit::Nanoseconds))
                .samples("all", &times)
                .to_svg();
            let page = HtmlReport::new("report")
                .section("cases")
                .table(&results(rows));
            plot.map(|plot| cases_shown(&page.plot(&plot).render()))
                .unwrap_or_default()
                > 0
        })
        .finish();
}
