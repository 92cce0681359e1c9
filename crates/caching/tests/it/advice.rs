//! Advice for the shared traces, and for traffic whose answer is known.

use std::time::Duration;

use tuneup_caching::{
    Advice, Advisor, AdvisorBuilder, MissRatioCurve, Policy, Replacement, Trace, advice, simulate,
};

use crate::shared_traces;

const HIT: Duration = Duration::from_nanos(100);
const MISS: Duration = Duration::from_micros(100);

fn advise(builder: AdvisorBuilder<'_>) -> Advice {
    builder
        .hit_cost(HIT)
        .miss_cost(MISS)
        .build()
        .unwrap()
        .advise()
}

/// A loop over 5000 keys, and ten keys that come again and again.
fn loop_with_favourites() -> Trace {
    let favourite = |request: u64| 1_000_000 + request / 2 % 10;
    let keys = (0..100_000).map(|request| match request % 2 {
        0 => favourite(request),
        _ => request / 2 % 5000,
    });
    Trace::from_keys(keys).unwrap()
}

#[test]
fn candidates_hit_what_simulations_do() {
    let trace = loop_with_favourites();
    let policies = [Policy::Lru, Policy::Sieve, Policy::S3Fifo];
    let advice = advise(Advisor::builder(&trace).policies(policies).sizes([300, 60]));
    assert_eq!(
        (advice.requests, advice.distinct, advice.rate),
        (100_000, 5010, 1.0)
    );
    let report = simulate(&trace, policies, [60, 300]).unwrap();
    let pairs: Vec<_> = advice
        .candidates
        .iter()
        .map(|one| (one.size, one.policy))
        .collect();
    let expected: Vec<_> = [60, 300]
        .iter()
        .flat_map(|&size| policies.map(|policy| (size, policy)))
        .collect();
    assert_eq!(pairs, expected);
    for candidate in &advice.candidates {
        let hits = report.hits(candidate.policy, candidate.size).unwrap();
        assert!((candidate.hit_ratio - hits as f64 / 1e5).abs() < 1e-12);
        let saved = (MISS - HIT).as_secs_f64() * hits as f64;
        assert!((candidate.time_saved.as_secs_f64() - saved).abs() < 1e-6);
        let mean = MISS.as_secs_f64() - saved / 1e5;
        assert!((candidate.mean_time.as_secs_f64() - mean).abs() < 1e-8);
        let interval = candidate.interval.unwrap();
        assert!(interval.contains(candidate.hit_ratio) && interval.confidence == 0.95);
    }
}

#[test]
fn a_policy_that_is_better_is_told_apart() {
    let trace = loop_with_favourites();
    let policies = [Policy::Fifo, Policy::Sieve];
    let advice = advise(Advisor::builder(&trace).policies(policies).sizes([30]));
    assert_eq!(advice.recommended.policy, Policy::Sieve);
    let runner_up = advice.runner_up.unwrap();
    assert!(runner_up.is_significant());
    assert!(runner_up.behind > 0.05, "{advice}");
    assert!(
        advice.to_string().contains("Take SIEVE with 30 entries"),
        "{advice}"
    );
}

#[test]
fn policies_that_do_the_same_are_not() {
    let trace = loop_with_favourites();
    let policies = [Policy::S3Fifo, Policy::Sieve, Policy::Lru, Policy::Fifo];
    let advice = advise(Advisor::builder(&trace).policies(policies).sizes([6000]));
    let runner_up = advice.runner_up.unwrap();
    assert!(!runner_up.is_significant());
    assert_eq!(runner_up.behind, 0.0);
    assert!(
        advice.to_string().ends_with("; SIEVE hits as many.\n"),
        "{advice}"
    );
}

#[test]
fn the_smallest_size_that_is_enough_is_taken() {
    let trace = loop_with_favourites();
    let recommended = |enough| {
        let builder = Advisor::builder(&trace)
            .policies([Policy::Sieve])
            .sizes([5, 30, 5010, 9000]);
        advise(builder.enough(enough)).recommended.size
    };
    assert_eq!([0.0, 0.4, 0.95, 1.0].map(recommended), [5, 30, 5010, 5010]);
}

#[test]
fn curves_advise_the_size_of_lru() {
    let trace = loop_with_favourites();
    let curve = MissRatioCurve::from_trace(&trace);
    let by_curve = advise(Advisor::builder(&curve));
    let by_trace = advise(Advisor::builder(&trace).policies([Policy::Lru]));
    assert_eq!(by_curve.candidates.len(), 10);
    for (from_curve, from_trace) in by_curve.candidates.iter().zip(&by_trace.candidates) {
        assert_eq!(from_curve.size, from_trace.size);
        assert!((from_curve.hit_ratio - from_trace.hit_ratio).abs() < 1e-12);
        assert_eq!(from_curve.interval, None);
    }
    assert_eq!(by_curve.recommended.size, by_trace.recommended.size);
    assert_eq!(by_curve.runner_up, None);
}

#[test]
fn miniatures_are_near_what_they_stand_for() {
    for shared in shared_traces::all("miniatures_are_near_what_they_stand_for") {
        // Fewer keys are always simulated exactly.
        if shared.trace.distinct() < 4 * 4096 {
            continue;
        }
        let largest = u64::from(shared.trace.distinct());
        let sizes = (0..4).map(|halvings| largest >> halvings);
        let policies = [Policy::Lru, Policy::S3Fifo];
        let builder = Advisor::builder(&shared.trace)
            .policies(policies)
            .sizes(sizes);
        let exact = advise(builder.budget(u64::MAX));
        let sizes = (0..4).map(|halvings| largest >> halvings);
        let builder = Advisor::builder(&shared.trace)
            .policies(policies)
            .sizes(sizes);
        let estimate = advise(builder.budget(1));
        assert!(exact.rate == 1.0 && estimate.rate < 0.25, "{}", shared.name);
        for (exact, estimate) in exact.candidates.iter().zip(&estimate.candidates) {
            let error = (exact.hit_ratio - estimate.hit_ratio).abs();
            let name = &shared.name;
            assert!(error < 0.02, "{name}: {estimate:?} instead of {exact:?}");
            let interval = estimate.interval.unwrap();
            assert!(interval.contains(exact.hit_ratio), "{name}: {estimate:?}");
        }
    }
}

#[test]
fn odd_traffic_is_judged() {
    let once = Trace::from_keys(0..2000).unwrap();
    let text = advise(Advisor::builder(&once)).to_string();
    assert!(
        text.ends_with("Take none of these: nothing hits.\n"),
        "{text}"
    );
    let short = Trace::from_keys([1, 1]).unwrap();
    let advice = advise(Advisor::builder(&short));
    assert_eq!(
        (advice.recommended.size, advice.recommended.hit_ratio),
        (1, 0.5)
    );
    assert_eq!(advice.recommended.interval, None);
    let builder = Advisor::builder(&short).miss_cost(Duration::MAX);
    assert_eq!(
        builder.build().unwrap().advise().recommended.time_saved,
        Duration::MAX
    );
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let trace = Trace::from_keys([1, 1]).unwrap();
    let curve = MissRatioCurve::from_trace(&trace);
    let empty = Trace::from_keys(Vec::<u8>::new()).unwrap();
    let message = |builder: AdvisorBuilder<'_>| builder.build().unwrap_err().to_string();
    let of = |trace| Advisor::builder(trace).hit_cost(HIT).miss_cost(MISS);
    assert_eq!(
        message(of(&empty)),
        "number of requests is 0; allowed is 1 or more"
    );
    assert_eq!(
        message(of(&trace).sizes([0])),
        "size of a cache is 0; allowed is 1 or more"
    );
    assert_eq!(
        message(of(&trace).miss_cost(HIT)),
        "cost of a miss is 100ns; allowed is more than the cost of a hit"
    );
    assert_eq!(
        message(of(&trace).enough(f64::NAN)),
        "share that is enough is NaN; allowed is 0 to 1"
    );
    assert_eq!(
        message(
            Advisor::builder(&curve)
                .miss_cost(MISS)
                .policies([Policy::Sieve])
        ),
        "policy is Sieve; allowed is Lru, which is all that a curve knows; others need a trace"
    );
}

#[test]
fn the_table_shows_what_was_found() {
    let trace = Trace::from_keys((0..2000).map(|request| request % 20)).unwrap();
    let builder = Advisor::builder(&trace)
        .policies([Policy::Lru, Policy::Sieve])
        .sizes([10, 20]);
    assert_eq!(
        advise(builder).to_string(),
        "\
2000 requests of 20 keys, hits % exact
        size       LRU     SIEVE     mean time         saved
          10      0.00      0.00      100.0 µs          0 ns
          20     99.00     99.00      1.099 µs      197.8 ms
Take LRU with 20 entries: 99.0 % of requests hit (96.9 to 100.0), 1.099 µs each on average, which saves 197.8 ms; SIEVE hits as many.
"
    );
    assert_eq!(advice(&trace, HIT, MISS).unwrap().recommended.size, 20);
    let lru = Replacement::Policy(Policy::Lru);
    assert_eq!(format!("{lru:>5}"), "  LRU");
}
