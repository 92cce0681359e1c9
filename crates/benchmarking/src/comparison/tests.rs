//! What is refused before timing, and what is said of an outcome that is known.

use std::cell::Cell as Counter;

use tuneup_report::Terminal;

use super::*;
use crate::{Ratio, Verdict};

/// Measures for so short a time that only the fewest rounds are run.
fn hasty(name: &str) -> Comparison {
    Comparison::new(name).budget(Duration::ZERO)
}

fn case(name: &str, median_ns: f64, low: f64, estimate: f64, high: f64) -> CaseResult {
    let ratio = Ratio {
        estimate,
        low,
        high,
        confidence: 0.99,
        rounds: 15,
    };
    CaseResult {
        name: name.to_owned(),
        samples_ns: vec![median_ns; 15],
        median_ns,
        iterations: 100,
        verdict: ratio.verdict(0.01),
        ratio,
    }
}

fn outcome(rivals: &[CaseResult]) -> Outcome {
    let mut cases = vec![case("naive", 1_200.0, 1.0, 1.0, 1.0)];
    cases.extend_from_slice(rivals);
    Outcome {
        name: "word count".to_owned(),
        threshold: 0.01,
        throughput: None,
        cases,
    }
}

#[test]
fn answers_that_differ_are_named_and_nothing_is_timed() {
    let calls = [const { Counter::new(0) }; 3];
    let count = |index: usize, answer: u32| {
        let calls = &calls;
        move |_: &u32| {
            calls[index].set(calls[index].get() + 1);
            answer
        }
    };
    let error = Comparison::new("sums")
        .input(5_u32)
        .case("first", count(0, 15))
        .case("second", count(1, 16))
        .case("third", count(2, 15))
        .run()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`second` and `first` answer differently in `sums`: 16 against 15; \
         make them agree before comparing their speed"
    );
    assert_eq!(calls.map(|calls| calls.get()), [1, 1, 0]);
}

#[test]
fn a_long_answer_is_shortened_in_the_error() {
    let error = Comparison::new("texts")
        .input(())
        .case("a", |()| "é".repeat(300))
        .case("b", |()| String::new())
        .run()
        .unwrap_err();
    let Error::AnswersDiffer { left, right, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(left, "\"\"");
    // The quotes of the Debug text are counted too.
    assert_eq!(right, format!("\"{}… (602 bytes)", "é".repeat(199)));
}

#[test]
fn one_case_is_no_comparison() {
    let none: Cases<'_, (), ()> = Comparison::new("alone").input(());
    assert!(matches!(
        none.run(),
        Err(Error::TooFewCases { found: 0, .. })
    ));
    let called = Counter::new(false);
    let error = Comparison::new("alone")
        .input(())
        .case("only", |()| called.set(true))
        .run()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "comparison `alone` has 1 case(s); add at least two with `.case(name, f)`"
    );
    assert!(!called.get());
}

#[test]
fn a_name_that_is_used_twice_is_refused() {
    let called = Counter::new(false);
    let error = Comparison::new("twins")
        .input(())
        .case("a", |()| called.set(true))
        .case("b", |()| called.set(true))
        .case("a", |()| called.set(true))
        .run()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the name `a` is used twice; give every case a name of its own"
    );
    assert!(!called.get());
}

#[test]
fn an_input_and_the_answers_may_be_borrowed() {
    let text = String::from("one two three");
    let outcome = hasty("last word")
        .input(text.as_str())
        .case("split", |text: &&str| text.split(' ').next_back())
        .case("search", |text: &&str| {
            text.rfind(' ').map(|at| &text[at + 1..])
        })
        .run()
        .unwrap();
    assert_eq!(outcome.cases.len(), 2);
}

#[test]
fn a_case_may_change_what_it_captured() {
    let mut buffer = Vec::new();
    let outcome = hasty("sum of squares")
        .input(10_u64)
        .case("with a buffer", |&n: &u64| {
            buffer.clear();
            buffer.extend((0..n).map(|i| i * i));
            buffer.iter().sum::<u64>()
        })
        .case("without", |&n: &u64| (0..n).map(|i| i * i).sum())
        .run()
        .unwrap();
    assert_eq!(outcome.cases[1].name, "without");
    assert_eq!(buffer.len(), 10);
}

#[test]
fn every_round_leaves_a_sample_of_every_case() {
    let outcome = hasty("rounds")
        .seed(3)
        .confidence(0.9)
        .throughput(Throughput::Items(7))
        .input(100_u64)
        .case("a", |&n: &u64| (0..n).sum::<u64>())
        .case("b", |&n: &u64| (0..n).rev().sum())
        .run()
        .unwrap();
    assert_eq!(outcome.throughput, Some(Throughput::Items(7)));
    for case in &outcome.cases {
        assert_eq!((case.samples_ns.len(), case.ratio.rounds), (15, 15));
        assert_eq!(case.ratio.confidence, 0.9);
        assert!(case.iterations >= 1);
        assert_eq!(
            case.median_ns,
            tuneup_measure::median(&case.samples_ns).unwrap()
        );
    }
    let reference = &outcome.cases[0].ratio;
    assert_eq!(
        (reference.low, reference.estimate, reference.high),
        (1.0, 1.0, 1.0)
    );
}

#[test]
fn a_budget_without_end_ends_with_the_precision_or_the_most_rounds() {
    let outcome = Comparison::new("endless")
        .budget(Duration::MAX)
        .input(100_u64)
        .case("a", |&n: &u64| spin(n))
        .case("b", |&n: &u64| spin(n))
        .case("c", |&n: &u64| spin(n))
        .run()
        .unwrap();
    assert!((15..=400).contains(&outcome.cases[0].ratio.rounds));
}

#[test]
fn a_case_that_does_a_hundred_times_as_much_is_slower() {
    let outcome = hasty("planted")
        .input(200_u64)
        .case("once", |&n: &u64| spin(n))
        .case("hundredfold", |&n: &u64| {
            (1..100).for_each(|_| {
                spin(n);
            });
            spin(n)
        })
        .run()
        .unwrap();
    assert_eq!(outcome.cases[1].verdict, Verdict::Slower);
    assert_eq!(outcome.winner().name, "once");
}

fn spin(n: u64) -> u64 {
    (0..n).fold(1, |x, _| black_box(x))
}

#[cfg(feature = "async")]
#[test]
fn futures_are_compared_with_functions() {
    let polls = Counter::new(0_u64);
    let outcome = hasty("ready")
        .input(2_u32)
        .case("function", |&n: &u32| n + 1)
        .case_async("future", async |&n: &u32| {
            pause(&polls).await;
            n + 1
        })
        .run()
        .unwrap();
    assert_eq!(outcome.cases[1].name, "future");
    // Every call was polled to its end: one that was dropped after its first poll would have been polled once.
    assert!(polls.get() > 0 && polls.get().is_multiple_of(2));

    let error = Comparison::new("ready")
        .input(2_u32)
        .case_async("right", async |&n: &u32| n + 1)
        .case_async("wrong", async |&n: &u32| n)
        .run()
        .unwrap_err();
    assert!(matches!(error, Error::AnswersDiffer { case, .. } if case == "wrong"));
}

/// Is ready when it is polled for the second time.
#[cfg(feature = "async")]
async fn pause(polls: &Counter<u64>) {
    let mut first = true;
    std::future::poll_fn(|context| {
        polls.set(polls.get() + 1);
        if std::mem::take(&mut first) {
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
}

#[test]
fn the_winner_is_the_fastest() {
    let outcome = outcome(&[
        case("borrowed", 400.0, 0.32, 0.333, 0.34),
        case("counted", 300.0, 0.24, 0.25, 0.26),
    ]);
    assert_eq!(outcome.winner().name, "counted");
    assert_eq!(
        outcome.sentence(),
        "`counted` is 4.00 times as fast as `naive` (between 3.85 and 4.17, 99 % confidence)."
    );
}

#[test]
fn whoever_is_as_fast_as_the_winner_is_named() {
    let outcome = outcome(&[
        case("counted", 300.0, 0.249, 0.25, 0.251),
        case("bytes", 301.0, 0.250, 0.2505, 0.252),
    ]);
    assert_eq!(
        outcome.sentence(),
        "`counted` is 4.00 times as fast as `naive` (between 3.98 and 4.02, 99 % confidence); `bytes` is as fast."
    );
}

#[test]
fn nobody_is_called_as_fast_who_may_be_slower_than_the_reference() {
    let outcome = outcome(&[
        case("counted", 1_150.0, 0.95, 0.96, 0.97),
        case("noisy", 1_151.0, 0.7, 0.961, 1.3),
        case("slower", 1_170.0, 0.97, 0.98, 0.99),
        case("bytes", 1_150.0, 0.95, 0.96, 0.97),
        case("words", 1_155.0, 0.95, 0.965, 0.97),
    ]);
    assert_eq!(
        outcome.sentence(),
        "`counted` is 1.04 times as fast as `naive` (between 1.03 and 1.05, 99 % confidence); `bytes`, `words` are as fast."
    );
}

#[test]
fn the_reference_wins_when_all_others_are_slower() {
    let outcome = outcome(&[
        case("boxed", 2_400.0, 1.9, 2.0, 2.1),
        case("cloned", 1_800.0, 1.4, 1.5, 1.6),
    ]);
    assert_eq!(
        outcome.sentence(),
        "`naive` wins; the next, `cloned`, takes 1.50 times as long (between 1.40 and 1.60, 99 % confidence)."
    );
}

#[test]
fn nobody_wins_beside_an_equal() {
    let outcome = outcome(&[
        case("equal", 1_200.0, 0.996, 1.0, 1.004),
        case("slower", 1_500.0, 1.2, 1.25, 1.3),
        case("noisy", 1_250.0, 0.9, 1.05, 1.2),
    ]);
    assert_eq!(
        outcome.sentence(),
        "No winner beside `naive`: `equal` takes the same time within 0.40 %, `noisy` is undecided (below 15.00 % nothing could be seen)."
    );
}

#[test]
fn a_certain_winner_is_named_beside_an_uncertain_one_with_a_smaller_estimate() {
    let outcome = outcome(&[
        case("noisy", 960.0, 0.5, 0.8, 1.3),
        case("steady", 1_080.0, 0.89, 0.9, 0.91),
    ]);
    assert_eq!(
        outcome.sentence(),
        "`steady` is 1.11 times as fast as `naive` (between 1.10 and 1.12, 99 % confidence)."
    );
}

#[test]
fn the_table_has_a_row_for_each_case() {
    let outcome = outcome(&[
        case("borrowed", 400.0, 0.32, 0.333, 0.34),
        case("boxed", 2_400.0, 1.9, 2.0, 2.1),
    ]);
    assert_eq!(
        outcome.to_string(),
        "\
word count

case          time  ratio     interval  verdict
─────────────────────────────────────────────────
naive     1.200 µs  1.00×            –  reference
borrowed  400.0 ns  0.33×  0.320–0.340  faster
boxed     2.400 µs  2.00×  1.900–2.100  slower

`borrowed` is 3.00 times as fast as `naive` (between 2.94 and 3.12, 99 % confidence)."
    );
}

#[test]
fn a_throughput_adds_the_rates() {
    let mut outcome = outcome(&[case("counted", 300.0, 0.24, 0.25, 0.26)]);
    outcome.throughput = Some(Throughput::Bytes(3_000));
    assert_eq!(
        outcome.table().render(&Terminal::plain(100)),
        "\
word count

case         time  ratio     interval  verdict          rate
────────────────────────────────────────────────────────────
naive    1.200 µs  1.00×            –  reference  2.33 GiB/s
counted  300.0 ns  0.25×  0.240–0.260  faster     9.31 GiB/s
"
    );
    outcome.throughput = Some(Throughput::Items(12));
    let table = outcome.table().render(&Terminal::plain(100));
    assert!(table.contains("reference  10 M/s\n"), "{table}");
    assert!(table.contains("faster     40 M/s\n"), "{table}");
}

#[test]
#[should_panic(expected = "a confidence lies above 0 and below 1")]
fn a_confidence_in_per_cent_is_refused() {
    let _ = Comparison::new("x").confidence(99.0);
}

#[test]
#[should_panic(expected = "a threshold is a share of 0 or more, for example 0.01; this is -0.5")]
fn a_negative_threshold_is_refused() {
    let _ = Comparison::new("a").threshold(-0.5);
}
