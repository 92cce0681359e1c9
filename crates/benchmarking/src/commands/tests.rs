//! What is said of an outcome that is known.

use tuneup_report::Terminal;

use super::*;
use crate::Ratio;

fn result(command: &str, median_ns: f64, low: f64, estimate: f64, high: f64) -> CommandResult {
    let ratio = Ratio {
        estimate,
        low,
        high,
        confidence: 0.99,
        rounds: 10,
    };
    CommandResult {
        command: command.to_owned(),
        uses_shell: command.contains('|'),
        wall_ns: vec![median_ns; 20],
        median_ns,
        spread: 0.012,
        user: Duration::from_micros(1_500),
        system: Duration::from_micros(300),
        peak_bytes: 3 << 20,
        is_peak_a_bound: command == "true",
        verdict: ratio.verdict(0.01),
        ratio,
    }
}

fn outcome(commands: Vec<CommandResult>) -> CommandOutcome {
    CommandOutcome {
        threshold: 0.01,
        commands,
    }
}

#[test]
fn one_command_has_nobody_beside_it() {
    let outcome = outcome(vec![result("make", 12.5e6, 1.0, 1.0, 1.0)]);
    assert_eq!(
        outcome.sentence(),
        "`make` takes 12.50 ms (± 1.2 % from run to run)."
    );
    let table = outcome.table().render(&Terminal::plain(100));
    assert!(!table.contains("verdict"), "{table}");
}

#[test]
fn a_command_beside_itself_is_named_by_its_number() {
    let outcome = outcome(vec![
        result("sort x", 5e6, 1.0, 1.0, 1.0),
        result("sort x", 5e6, 0.999, 1.001, 1.003),
        result("sort x", 4e6, 0.79, 0.8, 0.81),
    ]);
    assert_eq!(
        outcome.sentence(),
        "`sort x (3)` is 1.25 times as fast as `sort x` (between 1.23 and 1.27, 99 % confidence)."
    );
    let table = outcome.table().render(&Terminal::plain(100));
    for name in ["sort x (2)", "same", "faster", "reference"] {
        assert!(table.contains(name), "{name} in {table}");
    }
}

#[test]
fn notes_say_what_is_in_a_number() {
    let shown = |commands| outcome(commands).table().render(&Terminal::plain(200));
    let quiet = shown(vec![result("make", 1e6, 1.0, 1.0, 1.0)]);
    assert!(
        !quiet.contains("shell") && !quiet.contains("bound"),
        "{quiet}"
    );
    let noted = shown(vec![
        result("true", 1e6, 1.0, 1.0, 1.0),
        result("a | b", 2e6, 1.9, 2.0, 2.1),
    ]);
    assert!(noted.contains("includes a shell's"), "{noted}");
    assert!(
        noted.contains("the peak of `true` is an upper bound"),
        "{noted}"
    );
}
