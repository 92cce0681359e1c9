//! All of a snapshot in one page.

use tuneup_measure::{Bytes, Percent};
use tuneup_report::{Axis, Cell, HtmlReport, LinePlot, Series, Unit};

use super::flame_graph;
use crate::snapshot::{GroupBy, Order, Snapshot};

/// Sites in the table of a page: more than anybody reads.
const MOST_SITES: usize = 500;

pub(super) fn encode(snapshot: &Snapshot) -> Result<Vec<u8>, tuneup_report::Error> {
    let mut report = summary(snapshot);
    let span = snapshot.timeline.span.as_nanos() as f64;
    let points = snapshot.timeline.most_bytes.iter().enumerate();
    let points: Vec<_> = points
        .map(|(place, most)| (place as f64 * span, *most as f64))
        .collect();
    if points.len() > 1 {
        let time = Axis::linear("time", Unit::Nanoseconds).with_zero();
        let bytes = Axis::linear("live bytes", Unit::Bytes).with_zero();
        let plot = LinePlot::new("Live bytes over time", time, bytes)
            .series(Series::new("most in each span", points));
        report = report.section("Over time").plot(&plot.to_svg()?);
    }
    for (heading, by) in [
        ("Live at the peak", Order::PeakBytes),
        ("Allocated", Order::AllocatedBytes),
        ("Live at the end", Order::LiveBytes),
    ] {
        report = report.section(heading);
        report = match flame_graph::draw(snapshot, by) {
            Ok(picture) => report.plot(&picture),
            Err(tuneup_report::Error::NoData { .. }) => report.text("There is nothing."),
            Err(other) => return Err(other),
        };
    }
    let sites = snapshot.peak_table(GroupBy::Site, Order::PeakBytes, MOST_SITES);
    let report = report
        .section("Sites")
        .table(&sites)
        .section("Calls at the peak")
        // As text: in a table of the page, a click would sort callers away from what they call.
        .preformatted(snapshot.tree(Order::PeakBytes).to_string());
    Ok(report.render().into_bytes())
}

/// The page with what is to be seen first.
fn summary(snapshot: &Snapshot) -> HtmlReport {
    let counted = &snapshot.counted;
    let live = counted.allocated_bytes.saturating_sub(counted.freed_bytes);
    let report = HtmlReport::new(format!("Heap of {}", snapshot.program))
        .summary("peak", Cell::text(Bytes(snapshot.peak.bytes).to_string()))
        .summary("peak after", Cell::duration(snapshot.peak.after))
        .summary("traced for", Cell::duration(snapshot.elapsed))
        .summary(
            "allocated",
            Cell::text(Bytes(counted.allocated_bytes).to_string()),
        )
        .summary("blocks", Cell::count(counted.allocated_blocks))
        .summary(
            "temporary",
            Cell::text(Percent(snapshot.total().temporary_share).to_string()),
        )
        .summary("live at the end", Cell::text(Bytes(live).to_string()));
    match snapshot.is_exact() {
        true => report,
        false => report.note("Blocks were sampled: numbers of sites are estimates."),
    }
}
