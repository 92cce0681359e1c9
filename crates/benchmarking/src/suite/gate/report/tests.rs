//! The three gates of a case.

use super::*;

fn heap(blocks: u64, bytes: u64, peak_bytes: u64) -> HeapUse {
    HeapUse {
        blocks,
        bytes,
        peak_bytes,
    }
}

fn case(name: &str, verdict: GateVerdict) -> CaseGate {
    let ratio = Ratio::from_logs(&[0.0; 15], 0.99, 1);
    CaseGate {
        name: name.to_owned(),
        ratio,
        control: ratio,
        reversed: None,
        processes: 7,
        verdict,
        heap: None,
        instructions: None,
    }
}

#[test]
fn one_block_byte_or_byte_of_the_peak_more_is_more() {
    let more = |candidate| {
        CaseGate {
            heap: Some((heap(3, 100, 50), candidate)),
            ..case("a", GateVerdict::Passed)
        }
        .allocates_more()
    };
    assert!(!more(heap(3, 100, 50)) && !more(heap(2, 90, 40)));
    // Less of one does not pay for more of another.
    assert!(more(heap(4, 10, 5)) && more(heap(1, 101, 5)) && more(heap(1, 10, 51)));
    assert!(!case("a", GateVerdict::Passed).allocates_more());
}

#[test]
fn instructions_are_judged_by_the_threshold() {
    let more = |candidate| {
        CaseGate {
            instructions: Some((1_000, candidate)),
            ..case("a", GateVerdict::Passed)
        }
        .executes_more(0.03)
    };
    assert!(!more(900) && !more(1_030) && more(1_031));
    assert!(!case("a", GateVerdict::Passed).executes_more(0.03));
}

#[test]
fn any_of_the_three_gates_makes_a_regression() {
    let mut report = GateReport::new("HEAD~1".to_owned(), 0.03, &["old".to_owned()], &[]);
    report.cases = vec![
        case("passed", GateVerdict::Passed),
        case("slower", GateVerdict::Regressed),
        case("hungrier", GateVerdict::Improved),
        case("longer", GateVerdict::Undecided),
        case("lighter", GateVerdict::Undecided),
    ];
    report.set_heap("hungrier", heap(0, 0, 0), heap(1, 8, 8));
    report.set_instructions("longer", 100, 110);
    report.set_heap("lighter", heap(1, 8, 8), heap(0, 0, 0));
    report.set_instructions("lighter", 100, 90);
    // A case that is only in the heap bench has no time to stand beside.
    report.set_heap("elsewhere", heap(0, 0, 0), heap(1, 1, 1));
    let names = |cases: Vec<&CaseGate>| -> Vec<String> {
        cases.into_iter().map(|case| case.name.clone()).collect()
    };
    assert_eq!(
        names(report.regressed().collect()),
        ["slower", "hungrier", "longer"]
    );
    assert_eq!(names(report.undecided().collect()), ["longer", "lighter"]);
    assert_eq!(report.only_base, ["old"]);
}

#[test]
fn a_report_survives_json() {
    let mut report = GateReport::new("main".to_owned(), 0.03, &[], &["new".to_owned()]);
    report.cases = vec![case("a", GateVerdict::Regressed)];
    report.set_instructions("a", 1, 2);
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.contains(r#""verdict":"regressed""#), "{json}");
    let again: GateReport = serde_json::from_str(&json).unwrap();
    assert_eq!(format!("{again:?}"), format!("{report:?}"));
}
