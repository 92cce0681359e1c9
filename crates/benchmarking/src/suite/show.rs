//! Results as tables for people.

use tuneup_report::{Align, Cell, Style, Table, Unit};

use super::baseline::Change;
use super::gate::{CaseGate, GateReport, GateVerdict};
use super::results::{Bench, BenchCase, Results};
use crate::Ratio;
use crate::protocol::HeapUse;

impl Results {
    /// The main table: time with its interval, ratio to the reference, change since a baseline, allocations.
    ///
    /// A column for the change is there when `changes` has any.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// assert!(results.table(&[]).to_markdown().contains("cookbook/duplicates"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self, changes: &[Change]) -> Table {
        let mut header = vec!["case", "time", "rate", "ratio", "against"];
        if !changes.is_empty() {
            header.push("change");
        }
        header.extend(["blocks", "bytes", "peak"]);
        let columns = header.len();
        let mut table = Table::new(header);
        for column in (1..columns).filter(|&column| column != 4) {
            table = table.align(column, Align::Right);
        }
        for bench in &self.benches {
            table.push_group(format!("{} · {}", bench.name, bench.about));
            for case in &bench.cases {
                let change = changes
                    .iter()
                    .find(|change| change.name == format!("{}/{}", bench.name, case.name));
                table.push(row(bench, case, (!changes.is_empty()).then_some(change)));
            }
        }
        table
    }

    /// The promises, what was measured of each, and whether it is kept; empty when no case promises anything.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// assert!(results.figures_table().to_markdown().contains("fast against naive"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn figures_table(&self) -> Table {
        let mut table = Table::new(["figure", "case", "at most", "measured", "interval", "kept"])
            .align(2, Align::Right)
            .align(3, Align::Right)
            .align(4, Align::Right);
        for bench in &self.benches {
            for figure in &bench.figures {
                let (word, style) = if figure.is_met() {
                    ("yes", Style::Good)
                } else {
                    ("NO", Style::Bad)
                };
                table.push([
                    Cell::text(&bench.name),
                    Cell::text(format!("{} against {}", figure.case, figure.ratio.to)),
                    Cell::ratio(figure.at_most),
                    Cell::ratio(figure.ratio.estimate),
                    Cell::text(format!("{:.3}–{:.3}", figure.ratio.low, figure.ratio.high)),
                    Cell::text(word).styled(style),
                ]);
            }
        }
        table
    }

    /// How the time of each case grows with its input, beside what the case claims; empty without fits.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// assert!(results.growth_table().to_markdown().contains("O(n²)"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn growth_table(&self) -> Table {
        let mut table = Table::new(["case", "grows as", "sure", "claimed"]).align(2, Align::Right);
        for bench in &self.benches {
            let fits: Vec<_> = bench
                .cases
                .iter()
                .filter_map(|case| Some((case, case.complexity.as_ref()?)))
                .collect();
            if fits.is_empty() {
                continue;
            }
            table.push_group(&bench.name);
            for (case, fit) in fits {
                let style = match &fit.claimed {
                    Some(claimed) if *claimed == fit.class => Style::Good,
                    Some(claimed) if !fit.class.contains(claimed.as_str()) => Style::Warn,
                    _ => Style::Plain,
                };
                table.push([
                    Cell::text(&case.name),
                    Cell::text(&fit.class).styled(style),
                    Cell::percent(fit.confidence),
                    fit.claimed.as_ref().map_or_else(Cell::missing, Cell::text),
                ]);
            }
        }
        table
    }
}

fn row(bench: &Bench, case: &BenchCase, change: Option<Option<&Change>>) -> Vec<Cell> {
    let time = &case.time;
    let (ratio, against) = match &case.ratio {
        Some(ratio) => {
            // How one peer does beside another is no merit or fault of ours.
            let style = match (case.peer, ratio.high < 1.0, ratio.low > 1.0) {
                (false, true, _) => Style::Good,
                (false, _, true) => Style::Bad,
                _ => Style::Plain,
            };
            (
                Cell::ratio(ratio.estimate)
                    .between(ratio.low, ratio.high)
                    .styled(style),
                Cell::text(&ratio.to).styled(Style::Dim),
            )
        }
        None if bench.cases.len() == 1 => (Cell::missing(), Cell::missing()),
        None => (
            Cell::text("reference").styled(Style::Dim),
            Cell::missing().styled(Style::Dim),
        ),
    };
    let mut cells = vec![
        Cell::text(&case.name),
        Cell::nanoseconds(time.estimate_ns).between(time.low_ns, time.high_ns),
        rate(bench, time.estimate_ns),
        ratio,
        against,
    ];
    if let Some(change) = change {
        cells.push(change.map_or_else(Cell::missing, change_cell));
    }
    match case.heap {
        Some(heap) => cells.extend([
            Cell::count(heap.blocks),
            Cell::bytes(heap.bytes),
            Cell::bytes(heap.peak_bytes),
        ]),
        None => cells.extend([Cell::missing(), Cell::missing(), Cell::missing()]),
    }
    cells
}

fn rate(bench: &Bench, ns: f64) -> Cell {
    match (bench.bytes, bench.items) {
        (Some(bytes), _) => Cell::number(bytes as f64 * 1e9 / ns, Unit::BytesPerSecond),
        (None, Some(items)) => Cell::number(items as f64 * 1e9 / ns, Unit::PerSecond),
        (None, None) => Cell::missing(),
    }
}

/// A change within the noise is dim: it says nothing.
fn change_cell(change: &Change) -> Cell {
    let style = match (change.is_visible(), change.ratio > 1.0) {
        (false, _) => Style::Dim,
        (true, true) => Style::Bad,
        (true, false) => Style::Good,
    };
    Cell::change(change.ratio - 1.0).styled(style)
}

impl GateReport {
    /// Every case, the worst first: time with interval, control, sets of processes, allocations, instructions, verdict.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert_eq!(report.table().to_markdown().lines().count(), 2 + report.cases.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        self.table_of(|_| true)
    }

    /// The cases that a person should look at: regressed, undecided or improved.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert!(!report.notable_table().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn notable_table(&self) -> Table {
        self.table_of(|case| {
            case.verdict != GateVerdict::Passed || case.has_regressed(self.threshold)
        })
    }

    fn table_of(&self, wanted: impl Fn(&CaseGate) -> bool) -> Table {
        let header = [
            "case",
            "time",
            "interval",
            "control",
            "sets",
            "blocks",
            "bytes",
            "peak",
            "instructions",
            "verdict",
        ];
        let mut table = (1..9).fold(Table::new(header), |table, column| {
            table.align(column, Align::Right)
        });
        let mut cases: Vec<&CaseGate> = self.cases.iter().filter(|case| wanted(case)).collect();
        cases.sort_by_key(|case| {
            (
                !case.has_regressed(self.threshold),
                case.verdict != GateVerdict::Undecided,
            )
        });
        for case in cases {
            let (words, style) = self.words(case);
            table.push([
                Cell::text(&case.name),
                Cell::change(case.ratio.estimate - 1.0),
                interval(&case.ratio),
                interval(&case.control).styled(Style::Dim),
                Cell::count(case.processes as u64),
                heap(case, |heap| heap.blocks),
                heap(case, |heap| heap.bytes),
                heap(case, |heap| heap.peak_bytes),
                instructions(case),
                Cell::text(words).styled(style),
            ]);
        }
        table
    }

    /// The outcome in one sentence.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert!(report.sentence().starts_with("3 cases against main (0123456789ab): "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        let (regressed, undecided) = (self.regressed().count(), self.undecided().count());
        let mut sentence = format!(
            "{} cases against {}: {regressed} regressed by more than {:.1} %, {undecided} undecided.",
            self.cases.len(),
            self.base,
            self.threshold * 100.0
        );
        if undecided > 0 {
            let widest = self
                .undecided()
                .map(|case| case.ratio.smallest_visible_effect())
                .fold(0.0, f64::max);
            sentence.push_str(&format!(
                " The smallest effect visible in all of these was {:.1} %.",
                widest * 100.0
            ));
        }
        if self.interrupted {
            sentence.push_str(" Interrupted before the end.");
        }
        for (names, side) in [
            (&self.only_base, "the base"),
            (&self.only_candidate, "the work tree"),
        ] {
            if !names.is_empty() {
                sentence.push_str(&format!(" Only in {side}: {}.", names.join(", ")));
            }
        }
        sentence
    }

    /// Everything that is wrong with a case, or what its time says.
    fn words(&self, case: &CaseGate) -> (String, Style) {
        let faults = [
            (case.verdict == GateVerdict::Regressed, "slower"),
            (case.allocates_more(), "allocates more"),
            (case.executes_more(self.threshold), "more instructions"),
        ];
        let faults: Vec<&str> = faults
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| *word)
            .collect();
        if !faults.is_empty() {
            return (faults.join(", "), Style::Bad);
        }
        match case.verdict {
            GateVerdict::Improved => ("faster".to_owned(), Style::Good),
            GateVerdict::Undecided => ("undecided".to_owned(), Style::Warn),
            GateVerdict::Passed | GateVerdict::Regressed => {
                ("no regression".to_owned(), Style::Dim)
            }
        }
    }
}

fn interval(ratio: &Ratio) -> Cell {
    Cell::text(format!(
        "{:+.1} … {:+.1} %",
        (ratio.low - 1.0) * 100.0,
        (ratio.high - 1.0) * 100.0
    ))
}

fn heap(case: &CaseGate, part: impl Fn(&HeapUse) -> u64) -> Cell {
    case.heap.map_or_else(Cell::missing, |(base, candidate)| {
        let (base, candidate) = (part(&base), part(&candidate));
        match base == candidate {
            true => Cell::text("=").styled(Style::Dim),
            false => Cell::text(format!("{base} → {candidate}")).styled(if candidate > base {
                Style::Bad
            } else {
                Style::Good
            }),
        }
    })
}

fn instructions(case: &CaseGate) -> Cell {
    case.instructions
        .map_or_else(Cell::missing, |(base, candidate)| {
            Cell::change(candidate as f64 / base as f64 - 1.0)
        })
}
