//! A watch as one HTML file.

use tuneup_report::{Axis, Cell, HtmlReport, LinePlot, Series as Line, Svg, Table, Unit};

use super::{
    metric::Metric,
    record::Record,
    summary::{Summary, cell},
};

/// What shares a picture, by its heading.
const PLOTS: [(&str, &[Metric]); 9] = [
    ("Processors", &[Metric::Cpu, Metric::System]),
    (
        "Memory",
        &[Metric::Resident, Metric::Proportional, Metric::Swap],
    ),
    ("Disks", &[Metric::Read, Metric::Written]),
    ("Network", &[Metric::Received, Metric::Sent]),
    ("Processes", &[Metric::Processes]),
    ("Threads", &[Metric::Threads]),
    ("Open files", &[Metric::Files]),
    ("Context switches", &[Metric::Switches]),
    ("Page faults", &[Metric::MinorFaults, Metric::MajorFaults]),
];

/// A limit is drawn if the figures come to this share of it: with one that is further away, they would be a line at the ground.
const DRAWN: f64 = 0.2;

pub(super) fn page(summary: &Summary<'_>) -> String {
    let record = summary.record;
    let peak = |metric| record.statistic(metric).peak().map(|(peak, _)| peak);
    let mut report = HtmlReport::new(summary.title())
        .summary(
            "processor time",
            Cell::nanoseconds(record.totals.cpu_ns as f64),
        )
        .summary(
            "cores in use, mean",
            cell(Metric::Cpu, record.statistic(Metric::Cpu).mean()),
        )
        .summary(
            "memory, peak",
            cell(Metric::Resident, peak(Metric::Resident)),
        )
        .summary("written to disks", Cell::bytes(record.totals.written_bytes));
    for sentence in summary.sentences() {
        report = report.text(sentence);
    }
    report = report.table(&summary.table());
    for (heading, metrics) in PLOTS {
        if let Some((plot, note)) = plot(record, heading, metrics) {
            report = report.section(heading).plot(&plot);
            if !note.is_empty() {
                report = report.note(note);
            }
        }
    }
    report
        .section("Programs")
        .table(&programs(record))
        .section("All limits")
        .table(&limits(record))
        .render()
}

/// The figures over time, and what is to be said below; none if there are not two looks at them.
fn plot(record: &Record, heading: &str, metrics: &[Metric]) -> Option<(Svg, String)> {
    let told: Vec<Metric> = metrics
        .iter()
        .copied()
        .filter(|metric| match record.statistic(*metric).peak() {
            Some((peak, _)) => peak > 0.0 || *metric != Metric::Swap,
            None => false,
        })
        .collect();
    let unit = told.first()?.unit();
    let seconds = Axis::linear("time", Unit::Nanoseconds).with_zero();
    let mut plot = LinePlot::new(heading, seconds, Axis::linear("", unit).with_zero());
    let mut note = String::new();
    for metric in told {
        plot = plot.series(line(record, metric));
        let Some(closest) = record.tightest(metric) else {
            continue;
        };
        let limit = &closest.limit;
        let (peak, _) = record.statistic(metric).peak()?;
        if peak >= DRAWN * limit.limit {
            let name = format!("limit: {}", limit.name);
            let end = record.elapsed.as_nanos() as f64;
            plot = plot.series(Line::new(name, [(0.0, limit.limit), (end, limit.limit)]));
        } else {
            note = format!(
                "The limit is far above: {} ({}).",
                metric.unit().format(limit.limit),
                limit.name
            );
        }
    }
    let svg = plot.to_svg().ok()?;
    Some((svg, note))
}

/// The means, with all between the smallest and the largest as a band.
fn line(record: &Record, metric: Metric) -> Line {
    let spreads = || {
        let buckets = record.series.buckets().iter();
        buckets.filter_map(|bucket| Some((bucket.at.as_nanos() as f64, bucket.spread(metric)?)))
    };
    Line::new(
        metric.name(record.source),
        spreads().map(|(at, spread)| (at, spread.mean)),
    )
    .with_band(spreads().map(|(at, spread)| (at, spread.min, spread.max)))
}

fn programs(record: &Record) -> Table {
    let mut table = Table::new([
        "program",
        "processes",
        "processor time",
        "memory, peak of one",
    ])
    .note("As far as it was seen: what ends between two looks is in the totals alone.");
    for program in record.programs.by_time() {
        table.push([
            Cell::text(&program.name),
            Cell::count(program.processes),
            Cell::nanoseconds(program.cpu_ns as f64),
            Cell::bytes(program.peak_bytes),
        ]);
    }
    table
}

fn limits(record: &Record) -> Table {
    let mut table = Table::new(["of", "set by", "limit", "used at most", "share"]);
    for closest in record.limits() {
        let limit = &closest.limit;
        let unit = limit.metric.unit();
        table.push([
            Cell::text(limit.metric.name(record.source)),
            Cell::text(&limit.name),
            Cell::number(limit.limit, unit.clone()),
            Cell::number(limit.used, unit),
            Cell::percent(limit.share()),
        ]);
    }
    table
}
