//! Results as a one-file HTML report.

use tuneup_report::{
    Axis, Bar, BarPlot, Cell, HtmlReport, ScatterPlot, Series, Style, Unit, ViolinPlot,
};

use super::baseline::Change;
use super::gate::GateReport;
use super::results::{Bench, Results};
use super::trend::{self, Trend};

/// A page with hundreds of plots is not read.
const MOST_TREND_PLOTS: usize = 20;

impl Results {
    /// The report: facts about the run, promises, the main table, growth, the trends where there are any, then every group with its plots.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let html = results.page(&[], &[]).render();
    /// assert!(html.contains("cookbook/duplicates"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn page(&self, changes: &[Change], trends: &[Trend]) -> HtmlReport {
        let mut page = HtmlReport::new("tuneup bench")
            .lead(format!(
                "{} groups, {} cases, {} effort",
                self.benches.len(),
                self.cases().count(),
                self.effort
            ))
            .summary("machine", Cell::text(&self.machine))
            .summary("commit", Cell::text(&self.commit));
        for (name, text) in &self.notes {
            page = page.summary(name, Cell::text(text));
        }
        if self.interrupted {
            page = page.warning("The run was interrupted: only what had finished is here.");
        }
        for (_, reason) in &self.failures {
            page = page.warning(reason);
        }
        let figures = self.figures_table();
        if !figures.is_empty() {
            page = page
                .section("Figures")
                .text("What the cases promise beside their peers, measured in interleaved blocks.")
                .table(&figures);
        }
        page = page
            .section("All cases")
            .text(
                "Time is Criterion's estimate with its 95 % interval. The ratio is the median over interleaved blocks with its 99 % \
                 interval: below 1 is faster than the case it is held against. Blocks, bytes and their peak are what one iteration asks of the allocator.",
            )
            .table(&self.table(changes));
        let growth = self.growth_table();
        if !growth.is_empty() {
            page = page
                .section("Growth")
                .text("The class that fits the times over the sizes best, and how sure that is.")
                .table(&growth);
        }
        if !trends.is_empty() {
            page = page
                .section("Trends")
                .text("Earlier runs on this machine. A plot shows each case whose level changed; the line is the mean of a level.")
                .table(&trend::table(trends));
            for trend in trends
                .iter()
                .filter(|trend| !trend.changes.is_empty())
                .take(MOST_TREND_PLOTS)
            {
                page = with_plot(page, trend.plot());
            }
        }
        self.benches
            .iter()
            .fold(page, |page, bench| bench.section(page))
    }
}

impl GateReport {
    /// The gate as a report of its own.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert!(report.page().render().contains("cookbook/queue/deque"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page(&self) -> HtmlReport {
        HtmlReport::new("tuneup gate")
            .lead(self.sentence())
            .summary("base", Cell::text(&self.base))
            .section("All cases")
            .table(&self.table())
    }
}

impl Bench {
    fn section(&self, page: HtmlReport) -> HtmlReport {
        let mut page = page.section(&self.name).text(&self.about);
        page = with_plot(page, self.bars());
        page = with_plot(page, self.violins());
        if self.cases.iter().any(|case| case.complexity.is_some()) {
            page = with_plot(page, self.growth());
        }
        page
    }

    /// Times with their intervals; logarithmic where they span more than a factor of 20.
    fn bars(&self) -> Result<tuneup_report::Svg, tuneup_report::Error> {
        let times = || self.cases.iter().map(|case| case.time.estimate_ns);
        let (least, most) = (
            times().fold(f64::INFINITY, f64::min),
            times().fold(0.0, f64::max),
        );
        let axis = if most > 20.0 * least {
            Axis::logarithmic("time", Unit::Nanoseconds)
        } else {
            Axis::linear("time", Unit::Nanoseconds)
        };
        self.cases
            .iter()
            .fold(
                BarPlot::new(format!("{}: time of one iteration", self.name), axis),
                |plot, case| {
                    let style = if case.peer { Style::Dim } else { Style::Plain };
                    let bar = Bar::new(&case.name, case.time.estimate_ns)
                        .between(case.time.low_ns, case.time.high_ns);
                    plot.bar(bar.styled(style))
                },
            )
            .to_svg()
    }

    fn violins(&self) -> Result<tuneup_report::Svg, tuneup_report::Error> {
        let axis = Axis::logarithmic("time", Unit::Nanoseconds);
        self.cases
            .iter()
            .fold(
                ViolinPlot::new(format!("{}: distribution of the samples", self.name), axis),
                |plot, case| plot.samples(&case.name, &case.time.samples_ns),
            )
            .to_svg()
    }

    fn growth(&self) -> Result<tuneup_report::Svg, tuneup_report::Error> {
        let plot = ScatterPlot::new(
            format!("{}: growth", self.name),
            Axis::logarithmic("size", Unit::Count),
            Axis::logarithmic("time", Unit::Nanoseconds),
        );
        self.cases
            .iter()
            .filter_map(|case| Some((case, case.complexity.as_ref()?)))
            .fold(plot, |plot, (case, fit)| {
                let fitted = fit.fitted.clone();
                let curve = move |x: f64| interpolate(&fitted, x);
                plot.series(
                    Series::new(&case.name, fit.points.iter().copied())
                        .with_curve(fit.class.to_string(), curve),
                )
            })
            .to_svg()
    }
}

/// Between two fitted points the curve is drawn straight on logarithmic axes.
fn interpolate(points: &[(f64, f64)], x: f64) -> f64 {
    let after = points
        .partition_point(|&(size, _)| size < x)
        .clamp(1, points.len().saturating_sub(1).max(1));
    let (Some(&(x0, y0)), Some(&(x1, y1))) = (points.get(after - 1), points.get(after)) else {
        return f64::NAN;
    };
    let share = (x.ln() - x0.ln()) / (x1.ln() - x0.ln());
    (y0.ln() + share * (y1.ln() - y0.ln())).exp()
}

/// A plot that cannot be drawn leaves its reason in its place.
fn with_plot(
    page: HtmlReport,
    plot: Result<tuneup_report::Svg, tuneup_report::Error>,
) -> HtmlReport {
    match plot {
        Ok(svg) => page.plot(&svg),
        Err(error) => page.note(format!("no plot: {error}")),
    }
}
