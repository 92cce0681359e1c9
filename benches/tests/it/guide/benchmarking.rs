//! `docs/src/guide/benchmarking.md`.

use tuneup_benchmarking::harness::{Class, Suite};
use tuneup_benchmarking::{
    Comparison, Complexity, Error, Measurement, Outcome, Throughput, Timeit, Verdict, complexity,
};

// ANCHOR: timeit
fn how_long() -> Measurement {
    let numbers: Vec<u64> = (0..10_000).collect();
    Timeit::new("sum of ten thousand")
        .throughput(Throughput::Items(10_000))
        .run(|| numbers.iter().sum::<u64>())
}
// ANCHOR_END: timeit

#[test]
fn a_measurement_has_an_interval_and_a_rate() {
    let measured = how_long();
    let (time, summary) = (measured.median_ns, &measured.summary);
    assert_eq!(time.estimate, summary.median);
    assert!(0.0 < summary.min && summary.min <= time.low, "{measured:?}");
    assert!(time.low <= time.estimate && time.estimate <= time.high);
    assert!(time.high <= summary.max, "{measured:?}");
    // Ten thousand items in so many nanoseconds.
    let per_second = measured.per_second().unwrap();
    assert!((per_second * time.estimate / 1e13 - 1.0).abs() < 1e-12);
}

// ANCHOR: comparison
fn which_is_faster(text: &str) -> Result<Outcome, Error> {
    Comparison::new("count the words")
        .input(text)
        .case("collect", |text| {
            text.split_whitespace().collect::<Vec<_>>().len()
        })
        .case("count", |text| text.split_whitespace().count())
        .run()
}
// ANCHOR_END: comparison

#[test]
fn a_comparison_says_in_a_sentence_what_its_ratio_is() {
    let outcome = which_is_faster(&"the quick brown fox ".repeat(50)).unwrap();
    let [collect, count] = &outcome.cases[..] else {
        panic!("{outcome:?}");
    };
    assert_eq!((&*collect.name, &*count.name), ("collect", "count"));
    assert_eq!((collect.ratio.low, collect.ratio.high), (1.0, 1.0));
    let ratio = &count.ratio;
    assert!(0.0 < ratio.low && ratio.low <= ratio.estimate);
    assert!(ratio.estimate <= ratio.high && ratio.high.is_finite());

    // Which of the four it is, the machine decides; that it fits the ratio, it does not.
    let sentence = outcome.sentence();
    let (start, fits) = match count.verdict {
        Verdict::Faster => ("`count` is ", ratio.high < 1.0),
        Verdict::Slower => ("`collect` wins; the next, `count`, takes ", ratio.low > 1.0),
        Verdict::Same => (
            "No winner beside `collect`: `count` takes the same time within ",
            (0.9..1.1).contains(&ratio.low) && (0.9..1.1).contains(&ratio.high),
        ),
        _ => (
            "No winner beside `collect`: `count` is undecided (below ",
            ratio.low < ratio.high,
        ),
    };
    assert!(
        fits && sentence.starts_with(start) && sentence.ends_with('.'),
        "{sentence}"
    );
    let fastest = if ratio.estimate < 1.0 {
        "count"
    } else {
        "collect"
    };
    assert_eq!(outcome.winner().name, fastest);
}

#[test]
fn a_comparison_of_different_answers_is_refused() {
    let refused = Comparison::new("count the words")
        .input("one two")
        .case("words", |text: &&str| text.split(' ').count())
        .case("bytes", |text| text.len())
        .run();
    assert!(matches!(refused, Err(Error::AnswersDiffer { .. })));
}

// ANCHOR: complexity
fn how_does_it_grow() -> Result<Complexity, Error> {
    complexity(
        &[64, 128, 256, 512, 1_024, 2_048, 4_096],
        |n| (0..n as u32).collect::<Vec<_>>(),
        |numbers| (1..numbers.len()).any(|i| numbers[..i].contains(&numbers[i])),
    )
}
// ANCHOR_END: complexity

#[test]
fn a_fit_has_a_point_for_each_size() {
    let found = how_does_it_grow().unwrap();
    assert_eq!(found.points.len() + found.left_out.len(), 7);
    assert!(found.exponent.low <= found.exponent.high);
}

// ANCHOR: harness
fn register(suite: &mut Suite) {
    suite
        .group("numbers/reverse")
        .about("the same numbers the other way round")
        .size(1_024)
        .sizes(&[64, 256, 1_024, 4_096])
        .elements(|n| n as u64)
        .input(|n| (0..n as u32).collect::<Vec<_>>())
        .case("insert at the front", |numbers: &Vec<u32>| {
            let mut reversed = Vec::new();
            for number in numbers {
                reversed.insert(0, *number);
            }
            reversed
        })
        .class(Class::Quadratic)
        .case("rev", |numbers: &Vec<u32>| {
            numbers.iter().rev().copied().collect()
        })
        .class(Class::Linear)
        .finish();
}
// ANCHOR_END: harness

#[test]
fn a_group_is_registered_with_its_claims() {
    let mut suite = Suite::new();
    register(&mut suite);
    let group = suite.groups().next().unwrap();
    let claims: Vec<_> = group
        .cases
        .iter()
        .map(|case| case.class.as_deref())
        .collect();
    assert_eq!(claims, [Some("O(n²)"), Some("O(n)")]);
}
