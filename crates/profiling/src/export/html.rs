//! Everything of a profile in one page.

use tuneup_report::{Cell, HtmlReport, Unit};

use super::flame_graph;
use crate::{Error, Function, FunctionKind, Profile};

/// The call tree of a page: on paper there is room for more than on a terminal.
const DEPTH: usize = 40;
const LEAST_SHARE: f64 = 0.001;

pub(super) fn encode(profile: &Profile) -> Result<Vec<u8>, Error> {
    let mut report = summary(profile);
    let has_functions = profile.functions.iter().any(is_function);
    if has_functions || profile.line_tables.is_empty() {
        report = calls(profile, report)?;
    }
    if !profile.line_tables.is_empty() {
        report = report.section("Lines");
    }
    for lines in &profile.line_tables {
        // As text, which keeps the indentation of the source.
        report = report.preformatted(lines.table().to_string());
    }
    Ok(report.render().into_bytes())
}

fn calls(profile: &Profile, report: HtmlReport) -> Result<HtmlReport, Error> {
    let report = report.section("Flame graph");
    let report = match flame_graph::draw(profile) {
        Ok(picture) => report.plot(&picture),
        Err(tuneup_report::Error::NoData { .. }) => {
            report.text("Nothing was spent in any function of the profile.")
        }
        Err(other) => return Err(other.into()),
    };
    let tree = profile.tree().depth(DEPTH).min_share(LEAST_SHARE).table();
    Ok(report
        .section("Functions")
        .table(&profile.table())
        .section("Call tree")
        // As text: in a table of the page, a click would sort callers away from what they call.
        .preformatted(tree.to_string()))
}

fn is_function(function: &Function) -> bool {
    function.kind != FunctionKind::Root
}

/// The page with what is to be seen first.
fn summary(profile: &Profile) -> HtmlReport {
    let functions = profile.functions.iter();
    let functions = functions.filter(|function| is_function(function));
    let mut report = HtmlReport::new(format!("Profile of {}", profile.program))
        .summary("recorded for", Cell::duration(profile.duration))
        .summary("functions", Cell::count(functions.count() as u64))
        .summary("calls", Cell::count(profile.total_calls()))
        .summary("threads", Cell::count(profile.threads));
    let cost = profile.overhead.inside_ns + profile.overhead.outside_ns;
    if cost > 0.0 {
        report = report.summary("overhead per call", Cell::nanoseconds(cost));
    }
    if let Some(sampling) = profile.sampling {
        let rate = Cell::number(sampling.rate_hz, Unit::PerSecond);
        report = report
            .summary("looks of the sampler", Cell::count(sampling.ticks))
            .summary("rate", rate);
    }
    report
}
