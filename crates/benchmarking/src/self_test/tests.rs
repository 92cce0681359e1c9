//! What counts as passed; running it is for `--self-test`.

use tuneup_report::Terminal;

use super::*;

fn found(same_wrong: usize, planted_found: usize, ratio_error_rms: f64) -> SelfTest {
    let class = |name, found| ClassCheck {
        name,
        expected: ComplexityClass::Linear,
        found,
        confidence: 0.95,
    };
    SelfTest {
        same: 200,
        same_wrong,
        ratio_error_rms,
        ratio_error_worst: 0.02,
        planted: 100,
        planted_found,
        classes: vec![class("sum", ComplexityClass::Linear)],
    }
}

#[test]
fn every_check_has_to_be_kept() {
    assert!(found(0, 100, 0.0).is_passed());
    assert!(found(4, 95, 0.005).is_passed());
    assert!(!found(5, 95, 0.005).is_passed());
    assert!(!found(4, 94, 0.005).is_passed());
    assert!(!found(4, 95, 0.0051).is_passed());
    assert!(!found(4, 95, f64::NAN).is_passed());
    let mut wrong_class = found(0, 100, 0.0);
    wrong_class.classes[0].found = ComplexityClass::Quadratic;
    assert!(!wrong_class.is_passed());
}

#[test]
fn the_table_says_what_was_asked_and_found() {
    let text = found(5, 95, 0.0012).table().render(&Terminal::plain(100));
    assert_eq!(
        text,
        "\
check                                                                   found   wanted  kept
────────────────────────────────────────────────────────────────────────────────────────────
wrong verdicts in 200 comparisons of a function with itself                 5      ≤ 4  NO
error of the ratio, rms (worst 2.00 %)                                0.120 %  ≤ 0.5 %  yes
slowdowns of 3 % found among 100                                           95     ≥ 95  yes
complexity of: sum                                           O(n) (95 % sure)     O(n)  yes
"
    );
}

#[test]
fn the_workloads_do_what_is_planted() {
    // 3 % of 2000 steps: exactly 60 more.
    let steps = std::cell::Cell::new(0);
    let outcome = pair(
        Comparison::new("steps").budget(Duration::ZERO),
        2_000,
        PLANTED,
        |n| steps.set(steps.get().max(n)),
    );
    assert!(outcome.is_ok());
    assert_eq!(steps.get(), 2_060);
}

#[test]
fn without_comparisons_nothing_is_wrong() {
    let none = SelfTest {
        same: 0,
        planted: 0,
        ..found(0, 0, 0.0)
    };
    assert!(none.is_passed());
}
