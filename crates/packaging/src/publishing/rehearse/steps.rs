//! Takes down the steps of a rehearsal, with their times.

use super::report::{RehearsalCheck, RehearsalOutcome, RehearsalProgress, RehearsalStep};
use crate::{Clock, Error};

/// The steps so far.
pub(super) struct Steps<'a> {
    clock: &'a dyn Clock,
    progress: &'a dyn Fn(&RehearsalProgress<'_>),
    steps: Vec<RehearsalStep>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(clock: &'a dyn Clock, progress: &'a dyn Fn(&RehearsalProgress<'_>)) -> Self {
        Self {
            clock,
            progress,
            steps: Vec::new(),
        }
    }

    /// Takes one. An error is none of the step: the rehearsal cannot go on.
    pub(super) fn run(
        &mut self,
        package: &str,
        check: RehearsalCheck,
        step: impl FnOnce() -> Result<RehearsalOutcome, Error>,
    ) -> Result<(), Error> {
        (self.progress)(&RehearsalProgress::Began {
            package,
            check: &check,
        });
        let begun = self.clock.now();
        let outcome = step()?;
        let took = self.clock.now().duration_since(begun).unwrap_or_default();
        self.take_down(RehearsalStep {
            package: package.to_owned(),
            check,
            outcome,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
        Ok(())
    }

    pub(super) fn skip(&mut self, package: &str, check: RehearsalCheck, reason: &str) {
        self.take_down(RehearsalStep {
            package: package.to_owned(),
            check,
            outcome: RehearsalOutcome::skipped(reason),
            took_ms: 0,
        });
    }

    fn take_down(&mut self, step: RehearsalStep) {
        (self.progress)(&RehearsalProgress::Ended(&step));
        self.steps.push(step);
    }

    pub(super) fn is_all_right(&self) -> bool {
        let mut steps = self.steps.iter();
        !steps.any(|step| matches!(step.outcome, RehearsalOutcome::Failed { .. }))
    }

    pub(super) fn done(self) -> Vec<RehearsalStep> {
        self.steps
    }
}
