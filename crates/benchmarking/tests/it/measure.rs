//! Listing and measuring a suite.

use tuneup_benchmarking::Error;
use tuneup_benchmarking::suite::{BenchCase, Event, HeapUse, Plan, Results};

use crate::workspace::Workspace;

fn measure(plan: &Plan) -> Result<Results, Error> {
    plan.measure(&mut |_| {})
}

/// The names of the cases of a group.
fn names(results: &Results, group: usize) -> Vec<&str> {
    let cases = results.benches[group].cases.iter();
    cases.map(|case| case.name.as_str()).collect()
}

#[test]
fn the_groups_of_the_timed_benches_are_listed() {
    let workspace = Workspace::new();
    let listed = |filters: &[&str]| -> Vec<String> {
        let groups = workspace.plan(filters).list().unwrap();
        groups.into_iter().map(|group| group.name).collect()
    };
    assert_eq!(
        listed(&[]),
        [
            "tiny/sum",
            "tiny/Vec<u8> × (2 + n)? [^a-z]$",
            "tiny/prints",
            "fail/answers",
            "fail/panics",
            "fail/late",
            "tiny/vectors",
            "gate/work",
        ]
    );
    assert_eq!(listed(&["FORMULA", "gate"]), ["tiny/sum", "gate/work"]);

    let error = workspace.plan(&["tiny", "vektors"]).list().unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("no bench matches `vektors`; the nearest are `tiny/vectors`"),
        "{message}"
    );
}

#[test]
fn a_group_is_timed_compared_and_fitted() {
    let workspace = Workspace::new();
    let mut plan = workspace.plan(&["tiny/sum"]);
    plan.environment = vec![("TUNEUP_TEST_GREETING".to_owned(), "hello".to_owned())];
    let mut events = Vec::new();
    let results = plan
        .measure(&mut |event| {
            events.push(match event {
                Event::Planned { steps } => steps.to_string(),
                Event::Step { name } => name,
                _ => panic!("{event:?}"),
            });
        })
        .unwrap();
    assert_eq!(events, ["1", "tiny/sum"]);
    assert!(!results.interrupted);
    assert_eq!(
        (results.commit.as_str(), results.effort.as_str()),
        ("", "quick")
    );
    let notes: Vec<(&str, &str)> = results
        .notes
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    // The kernel is asked by way of /proc.
    let leads = cfg!(target_os = "linux").to_string();
    assert_eq!(
        notes,
        [
            ("greeting", "hello"),
            ("leads its process group", leads.as_str())
        ]
    );

    assert_eq!(results.benches.len(), 1);
    let bench = &results.benches[0];
    assert_eq!(
        (bench.name.as_str(), bench.size, bench.items, bench.bytes),
        ("tiny/sum", 1_000, Some(1_000), None)
    );
    assert_eq!(names(&results, 0), ["loop", "formula"]);
    let [sum, formula] = &bench.cases[..] else {
        panic!("{bench:?}");
    };
    for case in [sum, formula] {
        let time = &case.time;
        assert!(time.low_ns <= time.estimate_ns && time.estimate_ns <= time.high_ns);
        assert_eq!(time.samples_ns.len(), 10);
    }
    // The peer is the reference; a thousand steps take longer than one.
    assert_eq!((formula.peer, &formula.ratio), (true, &None));
    let ratio = sum.ratio.as_ref().unwrap();
    assert_eq!(ratio.to, "formula");
    assert!(ratio.low > 2.0, "{ratio:?}");
    let fit = sum.complexity.as_ref().unwrap();
    assert_eq!(fit.claimed.as_deref(), Some("O(n)"));
    let sizes: Vec<f64> = fit.points.iter().map(|point| point.0).collect();
    assert_eq!(sizes, [64.0, 256.0, 1_024.0, 4_096.0, 16_384.0]);
    // On a busy machine the neighbouring class may fit five short timings as well.
    let near = |class: &str| class == "O(n)" || class == "O(n log n)";
    assert!(fit.class.split(" or ").all(near), "{fit:?}");

    // The promise about a case that is not there waits for it.
    let [figure] = &bench.figures[..] else {
        panic!("{:?}", bench.figures);
    };
    assert_eq!(
        (figure.case.as_str(), figure.ratio.to.as_str()),
        ("formula", "loop")
    );
    assert!(figure.is_met());
}

#[test]
fn odd_names_and_printing_cases_are_measured_like_others() {
    let workspace = Workspace::new();
    let results = measure(&workspace.plan(&["vec<u8>", "prints"])).unwrap();
    assert_eq!(names(&results, 0), ["new", "base/old|older"]);
    assert_eq!(names(&results, 1), ["without an end", "from two threads"]);
    for (_, _, BenchCase { time, .. }) in results.cases() {
        assert_eq!(time.samples_ns.len(), 10);
    }
}

#[test]
fn allocations_are_exact() {
    let workspace = Workspace::new();
    let results = measure(&workspace.plan(&["vectors"])).unwrap();
    let heap: Vec<_> = results.benches[0]
        .cases
        .iter()
        .map(|case| {
            let HeapUse {
                blocks,
                bytes,
                peak_bytes,
                ..
            } = case.heap.unwrap();
            (case.name.as_str(), blocks, bytes, peak_bytes)
        })
        .collect();
    assert_eq!(
        heap,
        [
            ("one block", 1, 8_000, 8_000),
            ("two blocks", 2, 16_000, 16_000),
            ("none", 0, 0, 0),
            // Paid for by the iteration before.
            ("kept", 0, 0, 0),
            // The scope itself allocates, and is not counted.
            ("none inside of a scope", 0, 0, 0),
        ]
    );
}

#[test]
fn what_finished_before_an_interruption_is_kept() {
    let workspace = Workspace::new();
    let plan = workspace.plan(&["tiny/sum", "vectors", "gate"]);
    let results = plan
        .measure(&mut |event| {
            if matches!(event, Event::Step { name } if name == "tiny/vectors") {
                plan.stop.set();
            }
        })
        .unwrap();
    assert!(results.interrupted);
    assert_eq!(results.benches.len(), 1);
    assert_eq!(results.benches[0].name, "tiny/sum");

    // An interruption before anything has finished leaves an empty result.
    let results = measure(&plan).unwrap();
    assert!(results.interrupted && results.benches.is_empty());
}

/// What a run says that must fail.
fn failure(workspace: &Workspace, filter: &str) -> String {
    let results = measure(&workspace.plan(&[filter])).unwrap();
    assert!(results.benches.is_empty() && !results.interrupted);
    let [(name, reason)] = &results.failures[..] else {
        panic!("one failure was to be expected: {:?}", results.failures);
    };
    assert_eq!(name, filter);
    reason.clone()
}

#[test]
fn a_case_that_fails_is_named_with_its_reason() {
    let workspace = Workspace::new();
    for (group, expected) in [
        (
            "fail/answers",
            "`wrong` and `right` answer differently in `fail/answers`: 2 against 1",
        ),
        ("fail/panics", "`fail/panics/boom` panicked: no room for 1"),
        (
            "fail/late",
            "`fail/late/worn out` panicked: worn out after 10 calls",
        ),
    ] {
        let message = failure(&workspace, group);
        assert!(
            message.starts_with(&format!("the bench `{group}` failed: ")),
            "{message}"
        );
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_package_that_does_not_build_is_named() {
    let workspace = Workspace::new();
    workspace.write(
        "benches/timed.rs",
        "fn main() { compile_error!(\"planted\") }",
    );
    let plan = workspace.plan(&[]);
    let error = plan.list().unwrap_err();
    assert!(matches!(error, Error::Build { package, .. } if package == plan.package));
}
