//! The gate between two builds.

use std::io::{self, Write as _};
use std::process::Command;

use tuneup_benchmarking::Error;
use tuneup_benchmarking::suite::{CaseGate, Event, GateReport, GateVerdict, Plan};

use crate::workspace::Workspace;

/// Wide enough for a busy machine: what is planted is four times the work.
const THRESHOLD: f64 = 0.5;

fn gate(plan: &Plan, base: &str) -> GateReport {
    plan.gate(base, THRESHOLD, &mut |_| {}).unwrap()
}

fn case<'r>(report: &'r GateReport, name: &str) -> &'r CaseGate {
    report.cases.iter().find(|case| case.name == name).unwrap()
}

#[test]
fn the_same_code_does_not_regress() {
    let workspace = Workspace::new();
    let base = workspace.twin();
    let report = gate(&workspace.plan(&["gate"]), base.path().to_str().unwrap());
    let names: Vec<_> = report.cases.iter().map(|case| &case.name).collect();
    assert_eq!(names, ["gate/work/allocates", "gate/work/spins"]);
    assert_eq!(report.regressed().count(), 0, "{report:?}");
    for case in &report.cases {
        let (before, after) = case.heap.unwrap();
        assert_eq!(before, after);
        assert!(case.processes >= 2);
    }
    assert!(report.only_base.is_empty() && report.only_candidate.is_empty());
}

#[test]
fn a_planted_slowdown_regresses_in_every_way() {
    let workspace = Workspace::new();
    let base = workspace.twin();
    let mut plan = workspace.plan(&["gate"]);
    plan.environment = vec![(
        "TUNEUP_TEST_PLANTED_BELOW".to_owned(),
        plan.output.join("against/work").display().to_string(),
    )];
    let report = gate(&plan, base.path().to_str().unwrap());
    let spins = case(&report, "gate/work/spins");
    assert_eq!(spins.verdict, GateVerdict::Regressed, "{spins:?}");
    assert!(spins.ratio.low > 1.0 + THRESHOLD);
    assert!(!spins.allocates_more());
    let allocates = case(&report, "gate/work/allocates");
    assert!(allocates.allocates_more());
    let (before, after) = allocates.heap.unwrap();
    assert_eq!((before.blocks, before.bytes), (1, 8));
    assert_eq!((after.blocks, after.bytes), (3, 24));
    assert_eq!(report.regressed().count(), 2);
    if let Some((before, after)) = spins.instructions {
        assert!(after > 3 * before, "{before} and {after} instructions");
        assert!(spins.executes_more(THRESHOLD));
    } else {
        let _ = writeln!(
            io::stderr(),
            "skipped: counting instructions in a gate: valgrind is not installed"
        );
    }

    // The other way round it is an improvement.
    plan.environment[0].1 = plan.output.join("against/base").display().to_string();
    let report = gate(&plan, base.path().to_str().unwrap());
    assert_eq!(
        case(&report, "gate/work/spins").verdict,
        GateVerdict::Improved
    );
    assert_eq!(report.regressed().count(), 0, "{report:?}");
}

#[test]
fn a_commit_is_built_beside_the_work_tree() {
    let workspace = Workspace::new();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(workspace.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.org"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    workspace.write(".gitignore", "/target\n");
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "first"]);

    // The work tree no longer has the heap bench.
    std::fs::remove_file(workspace.path().join("benches/heap.rs")).unwrap();
    let manifest = std::fs::read_to_string(workspace.path().join("Cargo.toml")).unwrap();
    let heap = "[[bench]]\nname = \"heap\"\nharness = false\n";
    assert!(manifest.contains(heap));
    workspace.write("Cargo.toml", &manifest.replace(heap, ""));

    let mut plan = workspace.plan(&["gate"]);
    // Taken for one.
    plan.effort.processes = 0;
    let report = gate(&plan, "main");
    assert!(report.base.starts_with("main ("), "{}", report.base);
    assert_eq!(report.cases.len(), 2);
    assert!(report.cases.iter().all(|case| case.heap.is_none()));
    assert_eq!(
        report.only_base,
        ["gate/work/allocates", "gate/work/spins"],
        "in the heap bench"
    );
    assert_eq!(git(&["worktree", "list"]).lines().count(), 1);

    let error = workspace
        .plan(&[])
        .gate("nowhere", THRESHOLD, &mut |_| {})
        .unwrap_err();
    assert!(matches!(error, Error::UnknownRevision { revision } if revision == "nowhere"));
}

#[test]
fn an_interrupted_gate_says_so() {
    let workspace = Workspace::new();
    let base = workspace.twin();
    let plan = workspace.plan(&["gate"]);
    let report = plan
        .gate(
            base.path().to_str().unwrap(),
            THRESHOLD,
            &mut |event: Event| {
                if matches!(event, Event::Planned { .. }) {
                    plan.stop.set();
                }
            },
        )
        .unwrap();
    assert!(report.interrupted);
    assert!(report.sentence().contains("Interrupted before the end."));
}
