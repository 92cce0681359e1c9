//! Measuring a suite: group by group, and within a group answers, Criterion, interleaved ratios, growth; then the heap.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::alternation::Alternation;
use super::build::{Build, Executable};
use super::results::{Bench, BenchCase, Results};
use super::selection::Selection;
use super::session::Session;
use super::{Event, Plan, checkout, criterion, growth};
use crate::protocol::GroupInfo;
use crate::{Error, Machine};

/// A started bench executable and the groups of it that are selected.
pub(super) struct Target {
    pub(super) executable: Executable,
    pub(super) session: Session,
    pub(super) groups: Vec<usize>,
}

impl Plan {
    /// Builds the bench executables and lists their groups, without measuring.
    ///
    /// ```no_run
    /// for group in tuneup_benchmarking::suite::Plan::new(".", "my-benches").list()? {
    ///     println!("{}: {}", group.name, group.about);
    /// }
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A failed build, an executable that does not answer, or a filter that selects nothing.
    pub fn list(&self) -> Result<Vec<GroupInfo>, Error> {
        let targets = self.targets(&self.build())?;
        Ok(targets
            .iter()
            .filter(|target| !target.session.listing.heap)
            .flat_map(|target| {
                target
                    .groups
                    .iter()
                    .map(|&group| target.session.listing.groups[group].clone())
            })
            .collect())
    }

    /// Builds and measures; `on_event` is told what is going on.
    ///
    /// When [`Plan::stop`] is set meanwhile, the result holds what had finished and is marked as interrupted. A group that fails is in
    /// [`Results::failures`] with its reason, and the others are measured. Starts processes (the Cargo that the environment variable
    /// `CARGO` names, as Cargo itself sets it, and the benches), writes logs and Criterion's files below [`Plan::output`], and blocks for what [`Plan::effort`] says.
    ///
    /// ```no_run
    /// use tuneup_benchmarking::suite::{Effort, Plan};
    ///
    /// let mut plan = Plan::new(".", "my-benches");
    /// plan.effort = Effort::quick();
    /// let results = plan.measure(&mut |_| {})?;
    /// println!("{}", results.table(&[]).to_markdown());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A failed build, a filter that selects nothing, or a bench executable that cannot be started.
    pub fn measure(&self, on_event: &mut dyn FnMut(Event)) -> Result<Results, Error> {
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let mut results = Results::new(
            Machine::detect().to_string(),
            checkout::commit(&self.workspace),
            started,
            self.effort.name,
        );
        let measured = self.targets(&self.build()).and_then(|targets| {
            on_event(Event::Planned {
                steps: targets.iter().map(|target| target.groups.len()).sum(),
            });
            self.measure_targets(targets, &mut results, on_event)
        });
        match measured {
            Err(Error::Interrupted) => results.interrupted = true,
            other => other?,
        }
        Ok(results)
    }

    fn measure_targets(
        &self,
        targets: Vec<Target>,
        results: &mut Results,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let (heap, timed): (Vec<_>, Vec<_>) = targets
            .into_iter()
            .partition(|target| target.session.listing.heap);
        for mut target in timed {
            if !target.groups.is_empty() {
                results.notes.extend(target.session.notes()?);
            }
            for group in std::mem::take(&mut target.groups) {
                self.stop.check()?;
                on_event(Event::Step {
                    name: target.session.listing.groups[group].name.clone(),
                });
                match self.measure_group(&mut target, group) {
                    Ok(bench) => results.benches.push(bench),
                    Err(error) => self.note_failure(error, &mut target, group, results)?,
                }
            }
        }
        for mut target in heap {
            for group in std::mem::take(&mut target.groups) {
                self.stop.check()?;
                on_event(Event::Step {
                    name: format!("{} (heap)", target.session.listing.groups[group].name),
                });
                if let Err(error) = count_heap(&mut target.session, group, results) {
                    self.note_failure(error, &mut target, group, results)?;
                }
            }
        }
        Ok(())
    }

    /// One group that fails does not take the others with it: its error is kept, and its executable, which may be gone, started anew.
    fn note_failure(
        &self,
        error: Error,
        target: &mut Target,
        group: usize,
        results: &mut Results,
    ) -> Result<(), Error> {
        if matches!(error, Error::Interrupted) {
            return Err(error);
        }
        let name = target.session.listing.groups[group].name.clone();
        results.failures.push((name, error.to_string()));
        target.session = self.start(&target.executable)?;
        Ok(())
    }

    fn build(&self) -> Build {
        Build {
            workspace: self.workspace.clone(),
            package: self.package.clone(),
            features: self.features.clone(),
            target_dir: None,
            rustflags: None,
        }
    }

    /// Builds and starts every executable and applies the filters, each of which must select something.
    pub(super) fn targets(&self, build: &Build) -> Result<Vec<Target>, Error> {
        let targets = self.any_targets(build)?;
        let groups = targets
            .iter()
            .flat_map(|target| &target.session.listing.groups);
        Selection::new(&self.filters).check(groups)?;
        Ok(targets)
    }

    /// The same, but the filters may select nothing: an older build need not have what a newer one has.
    pub(super) fn any_targets(&self, build: &Build) -> Result<Vec<Target>, Error> {
        let selection = Selection::new(&self.filters);
        let mut targets = Vec::new();
        for executable in build.run(&self.stop)? {
            let session = self.start(&executable)?;
            targets.push(Target {
                executable,
                session,
                groups: Vec::new(),
            });
        }
        for target in &mut targets {
            let groups = &target.session.listing.groups;
            target.groups = (0..groups.len())
                .filter(|&group| selection.selects(&groups[group]))
                .collect();
        }
        Ok(targets)
    }

    pub(super) fn start(&self, executable: &Executable) -> Result<Session, Error> {
        Session::start(&executable.path, &self.environment)
    }

    fn measure_group(&self, target: &mut Target, group: usize) -> Result<Bench, Error> {
        let info = target.session.listing.groups[group].clone();
        let home = self.criterion_home(target, &info);
        let times = criterion::run(
            &target.executable.path,
            &info.name,
            &self.effort,
            &home,
            &self.environment,
            &self.stop,
        )?;
        let alternation = self.alternate(&target.executable, group, &info)?;
        let mut cases = Vec::with_capacity(info.cases.len());
        for (index, case) in info.cases.iter().enumerate() {
            let Some((_, time)) = times.iter().find(|(name, _)| *name == case.name) else {
                return Err(Error::Session {
                    program: info.name.clone(),
                    reason: format!("Criterion wrote no result for `{}`", case.name),
                });
            };
            cases.push(BenchCase {
                name: case.name.clone(),
                peer: case.peer,
                time: time.clone(),
                alternating_ns: alternation.median_ns(index),
                ratio: alternation.ratio_to_reference(index),
                heap: None,
                complexity: growth::fit(
                    &mut target.session,
                    group,
                    &info,
                    index,
                    self.effort.complexity,
                    &self.stop,
                )?,
            });
        }
        Ok(Bench {
            figures: alternation.figures(),
            name: info.name,
            about: info.about,
            size: info.size,
            bytes: info.bytes,
            items: info.items,
            cases,
        })
    }

    fn criterion_home(&self, target: &Target, info: &GroupInfo) -> PathBuf {
        self.output
            .join("criterion")
            .join(&target.executable.name)
            .join(info.name.replace('/', "_"))
    }

    /// The cases beside each other, in fresh processes.
    fn alternate<'g>(
        &self,
        executable: &Executable,
        group: usize,
        info: &'g GroupInfo,
    ) -> Result<Alternation<'g>, Error> {
        let processes = self.effort.comparison_processes.max(1) as u32;
        let budget = self.effort.comparison * info.cases.len() as u32 / processes;
        let mut alternation = Alternation::new(info);
        for _ in 0..processes {
            alternation.add(&mut self.start(executable)?, group, budget, &self.stop)?;
        }
        Ok(alternation)
    }
}

/// Adds the counts of one group to the cases of the same name.
fn count_heap(session: &mut Session, group: usize, results: &mut Results) -> Result<(), Error> {
    let info = session.listing.groups[group].clone();
    let Some(bench) = results
        .benches
        .iter_mut()
        .find(|bench| bench.name == info.name)
    else {
        return Ok(());
    };
    for (index, case) in info.cases.iter().enumerate() {
        if let Some(found) = bench.cases.iter_mut().find(|found| found.name == case.name) {
            found.heap = Some(session.heap(group, index, info.size)?);
        }
    }
    Ok(())
}
