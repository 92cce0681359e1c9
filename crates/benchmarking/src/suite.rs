//! Whole bench suites: build, run, collect, compare, gate.
//!
//! This is what an xtask calls; `cargo xtask bench` of tuneup is little more than a command line in front of it. Data flows one way:
//!
//! 1. [`Plan`] says what to measure; its bench executables are built (`harness::main` is their `main`);
//! 2. every group is checked, timed by Criterion, compared case by case in interleaved blocks, fitted and counted;
//! 3. the outcome is a [`Results`]: plain data that is saved, kept as a baseline, shown as a table or an HTML page;
//! 4. [`Plan::gate`] does the same for two builds and gives a [`GateReport`].
//!
//! ```no_run
//! use tuneup_benchmarking::suite::{Baselines, Change, Plan};
//!
//! let plan = Plan::new(".", "my-benches");
//! let results = plan.measure(&mut |_| {})?;
//! let baselines = Baselines::new(plan.output.join("baselines"));
//! let changes = match baselines.load("main", &results.machine) {
//!     Ok(before) => results.changes_since(&before, Change::DEFAULT_NOISE),
//!     Err(error) => {
//!         eprintln!("no change to show: {error}");
//!         Vec::new()
//!     }
//! };
//! println!("{}", results.table(&changes).to_markdown());
//! results.save(&plan.output.join("bench.json"))?;
//!
//! let report = plan.gate("HEAD~1", 0.03, &mut |_| {})?;
//! println!("{}", report.sentence());
//! # Ok::<(), tuneup_benchmarking::Error>(())
//! ```

mod alternation;
mod baseline;
mod build;
mod callgrind;
mod checkout;
mod criterion;
mod gate;
mod growth;
mod measure;
mod page;
mod plan;
mod results;
mod selection;
mod session;
mod show;
mod trend;

pub use self::baseline::{Baselines, Change};
pub use self::gate::{CaseGate, GateReport, GateVerdict};
pub use self::plan::{Effort, Event, Plan, Stop};
pub use self::results::{Bench, BenchCase, ComplexityResult, Figure, PeerRatio, Results, Time};
pub use self::trend::Trend;
pub use crate::protocol::{CaseInfo, GroupInfo, HeapUse, Limit};
