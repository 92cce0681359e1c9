use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::ChangePointOptions;

mod refused;

fn machine() -> Machine {
    Machine::new("Example CPU", 2, "linux", "x86_64")
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    (folder, path)
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn run(seconds: u64, value: f64) -> HistoryRun {
    HistoryRun::new(machine())
        .with_time(at(seconds))
        .with_result(HistoryResult::new("sort", "ns", value))
}

#[test]
fn what_goes_in_comes_out() {
    let (_folder, path) = folder();
    let mut history = History::open(&path).unwrap();
    let before_1970 = UNIX_EPOCH - Duration::from_millis(1);
    let first = HistoryRun::new(machine())
        .with_time(before_1970)
        .with_commit("4f5c2d1")
        .with_result(HistoryResult::new("sort", "ns", 512.5).with_interval(500.0, 530.25))
        .with_result(HistoryResult::new("sort", "bytes", 4096.0))
        .with_result(HistoryResult::new(
            "größe \"'; DROP TABLE run",
            "ns",
            1e-300,
        ));
    let id = history.append(&first).unwrap();
    let second = history.append(&run(10, 600.0)).unwrap();
    drop(history);

    let history = History::open(&path).unwrap();
    let series = history.series(&machine().id(), "sort", "ns").unwrap();
    assert_eq!(
        (series.bench.as_str(), series.unit.as_str()),
        ("sort", "ns")
    );
    let expected = [
        HistoryPoint {
            run: id,
            time: before_1970,
            commit: Some("4f5c2d1".to_owned()),
            value: 512.5,
            interval: Some((500.0, 530.25)),
        },
        HistoryPoint {
            run: second,
            time: at(10),
            commit: None,
            value: 600.0,
            interval: None,
        },
    ];
    assert_eq!(series.points, expected);
    let names: Vec<(String, String, usize)> = history
        .benches(&machine().id())
        .unwrap()
        .into_iter()
        .map(|b| (b.bench, b.unit, b.runs))
        .collect();
    let name = |bench: &str, unit: &str, runs| (bench.to_owned(), unit.to_owned(), runs);
    assert_eq!(
        names,
        [
            name("größe \"'; DROP TABLE run", "ns", 1),
            name("sort", "bytes", 1),
            name("sort", "ns", 2)
        ]
    );
    let runs = history.runs(&machine().id(), 10).unwrap();
    assert_eq!(
        runs.iter()
            .map(|run| (run.id, run.results))
            .collect::<Vec<_>>(),
        [(second, 1), (id, 3)]
    );
    assert_eq!(history.machines().unwrap(), [machine()]);
}

#[test]
fn series_follow_time_and_keep_machines_apart() {
    let (_folder, path) = folder();
    let mut history = History::open(&path).unwrap();
    for (seconds, value) in [(30, 3.0), (10, 1.0), (20, 2.0), (20, 2.5)] {
        history.append(&run(seconds, value)).unwrap();
    }
    let other = machine().with_name("other");
    let elsewhere =
        HistoryRun::new(other.clone()).with_result(HistoryResult::new("sort", "ns", 9.0));
    history.append(&elsewhere).unwrap();
    assert_eq!(
        history
            .series(&machine().id(), "sort", "ns")
            .unwrap()
            .values(),
        [1.0, 2.0, 2.5, 3.0]
    );
    assert_eq!(
        history.series(&other.id(), "sort", "ns").unwrap().values(),
        [9.0]
    );
    assert_eq!(history.machines().unwrap().len(), 2);
}

#[test]
fn a_step_and_a_trend_are_found_in_a_series() {
    let (_folder, path) = folder();
    let mut history = History::open(&path).unwrap();
    for i in 0..20_u64 {
        let wobble = [0.0, 0.4, -0.3, 0.1, -0.2][i as usize % 5];
        history
            .append(&run(i, if i < 12 { 100.0 } else { 110.0 } + wobble))
            .unwrap();
    }
    let series = history.series(&machine().id(), "sort", "ns").unwrap();
    let found = series
        .change_points(&ChangePointOptions::default())
        .unwrap();
    assert_eq!(
        found.iter().map(|point| point.index).collect::<Vec<_>>(),
        [12]
    );
    assert!(series.trend().unwrap().low > 0.0);
    assert_eq!(
        history
            .series(&machine().id(), "sort", "bytes")
            .unwrap()
            .trend(),
        None
    );
}

#[test]
fn the_newest_results_of_each_bench_stay() {
    let (_folder, path) = folder();
    let mut history = History::open(&path)
        .unwrap()
        .with_max_runs(NonZeroUsize::new(3).unwrap());
    let rare = HistoryRun::new(machine())
        .with_time(at(0))
        .with_result(HistoryResult::new("rare", "ns", 7.0));
    history.append(&rare).unwrap();
    for i in 1..=10 {
        history.append(&run(i, i as f64)).unwrap();
    }
    assert_eq!(
        history
            .series(&machine().id(), "sort", "ns")
            .unwrap()
            .values(),
        [8.0, 9.0, 10.0]
    );
    assert_eq!(
        history
            .series(&machine().id(), "rare", "ns")
            .unwrap()
            .values(),
        [7.0]
    );
    // An old result that arrives late is beyond the bound at once.
    history.append(&run(2, 99.0)).unwrap();
    assert_eq!(
        history
            .series(&machine().id(), "sort", "ns")
            .unwrap()
            .values(),
        [8.0, 9.0, 10.0]
    );
    // Ten times as many runs as results: the bench that no longer exists leaves in the end.
    for i in 11..=60 {
        history.append(&run(i, i as f64)).unwrap();
    }
    assert_eq!(history.runs(&machine().id(), usize::MAX).unwrap().len(), 30);
    assert!(
        history
            .series(&machine().id(), "rare", "ns")
            .unwrap()
            .points
            .is_empty()
    );
}

#[test]
fn unusable_results_are_refused_and_nothing_is_added() {
    let (_folder, path) = folder();
    let mut history = History::open(&path).unwrap();
    let good = HistoryResult::new("good", "ns", 1.0);
    for (bad, reason) in [
        (HistoryResult::new("", "ns", 1.0), "it needs a name"),
        (
            HistoryResult::new("bad", "ns", f64::NAN),
            "its value and interval must be finite",
        ),
        (
            HistoryResult::new("bad", "ns", 1.0).with_interval(0.0, f64::INFINITY),
            "its value and interval must be finite",
        ),
        (
            HistoryResult::new("bad", "ns", 1.0).with_interval(2.0, 0.0),
            "its interval is reversed",
        ),
        (
            good.clone(),
            "a run holds one result for each bench and unit",
        ),
    ] {
        let error = history
            .append(
                &HistoryRun::new(machine())
                    .with_result(good.clone())
                    .with_result(bad),
            )
            .unwrap_err();
        assert!(
            matches!(error, Error::InvalidResult { reason: found, .. } if found == reason),
            "{error}"
        );
    }
    assert!(history.runs(&machine().id(), 10).unwrap().is_empty());
}

#[test]
fn writers_wait_for_each_other() {
    let (_folder, path) = folder();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            // Opening is part of the race: all four find no file.
            scope.spawn(move || {
                let mut history = History::open(path).unwrap();
                for i in 0..25 {
                    history.append(&run(i, f64::from(writer))).unwrap();
                }
            });
        }
    });
    let history = History::open(&path).unwrap();
    let values = history
        .series(&machine().id(), "sort", "ns")
        .unwrap()
        .values();
    assert_eq!(values.len(), 100);
    for writer in 0..4 {
        assert_eq!(
            values
                .iter()
                .filter(|value| **value == f64::from(writer))
                .count(),
            25
        );
    }
}

#[test]
fn a_writer_that_holds_the_file_too_long_is_reported() {
    let (_folder, path) = folder();
    let mut history = History::open(&path).unwrap();
    history
        .connection
        .busy_timeout(Duration::from_millis(1))
        .unwrap();
    let blocker = Connection::open(&path).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = history.append(&run(1, 1.0)).unwrap_err();
    assert!(matches!(error, Error::History { .. }));
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("locked")
    );
    blocker.execute_batch("ROLLBACK").unwrap();
    history.append(&run(1, 1.0)).unwrap();
}

const RESULTS_OF_A_RUN: usize = 200;

/// Not a test: the process that `a_kill_loses_no_finished_run` kills. It appends runs for ever and says so.
#[test]
#[ignore = "runs for ever; started by a_kill_loses_no_finished_run"]
fn append_for_ever() {
    let path =
        std::env::var_os("TUNEUP_HISTORY_TEST").expect("started by a_kill_loses_no_finished_run");
    let mut history = History::open(path).unwrap();
    for i in 0.. {
        let mut run = HistoryRun::new(machine()).with_time(at(i));
        for bench in 0..RESULTS_OF_A_RUN {
            run = run.with_result(HistoryResult::new(format!("bench {bench}"), "ns", i as f64));
        }
        history.append(&run).unwrap();
        println!("\nappended {i}");
    }
}

#[test]
fn a_kill_loses_no_finished_run() {
    let (_folder, path) = folder();
    let mut finished = 0;
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "history::tests::append_for_ever",
                "--ignored",
                "--nocapture",
            ])
            .env("TUNEUP_HISTORY_TEST", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Different rounds are killed at different moments of a transaction.
        let acknowledged = lines
            .map_while(Result::ok)
            .filter(|line| line.starts_with("appended"))
            .take(3 + round)
            .count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(acknowledged, 3 + round);
        let history = History::open(&path).unwrap();
        let runs = history.runs(&machine().id(), usize::MAX).unwrap();
        assert!(
            runs.len() >= finished + acknowledged,
            "{} of {}",
            runs.len(),
            finished + acknowledged
        );
        assert!(
            runs.iter().all(|run| run.results == RESULTS_OF_A_RUN),
            "a run is there in part"
        );
        finished = runs.len();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Against a plain list as the model.
    #[test]
    fn a_history_behaves_like_a_sorted_list(
        appended in prop::collection::vec((0_u64..50, 0_usize..3, -1e9_f64..1e9), 1..40),
        keep in 1_usize..8,
    ) {
        let mut history = History::open(":memory:").unwrap().with_max_runs(NonZeroUsize::new(keep).unwrap());
        // (time, order of arrival, bench, value); a run whose result was dropped has none.
        let mut model: Vec<(u64, usize, usize, Option<f64>)> = Vec::new();
        for (order, (seconds, bench, value)) in appended.into_iter().enumerate() {
            let result = HistoryResult::new(format!("bench {bench}"), "ns", value);
            history.append(&HistoryRun::new(machine()).with_time(at(seconds)).with_result(result)).unwrap();
            model.push((seconds, order, bench, Some(value)));
            model.sort_by_key(|(seconds, order, ..)| (*seconds, *order));
            let newest_first = model.iter_mut().rev().filter(|run| run.2 == bench && run.3.is_some());
            newest_first.skip(keep).for_each(|run| run.3 = None);
            let surplus = model.len().saturating_sub(keep * 10);
            model.drain(..surplus);
        }
        for bench in 0..3 {
            let series = history.series(&machine().id(), &format!("bench {bench}"), "ns").unwrap();
            let expected: Vec<f64> = model.iter().filter(|run| run.2 == bench).filter_map(|run| run.3).collect();
            prop_assert_eq!(series.values(), expected);
        }
        prop_assert_eq!(history.runs(&machine().id(), 1000).unwrap().len(), model.len());
    }
}
