//! The A/B gate: two builds of the same benches, measured so that a shared machine cannot make one of them look slow.
//!
//! For every case three processes take turns in mirrored random order, in blocks of half a millisecond: the base build, the candidate, and the base build again
//! as a control. Several sets of fresh processes are used, each process from a fresh copy of its file, because one process is one sample of its
//! memory layout, and one file is one sample of where it lies in physical memory. A case has regressed when
//!
//! 1. the interval of its ratio (hierarchical bootstrap: processes, then rounds) lies above the threshold,
//! 2. while the control of the same session lies within it,
//! 3. and the same is found once more in further processes, started in the reverse order.
//!
//! What straddles the threshold is measured again, in up to three further sessions, before it is called undecided. Allocation counts (exact) and instruction counts (where
//! valgrind is there) are gates of their own.

use std::collections::BTreeMap;

use super::build::{Build, Executable};
use super::checkout::Checkout;
use super::measure::Target;
use super::session::Session;
use super::{Event, Plan, callgrind};
use crate::Error;
use crate::paired;
use crate::protocol::HeapUse;

mod evidence;
mod report;

use self::evidence::{Evidence, is_reversed};
pub use self::report::{CaseGate, GateReport, GateVerdict};

/// Flags of both builds: the same names for the sources whatever the folder, and every function at a 64-byte boundary, because a
/// change of one function moves all the others, and their speed by up to a quarter.
fn rustflags(folder: &std::path::Path) -> Vec<String> {
    vec![
        "-Cllvm-args=-align-all-functions=6".to_owned(),
        format!("--remap-path-prefix={}=/tuneup", folder.display()),
    ]
}

/// How many sessions a case gets before it is called undecided.
const SESSIONS: usize = 4;

/// Iterations in which a suspect's instructions are counted again.
const RECOUNTS: usize = 7;

/// Rounds of one set of processes.
const ROUNDS: usize = 15;

/// Length of a block: long enough that the caches, cold after the other process's turn, do not matter.
const BLOCK: std::time::Duration = std::time::Duration::from_micros(500);

/// The folders of the two builds: of one length, because the path of an executable lies on its stack and shifts it.
const THEIRS: &str = "base";
const WORK: &str = "work";

const BASE: usize = 0;
const CANDIDATE: usize = 1;
const CONTROL: usize = 2;

/// A case that both builds have: where it is in each.
#[derive(Clone, Debug)]
struct Common {
    name: String,
    executable: usize,
    size: usize,
    /// Group and case in the base build.
    base: (usize, usize),
    /// Group and case in the candidate build.
    candidate: (usize, usize),
    threads: usize,
}

/// Both builds of the bench files that both have.
struct Builds {
    pairs: Vec<(Executable, Executable)>,
    cases: Vec<Common>,
    heap_cases: Vec<Common>,
    only_base: Vec<String>,
    only_candidate: Vec<String>,
}

/// A case and the instructions of its iterations in the base and in the candidate.
type Instructions<'c> = (&'c Common, Vec<u64>, Vec<u64>);

impl Plan {
    /// Compares this work tree with another revision of it: a commit, or a folder with another checkout.
    ///
    /// `threshold` is the share by which a case may become slower (0.03 is three per cent).
    ///
    /// ```no_run
    /// use tuneup_benchmarking::suite::Plan;
    ///
    /// let report = Plan::new(".", "my-benches").gate("HEAD~1", 0.03, &mut |_| {})?;
    /// println!("{}", report.sentence());
    /// std::process::exit(i32::from(report.regressed().next().is_some()));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An unknown revision, a failed build of either side, or a bench that fails.
    pub fn gate(
        &self,
        revision: &str,
        threshold: f64,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<GateReport, Error> {
        let checkout = Checkout::of(&self.workspace, revision, &self.output)?;
        on_event(Event::Step {
            name: "building the work tree".to_owned(),
        });
        let candidate = self.targets(&self.gate_build(&self.workspace, WORK))?;
        on_event(Event::Step {
            name: format!("building {}", checkout.label),
        });
        let base = self.any_targets(&self.gate_build(&checkout.folder, THEIRS))?;
        let builds = pair_up(base, candidate);
        let mut report = GateReport::new(
            checkout.label.clone(),
            threshold,
            &builds.only_base,
            &builds.only_candidate,
        );
        match self.gate_builds(&builds, threshold, &mut report, on_event) {
            Err(Error::Interrupted) => report.interrupted = true,
            other => other?,
        }
        Ok(report)
    }

    fn gate_build(&self, folder: &std::path::Path, side: &str) -> Build {
        Build {
            workspace: folder.to_owned(),
            package: self.package.clone(),
            features: self.features.clone(),
            target_dir: Some(self.output.join("against").join(side)),
            rustflags: Some(rustflags(folder)),
        }
    }

    fn gate_builds(
        &self,
        builds: &Builds,
        threshold: f64,
        report: &mut GateReport,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let mut evidence = BTreeMap::new();
        let timed = self.time_cases(builds, threshold, &mut evidence, on_event);
        // What was timed before an interruption is judged all the same.
        report.cases = evidence
            .iter()
            .map(|(name, evidence)| evidence.judge(name, threshold))
            .collect();
        timed?;
        self.count_heap(builds, report)?;
        if callgrind::is_available() {
            on_event(Event::Step {
                name: "counting instructions".to_owned(),
            });
            self.count_instructions(builds, report)?;
        }
        Ok(())
    }

    /// Sessions until every case is decided: the first one for all cases, the others for those that are open.
    fn time_cases(
        &self,
        builds: &Builds,
        threshold: f64,
        evidence: &mut BTreeMap<String, Evidence>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let mut open: Vec<&Common> = builds.cases.iter().collect();
        let processes = self.effort.processes.max(1);
        for session in 0..SESSIONS {
            on_event(Event::Planned {
                steps: builds.pairs.len() * processes,
            });
            for process in 0..processes {
                self.process_set(builds, &open, session, process, evidence, on_event)?;
            }
            open.retain(|case| evidence[&case.name].needs_more(threshold));
            if open.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// One set of fresh processes: base, candidate and control, over all the cases.
    fn process_set(
        &self,
        builds: &Builds,
        cases: &[&Common],
        session: usize,
        process: usize,
        evidence: &mut BTreeMap<String, Evidence>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        for (index, (base, candidate)) in builds.pairs.iter().enumerate() {
            on_event(Event::Step {
                name: format!("{} (processes {})", base.name, process + 1),
            });
            let cases: Vec<_> = cases
                .iter()
                .filter(|case| case.executable == index)
                .collect();
            if cases.is_empty() {
                continue;
            }
            let mut sessions = self.start_set(base, candidate, is_reversed(session))?;
            for case in cases {
                self.stop.check()?;
                let rounds = measure_case(&mut sessions, case, (session * 1_000 + process) as u64)?;
                evidence.entry(case.name.clone()).or_default().add(
                    session,
                    rounds.log_ratios(CANDIDATE, BASE),
                    rounds.log_ratios(CONTROL, BASE),
                );
            }
        }
        Ok(())
    }

    /// Base, candidate and control; in the reverse order of starting when asked.
    fn start_set(
        &self,
        base: &Executable,
        candidate: &Executable,
        reversed: bool,
    ) -> Result<[Session; 3], Error> {
        if reversed {
            let control = self.start_copy(base, CONTROL)?;
            let candidate = self.start_copy(candidate, CANDIDATE)?;
            return Ok([self.start_copy(base, BASE)?, candidate, control]);
        }
        Ok([
            self.start_copy(base, BASE)?,
            self.start_copy(candidate, CANDIDATE)?,
            self.start_copy(base, CONTROL)?,
        ])
    }

    /// Starts a fresh copy of an executable, which is removed again at once.
    ///
    /// A file lies in the same physical memory for every process that runs it, and that alone can make a short loop a fifth slower: two files
    /// with the same bytes differ, every time, while a control from the same file shows nothing. So every process gets a file of its own.
    fn start_copy(&self, executable: &Executable, side: usize) -> Result<Session, Error> {
        let mut name = executable.path.clone().into_os_string();
        name.push(format!("-{side}"));
        let path = std::path::PathBuf::from(name);
        // Anew, not written over: what is there may be in memory.
        let _ = std::fs::remove_file(&path);
        std::fs::copy(&executable.path, &path).map_err(|source| Error::Io {
            path: path.clone(),
            source,
        })?;
        let session = Session::start(&path, &self.environment);
        let _ = std::fs::remove_file(&path);
        session
    }

    fn count_heap(&self, builds: &Builds, report: &mut GateReport) -> Result<(), Error> {
        for (index, (base, candidate)) in builds.pairs.iter().enumerate() {
            let cases: Vec<&Common> = builds
                .heap_cases
                .iter()
                .filter(|case| case.executable == index)
                .collect();
            if cases.is_empty() {
                continue;
            }
            let (mut base, mut candidate) = (self.start(base)?, self.start(candidate)?);
            for case in cases {
                self.stop.check()?;
                let before: HeapUse = base.heap(case.base.0, case.base.1, case.size)?;
                let after = candidate.heap(case.candidate.0, case.candidate.1, case.size)?;
                report.set_heap(&case.name, before, after);
            }
        }
        Ok(())
    }

    /// One iteration of every case first; then the suspects once more, each alone in fresh processes.
    ///
    /// What a case executes also depends on the seeds of its hash tables and on the state in which the cases before it left the heap. A
    /// suspect counts as worse only if the least that the candidate executed is more than the most that the base did.
    fn count_instructions(&self, builds: &Builds, report: &mut GateReport) -> Result<(), Error> {
        for (index, (base, candidate)) in builds.pairs.iter().enumerate() {
            let countable = |case: &&Common| case.executable == index && case.threads == 1;
            let cases: Vec<&Common> = builds.cases.iter().filter(countable).collect();
            if cases.is_empty() {
                continue;
            }
            for (case, before, after) in self.instructions(base, candidate, &cases, 1)? {
                report.set_instructions(&case.name, before[0], after[0]);
            }
            let is_suspect = |case: &&Common| report.is_suspect(&case.name);
            let suspects: Vec<&Common> = cases.into_iter().filter(is_suspect).collect();
            for case in suspects {
                for (case, before, after) in
                    self.instructions(base, candidate, &[case], RECOUNTS)?
                {
                    let most = before.iter().copied().max().unwrap_or(0);
                    let least = after.iter().copied().min().unwrap_or(0);
                    report.set_instructions(&case.name, most, least);
                }
            }
        }
        Ok(())
    }

    /// Counts in one fresh process of each build: the instructions of so many iterations of the cases.
    fn instructions<'c>(
        &self,
        base: &Executable,
        candidate: &Executable,
        cases: &[&'c Common],
        iterations: usize,
    ) -> Result<Vec<Instructions<'c>>, Error> {
        let mut base = callgrind::Counter::start(base, &self.environment)?;
        let mut candidate = callgrind::Counter::start(candidate, &self.environment)?;
        cases
            .iter()
            .map(|&case| {
                let before = base.count(case.base, case.size, iterations, &self.stop)?;
                let after = candidate.count(case.candidate, case.size, iterations, &self.stop)?;
                Ok((case, before, after))
            })
            .collect()
    }
}

/// Calibrates on the base build, and gives the same iterations to all three.
fn measure_case(
    sessions: &mut [Session; 3],
    case: &Common,
    seed: u64,
) -> Result<paired::Rounds, Error> {
    let mut run = |side: usize, iterations: u64| {
        let (group, index) = if side == CANDIDATE {
            case.candidate
        } else {
            case.base
        };
        sessions[side].run(group, index, case.size, iterations)
    };
    let iterations = paired::calibrate(&mut run, BASE, BLOCK)?;
    run(CANDIDATE, iterations)?;
    run(CONTROL, iterations)?;
    let plan = paired::Plan {
        budget: std::time::Duration::ZERO,
        min_rounds: ROUNDS,
        max_rounds: ROUNDS,
        seed,
        ..paired::Plan::default()
    };
    paired::measure_calibrated(&mut run, &[iterations; 3], &plan, &mut |_| {})
}

/// Matches executables by name and cases by `group/case` at the same size.
fn pair_up(base: Vec<Target>, candidate: Vec<Target>) -> Builds {
    let mut builds = Builds {
        pairs: Vec::new(),
        cases: Vec::new(),
        heap_cases: Vec::new(),
        only_base: Vec::new(),
        only_candidate: Vec::new(),
    };
    for target in &base {
        if candidate
            .iter()
            .all(|other| other.executable.name != target.executable.name)
        {
            builds.only_base.extend(positions(target).into_keys());
        }
    }
    for target in &candidate {
        let Some(other) = base
            .iter()
            .find(|other| other.executable.name == target.executable.name)
        else {
            builds.only_candidate.extend(positions(target).into_keys());
            continue;
        };
        let executable = builds.pairs.len();
        builds
            .pairs
            .push((other.executable.clone(), target.executable.clone()));
        let (theirs, ours) = (positions(other), positions(target));
        builds.only_base.extend(
            theirs
                .keys()
                .filter(|name| !ours.contains_key(*name))
                .cloned(),
        );
        for (name, (candidate, size, threads)) in ours {
            match theirs.get(&name) {
                Some(&(_, base_size, _)) if base_size != size => {
                    builds
                        .only_candidate
                        .push(format!("{name} (at size {size}, not {base_size})"));
                }
                Some(&(base, ..)) => {
                    let common = Common {
                        name,
                        executable,
                        size,
                        base,
                        candidate,
                        threads,
                    };
                    if target.session.listing.heap {
                        builds.heap_cases.push(common);
                    } else {
                        builds.cases.push(common);
                    }
                }
                None => builds.only_candidate.push(name),
            }
        }
    }
    // The timed and the heap executable both miss a group that one build lacks.
    for names in [&mut builds.only_base, &mut builds.only_candidate] {
        names.sort();
        names.dedup();
    }
    builds
}

/// Selected cases by name: group and case, size and threads.
fn positions(target: &Target) -> BTreeMap<String, ((usize, usize), usize, usize)> {
    let groups = &target.session.listing.groups;
    let mut found = BTreeMap::new();
    for &group in &target.groups {
        let info = &groups[group];
        for (index, case) in info.cases.iter().enumerate() {
            found.insert(
                format!("{}/{}", info.name, case.name),
                ((group, index), info.size, case.threads),
            );
        }
    }
    found
}
