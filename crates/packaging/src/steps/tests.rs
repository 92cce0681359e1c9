use std::{cell::Cell, sync::Mutex};

use tempfile::TempDir;

use super::*;

/// A clock by which each look takes a second.
#[derive(Default)]
struct Ticking(Mutex<u64>);

impl Clock for Ticking {
    fn now(&self) -> SystemTime {
        let mut seconds = self.0.lock().unwrap();
        *seconds += 1;
        SystemTime::UNIX_EPOCH + Duration::from_secs(*seconds)
    }

    fn sleep(&self, _: Duration) {}
}

fn builder(folder: &TempDir, subject: &str) -> StepsBuilder {
    StepsBuilder::new(folder.path().join("kept/state.json"), subject)
        .step("plan", "what is released")
        .step("pack", "the archive")
        .optional_step("extra", "something more")
        .step("prove", "that it works")
}

/// How often each step has run, and whether the last one fails.
#[derive(Default)]
struct World {
    plan: Cell<usize>,
    pack: Cell<usize>,
    extra: Cell<usize>,
    prove: Cell<usize>,
    is_broken: Cell<bool>,
}

impl World {
    fn runs(&self) -> [usize; 4] {
        [&self.plan, &self.pack, &self.extra, &self.prove].map(Cell::get)
    }

    fn run(&self, folder: &TempDir, builder: StepsBuilder) -> Result<StepsReport, Error> {
        let clock = Ticking::default();
        let mut steps = builder.build(&clock, |_| {})?;
        let outcome = self.run_steps(folder, &mut steps);
        let report = steps.report().clone();
        outcome.map(|()| report)
    }

    fn run_steps(&self, folder: &TempDir, steps: &mut Steps<'_>) -> Result<(), Error> {
        let count = |cell: &Cell<usize>| cell.set(cell.get() + 1);
        let archive = folder.path().join("archive");
        let version: String = steps.run("plan", || {
            count(&self.plan);
            Ok(Made::of("1.2.3".to_owned()))
        })?;
        assert_eq!(version, "1.2.3");
        steps.run("pack", || {
            count(&self.pack);
            fs::write(&archive, &version)?;
            Ok(Made::of(()).with_file(&archive))
        })?;
        steps.run_optional("extra", || {
            count(&self.extra);
            Ok(Made::of(7))
        })?;
        steps.run("prove", || {
            count(&self.prove);
            match self.is_broken.get() {
                true => Err("it does not start".into()),
                false => Ok(Made::of(())),
            }
        })
    }
}

#[test]
fn a_failing_step_stops_and_a_run_that_resumes_begins_with_it() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    world.is_broken.set(true);
    let error = world.run(&folder, builder(&folder, "a")).unwrap_err();
    assert_eq!(error.to_string(), "the step `prove` has failed");
    assert_eq!(error.source().unwrap().to_string(), "it does not start");
    world.is_broken.set(false);
    let report = world
        .run(&folder, builder(&folder, "a").resume(true))
        .unwrap();
    assert_eq!(world.runs(), [1, 1, 1, 2]);
    let outcomes: Vec<StepOutcome> = report.steps.iter().map(|step| step.outcome).collect();
    use StepOutcome::{Done, DoneBefore};
    assert_eq!(outcomes, [DoneBefore, DoneBefore, DoneBefore, Done]);
    assert_eq!(report.steps[1].files[0].size_bytes, 5);
    assert_eq!(report.steps[3].time, Duration::from_secs(1));
    // Without resuming, all is done again.
    world.run(&folder, builder(&folder, "a")).unwrap();
    assert_eq!(world.runs(), [2, 2, 2, 3]);
}

#[test]
fn what_was_done_for_something_else_is_not_gone_on_with() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    let resume = |subject| world.run(&folder, builder(&folder, subject).resume(true));
    let error = resume("a").unwrap_err().to_string();
    assert!(error.contains("no run was stopped"), "{error}");
    world.run(&folder, builder(&folder, "a")).unwrap();
    let error = resume("b").unwrap_err().to_string();
    assert!(error.contains("it was for a, and this is b"), "{error}");
    let state = folder.path().join("kept/state.json");
    let text = fs::read(&state).unwrap();
    for len in 0..text.len() {
        fs::write(&state, &text[..len]).unwrap();
        let error = resume("a").unwrap_err().to_string();
        assert!(error.contains("it is damaged"), "{len}: {error}");
    }
}

#[test]
fn a_file_that_has_changed_since_stops_and_one_that_is_gone_is_made_again() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    world.run(&folder, builder(&folder, "a")).unwrap();
    let archive = folder.path().join("archive");
    fs::write(&archive, "3.2.1").unwrap();
    let error = world
        .run(&folder, builder(&folder, "a").resume(true))
        .unwrap_err();
    assert!(
        matches!(&error, Error::MadeFileChanged { step, .. } if step == "pack"),
        "{error}"
    );
    fs::remove_file(&archive).unwrap();
    world
        .run(&folder, builder(&folder, "a").resume(true))
        .unwrap();
    // All that came after it goes by what it made.
    assert_eq!(world.runs(), [1, 2, 2, 2]);
}

#[test]
fn only_what_nobody_needs_is_skipped() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    let skip = |name: &str| builder(&folder, "a").skip([name.to_owned()]);
    let report = world.run(&folder, skip("extra")).unwrap();
    assert_eq!(report.steps[2].outcome, StepOutcome::Skipped);
    assert_eq!(world.runs(), [1, 1, 0, 1]);
    let error = world.run(&folder, skip("pack")).unwrap_err().to_string();
    assert!(error.contains("others need"), "{error}");
    let error = world.run(&folder, skip("pakc")).unwrap_err().to_string();
    assert!(error.contains("there are: extra"), "{error}");
    // Skipped now, and wanted later.
    world
        .run(&folder, builder(&folder, "a").resume(true))
        .unwrap();
    assert_eq!(world.runs(), [1, 1, 1, 2]);
}

#[test]
fn a_step_that_does_not_leave_its_file_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Ticking::default();
    let mut steps = builder(&folder, "a").build(&clock, |_| {}).unwrap();
    let nowhere = folder.path().join("nowhere");
    let made = steps.run("plan", || Ok(Made::of(()).with_file(&nowhere)));
    assert!(matches!(made, Err(Error::StepFailed { .. })));
    let error = steps.report().steps[0].error.as_deref().unwrap();
    assert!(error.contains("nowhere"), "{error}");
}

#[test]
fn each_step_is_told_of_as_it_goes() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    let clock = Ticking::default();
    let mut told = Vec::new();
    let observer = |event: StepEvent<'_>| match event {
        StepEvent::Begun {
            index, count, name, ..
        } => told.push(format!("{} of {count}: {name}", index + 1)),
        StepEvent::Ended(report) => told.push(format!("{}: {:?}", report.name, report.outcome)),
    };
    let mut steps = builder(&folder, "a").build(&clock, observer).unwrap();
    world.run_steps(&folder, &mut steps).unwrap();
    drop(steps);
    assert_eq!(told[..2], ["1 of 4: plan", "plan: Done"]);
    assert_eq!(told.len(), 8);
}
