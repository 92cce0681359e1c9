use std::{
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::Timers;

#[test]
fn it_has_the_value_of_the_expression() {
    let timers = Timers::new();
    assert_eq!(time!(timers, "add", 1 + 1), 2);
    assert_eq!(time!(&timers, "text", String::from("a") + "b",), "ab");
    let owned = vec![1, 2, 3];
    let moved = time!(timers, "move", owned);
    assert_eq!(moved.len(), 3);
    assert_eq!(timers.stats().len(), 3);
}

#[test]
fn question_marks_and_breaks_leave_the_function_and_the_loop() {
    fn parse(text: &str, timers: &Timers) -> Option<u64> {
        Some(time!(timers, "parse", text.parse::<u64>().ok()?) * 2)
    }
    let timers = Timers::new();
    assert_eq!(parse("21", &timers), Some(42));
    assert_eq!(parse("x", &timers), None);
    assert_eq!(timers.get("parse").map(|stats| stats.count), Some(2));
    let mut rounds = 0;
    for number in 0..10 {
        rounds += 1;
        time!(
            timers,
            "round",
            if number == 3 {
                break;
            }
        );
    }
    assert_eq!(rounds, 4);
    assert_eq!(timers.get("round").map(|stats| stats.count), Some(4));
}

#[test]
fn temporaries_live_as_long_as_without_it() {
    let timers = Timers::new();
    // This would not compile if the temporary string ended with the expression.
    assert_eq!(
        time!(timers, "borrow", String::from("abc").as_str()).len(),
        3
    );
}

#[test]
fn the_parts_are_evaluated_once_and_the_label_before_the_time() {
    static EVALUATED: AtomicU64 = AtomicU64::new(0);
    let next = || EVALUATED.fetch_add(1, Ordering::Relaxed);
    let timers = Timers::new();
    let label = || {
        assert_eq!(next(), 0);
        "label"
    };
    time!(timers, label(), assert_eq!(next(), 1));
    assert_eq!(EVALUATED.load(Ordering::Relaxed), 2);
}

/// Names the test in the process that it starts.
const CHILD: &str = "TUNEUP_TIME_CHILD";

#[test]
fn the_time_is_written_to_standard_error_in_one_line() {
    if std::env::var_os(CHILD).is_some() {
        assert_eq!(time!("build the index", 6 * 7), 42);
        assert_eq!(
            time!(format!("part {}", 2), String::from("abc").as_str()).len(),
            3
        );
        return;
    }
    let itself = std::env::current_exe().expect("the path of the test");
    let name = "time::tests::the_time_is_written_to_standard_error_in_one_line";
    let output = Command::new(itself)
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("the test runs");
    assert!(output.status.success());
    let error = String::from_utf8(output.stderr).expect("text");
    let lines: Vec<&str> = error.lines().filter(|line| line.contains(": ")).collect();
    let [first, second] = lines[..] else {
        panic!("two lines in {error:?}");
    };
    for (line, label) in [(first, "build the index"), (second, "part 2")] {
        let (found, time) = line.split_once(": ").expect("a label");
        assert_eq!(found, label);
        assert!(
            tuneup_measure::parse_duration(time).is_ok(),
            "{time:?} is a time"
        );
    }
}
