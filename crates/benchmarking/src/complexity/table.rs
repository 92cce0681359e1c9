//! A complexity as tables and a sentence.

use std::fmt;

use tuneup_measure::format_ns;
use tuneup_report::{Align, Cell, Style, Table};

use super::{Complexity, ComplexityFit, NARROW, POOR};

/// Laws that no redrawing chose and that miss by more than this are not worth a line.
const SHOWN_ERROR: f64 = 0.5;

impl Complexity {
    /// The verdict in one sentence: the class, how sure it is, and the measured exponent.
    ///
    /// ```
    /// use tuneup_benchmarking::Complexity;
    ///
    /// let found = Complexity::fit(&[10.0, 100.0, 1000.0, 10_000.0].map(|n: f64| (n, [n * n])))?;
    /// assert!(found.verdict().starts_with("O(n²), chosen by 100 % of the redrawings"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn verdict(&self) -> String {
        let names: Vec<String> = self.candidates.iter().map(ToString::to_string).collect();
        let percent = self.confidence * 100.0;
        let mut text = if self.is_decided() {
            format!("{}, chosen by {percent:.0} % of the redrawings", self.best)
        } else {
            format!(
                "undecided between {} ({} by {percent:.0} %)",
                names.join(", "),
                self.best
            )
        };
        text += &format!(
            "; time grows as n^{:.2} ({:.2} to {:.2})",
            self.exponent.estimate, self.exponent.low, self.exponent.high
        );
        if self.best_fit().error > POOR {
            text += &format!(
                "; no law fits: even {} misses by {:.0} %",
                self.best,
                self.best_fit().error * 100.0
            );
        }
        if !self.is_decided() && self.size_ratio() < 4.0 * NARROW {
            text += &format!("; sizes span {:.0}×, 64× tells more", self.size_ratio());
        }
        if let (Some(first), Some(last)) = (self.left_out.first(), self.left_out.last()) {
            text += &format!("; sizes {first} to {last} were left out: they take too long");
        }
        text
    }

    /// The points with what the best law predicts for them.
    ///
    /// ```
    /// use tuneup_benchmarking::Complexity;
    ///
    /// let found = Complexity::fit(&[10.0, 100.0, 1000.0, 10_000.0].map(|n| (n, [n])))?;
    /// assert_eq!(found.points_table().len(), 4);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn points_table(&self) -> Table {
        let law = format!("as {}", self.best);
        let mut table = Table::new(["size", "time", law.as_str(), "off by"]).align(0, Align::Right);
        for point in &self.points {
            let predicted = self.best_fit().predict_ns(point.size);
            table.push([
                Cell::text(point.size.to_string()),
                Cell::nanoseconds(point.typical_ns),
                Cell::nanoseconds(predicted),
                Cell::change(point.typical_ns / predicted - 1.0),
            ]);
        }
        table
    }

    /// The laws that come near the data: how often each was chosen, its error and its lower term.
    ///
    /// ```
    /// use tuneup_benchmarking::Complexity;
    ///
    /// let found = Complexity::fit(&[10.0, 100.0, 1000.0, 10_000.0].map(|n| (n, [n])))?;
    /// assert!(!found.laws_table().is_empty());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn laws_table(&self) -> Table {
        let mut table = Table::new(["law", "chosen", "error", "lower term"]).align(3, Align::Right);
        for (index, fit) in self.fits.iter().enumerate() {
            if index > 0 && fit.share == 0.0 && fit.error > SHOWN_ERROR {
                continue;
            }
            let name = Cell::text(fit.class.to_string());
            table.push([
                if index == 0 {
                    name.styled(Style::Strong)
                } else {
                    name
                },
                Cell::percent(fit.share),
                Cell::percent(fit.error),
                lower_term(fit),
            ]);
        }
        table
    }
}

fn lower_term(fit: &ComplexityFit) -> Cell {
    match (fit.lower_ns, fit.lower_power) {
        (0.0, _) => Cell::missing(),
        (ns, 0) => Cell::nanoseconds(ns),
        (ns, 1) => Cell::text(format!("{} × n", format_ns(ns))),
        (ns, _) => Cell::text(format!("{} × n²", format_ns(ns))),
    }
}

impl fmt::Display for Complexity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{}\n{}",
            self.points_table(),
            self.laws_table(),
            self.verdict()
        )
    }
}
