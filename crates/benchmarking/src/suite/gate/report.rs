//! The outcome of a gate as plain data.

use serde::{Deserialize, Serialize};

use crate::Ratio;
use crate::protocol::HeapUse;

#[cfg(test)]
mod tests;

/// What the gate says about the time of a case.
///
/// ```
/// # use tuneup_benchmarking::suite::{GateReport, GateVerdict};
/// # let json = std::fs::read_to_string("tests/data/gate.json")?;
/// let report: GateReport = serde_json::from_str(&json)?;
/// assert_eq!(report.cases[1].verdict, GateVerdict::Regressed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GateVerdict {
    /// The interval ends below the threshold: no regression of that size.
    Passed,
    /// The interval lies below 1 by more than the threshold, and the control does not.
    Improved,
    /// Slower beyond the threshold, found twice, with clean controls.
    Regressed,
    /// The interval straddles the threshold, or the control was not clean.
    Undecided,
}

/// One case that both builds have.
///
/// ```
/// # use tuneup_benchmarking::suite::{GateReport, GateVerdict};
/// # let json = std::fs::read_to_string("tests/data/gate.json")?;
/// let report: GateReport = serde_json::from_str(&json)?;
/// let case = &report.cases[2];
/// assert_eq!(case.verdict, GateVerdict::Undecided);
/// assert!(case.ratio.low < 1.03 && case.ratio.high > 1.03);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseGate {
    /// `group/case`.
    pub name: String,
    /// Candidate beside base, over all processes.
    pub ratio: Ratio,
    /// Base beside base: what the machine alone makes of it.
    pub control: Ratio,
    /// Candidate beside base in the reversed repetition, if there was need for one.
    pub reversed: Option<Ratio>,
    /// Sets of fresh processes that were measured.
    pub processes: usize,
    /// The judgement on the time.
    pub verdict: GateVerdict,
    /// Allocations of one iteration: base, candidate.
    pub heap: Option<(HeapUse, HeapUse)>,
    /// Instructions of one iteration: base, candidate. Of a case that was counted again because it seemed worse: the most of the base and
    /// the least of the candidate.
    pub instructions: Option<(u64, u64)>,
}

impl CaseGate {
    /// Whether the candidate asks more of the allocator: more blocks, bytes or peak. Exact.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// let (before, after) = report.cases[0].heap.unwrap();
    /// assert_eq!((before.blocks, after.blocks), (3, 4));
    /// assert!(report.cases[0].allocates_more());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn allocates_more(&self) -> bool {
        self.heap.is_some_and(|(base, candidate)| {
            candidate.blocks > base.blocks
                || candidate.bytes > base.bytes
                || candidate.peak_bytes > base.peak_bytes
        })
    }

    /// Whether the candidate executes more instructions, beyond the threshold.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert_eq!(report.cases[1].instructions, Some((1_000, 1_100)));
    /// assert!(report.cases[1].executes_more(0.03) && !report.cases[1].executes_more(0.1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn executes_more(&self, threshold: f64) -> bool {
        self.instructions
            .is_some_and(|(base, candidate)| candidate as f64 > base as f64 * (1.0 + threshold))
    }

    /// Whether any of the three gates says that the case has regressed.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert!(report.cases[0].has_regressed(report.threshold)); // by allocations alone
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn has_regressed(&self, threshold: f64) -> bool {
        self.verdict == GateVerdict::Regressed
            || self.allocates_more()
            || self.executes_more(threshold)
    }
}

/// What a gate found: plain data, read and written with serde.
///
/// ```
/// # use tuneup_benchmarking::suite::GateReport;
/// # let json = std::fs::read_to_string("tests/data/gate.json")?;
/// let report: GateReport = serde_json::from_str(&json)?;
/// for case in report.regressed() {
///     println!("{}: {}", case.name, case.ratio);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GateReport {
    /// What the work tree was compared with.
    pub base: String,
    /// The share by which a case may become slower.
    pub threshold: f64,
    /// Whether it was interrupted before all the cases were judged.
    pub interrupted: bool,
    /// The cases of both builds.
    pub cases: Vec<CaseGate>,
    /// Cases that only the base has.
    pub only_base: Vec<String>,
    /// Cases that only the work tree has.
    pub only_candidate: Vec<String>,
}

impl GateReport {
    pub(super) fn new(
        base: String,
        threshold: f64,
        only_base: &[String],
        only_candidate: &[String],
    ) -> Self {
        Self {
            base,
            threshold,
            interrupted: false,
            cases: Vec::new(),
            only_base: only_base.to_vec(),
            only_candidate: only_candidate.to_vec(),
        }
    }

    /// The cases that have regressed by time, allocations or instructions.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert_eq!(report.regressed().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn regressed(&self) -> impl Iterator<Item = &CaseGate> {
        self.cases
            .iter()
            .filter(|case| case.has_regressed(self.threshold))
    }

    /// The cases whose time stayed undecided.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::GateReport;
    /// # let json = std::fs::read_to_string("tests/data/gate.json")?;
    /// let report: GateReport = serde_json::from_str(&json)?;
    /// assert!(report.undecided().map(|case| case.name.as_str()).eq(["cookbook/queue/deque"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn undecided(&self) -> impl Iterator<Item = &CaseGate> {
        self.cases
            .iter()
            .filter(|case| case.verdict == GateVerdict::Undecided)
    }

    pub(super) fn set_heap(&mut self, name: &str, base: HeapUse, candidate: HeapUse) {
        if let Some(case) = self.cases.iter_mut().find(|case| case.name == name) {
            case.heap = Some((base, candidate));
        }
    }

    /// Whether a case seems to execute more instructions than it may.
    pub(super) fn is_suspect(&self, name: &str) -> bool {
        self.cases
            .iter()
            .any(|case| case.name == name && case.executes_more(self.threshold))
    }

    pub(super) fn set_instructions(&mut self, name: &str, base: u64, candidate: u64) {
        if let Some(case) = self.cases.iter_mut().find(|case| case.name == name) {
            case.instructions = Some((base, candidate));
        }
    }
}
