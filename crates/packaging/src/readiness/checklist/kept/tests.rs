use std::path::Path;

use super::super::{Check, Readiness, ReadinessReport, State};
use crate::Area;

/// How often each check of a list has run: one of the contents, one of anything else, and one that fails.
fn run_kept(file: &Path, contents: &str, line: &str) -> ([u32; 3], ReadinessReport) {
    let counts = [const { std::cell::Cell::new(0) }; 3];
    let counted = |index: usize, id: &str, state: State| {
        let count = &counts[index];
        Check::new(id, Area::Tests, "something is so", line, move |_| {
            count.set(count.get() + 1);
            Ok(state.clone())
        })
    };
    let list = Readiness::builder(Path::new("."))
        .check(counted(0, "tests", State::pass("3 tests")).of_contents())
        .check(counted(1, "weather", State::pass("dry")))
        .check(counted(2, "lints", State::fail("one", "mend it")).of_contents())
        .keep(file, || Some(contents.to_owned()))
        .build()
        .unwrap();
    let report = list.run();
    drop(list);
    (counts.map(|count| count.get()), report)
}

#[test]
fn what_has_passed_for_the_same_contents_is_not_run_again_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/passed.json");
    let (counts, first) = run_kept(&file, "tree 1", "true");
    assert_eq!(counts, [1, 1, 1]);
    assert_eq!(first.checks[0].passed_before, None);
    let (counts, second) = run_kept(&file, "tree 1", "true");
    assert_eq!(counts, [0, 1, 1]);
    let time = second.checks[0].passed_before.clone().unwrap();
    assert!(time.ends_with(" UTC"), "{time}");
    assert!(
        second
            .table()
            .to_string()
            .contains(&format!("3 tests (the same contents, {time})")),
        "{}",
        second.table()
    );
    assert_eq!(second.total(), first.total());
    // It stays of the time at which it ran.
    let (_, third) = run_kept(&file, "tree 1", "true");
    assert_eq!(third.checks[0].passed_before, Some(time));
    // Another command, other contents, and a file that is none.
    assert_eq!(run_kept(&file, "tree 1", "false").0, [1, 1, 1]);
    assert_eq!(run_kept(&file, "tree 2", "false").0, [1, 1, 1]);
    assert_eq!(run_kept(&file, "tree 1", "false").0, [1, 1, 1]);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("tree 2"));
    std::fs::write(&file, "no JSON").unwrap();
    assert_eq!(run_kept(&file, "tree 1", "false").0, [1, 1, 1]);
    assert_eq!(run_kept(&file, "tree 1", "false").0, [0, 1, 1]);
}

#[test]
fn without_a_place_to_keep_it_everything_runs() {
    let folder = tempfile::tempdir().unwrap();
    // A folder where the file should be.
    for _ in 0..2 {
        assert_eq!(run_kept(folder.path(), "tree 1", "true").0, [1, 1, 1]);
    }
}

/// How often a check has run that may fail or not look at everything, and whether it was to run again.
fn run_one(file: &Path, passes: bool, is_partial: bool, is_again: bool) -> bool {
    let ran = std::cell::Cell::new(false);
    let check = Check::new("tests", Area::Tests, "something is so", "true", |context| {
        ran.set(true);
        if is_partial {
            context.mark_partial();
        }
        Ok(match passes {
            true => State::pass("3 tests"),
            false => State::fail("1 failed", "mend it"),
        })
    });
    let list = Readiness::builder(Path::new("."))
        .check(check.of_contents())
        .keep(file, || Some("tree 1".to_owned()));
    let list = if is_again { list.again() } else { list };
    let _ = list.build().unwrap().run();
    ran.get()
}

#[test]
fn a_failure_takes_back_what_had_passed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passed.json");
    assert!(run_one(&file, true, false, false));
    assert!(!run_one(&file, true, false, false));
    assert!(run_one(&file, false, false, true));
    assert!(run_one(&file, true, false, false));
    assert!(!run_one(&file, true, false, false));
}

#[test]
fn what_has_not_looked_at_everything_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passed.json");
    assert!(run_one(&file, true, true, false));
    assert!(run_one(&file, true, false, false));
}

#[test]
fn contents_that_change_meanwhile_are_not_what_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passed.json");
    let contents = std::cell::RefCell::new(Some("tree 1".to_owned()));
    let ran = std::cell::Cell::new(0);
    let run = |change: Option<&str>| {
        let check = Check::new("tests", Area::Tests, "something is so", "true", |_| {
            ran.set(ran.get() + 1);
            if let Some(other) = change {
                *contents.borrow_mut() = Some(other.to_owned());
            }
            Ok(State::pass("3 tests"))
        });
        let list = Readiness::builder(Path::new("."))
            .check(check.of_contents())
            .keep(&file, || contents.borrow().clone());
        let _ = list.build().unwrap().run();
    };
    run(Some("tree 2"));
    *contents.borrow_mut() = Some("tree 1".to_owned());
    run(None);
    assert_eq!(ran.get(), 2);
    // Nobody knows what is there: it runs, and nothing is kept of it.
    *contents.borrow_mut() = None;
    run(None);
    *contents.borrow_mut() = Some("tree 1".to_owned());
    run(None);
    assert_eq!(ran.get(), 3);
}
