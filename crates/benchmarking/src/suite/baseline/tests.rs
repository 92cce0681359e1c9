//! A baseline is what somebody will judge a change by: nothing but a good one is read, and nothing foreign is overwritten.

use std::fs;

use super::super::results::tests::{contents, example};
use super::*;
use crate::protocol::HeapUse;

fn baselines() -> (tempfile::TempDir, Baselines) {
    let folder = tempfile::tempdir().unwrap();
    let baselines = Baselines::new(folder.path());
    (folder, baselines)
}

#[test]
fn a_saved_baseline_is_loaded_again() {
    let (folder, baselines) = baselines();
    let results = example();
    let path = baselines.save("main-2.1_x", &results).unwrap();
    assert_eq!(path, folder.path().join("main-2.1_x.json"));
    assert_eq!(
        baselines.load("main-2.1_x", &results.machine).unwrap(),
        results
    );
}

#[test]
fn a_baseline_of_the_same_machine_is_replaced() {
    let (_folder, baselines) = baselines();
    let (first, mut second) = (example(), example());
    second.commit = "later".to_owned();
    baselines.save("main", &first).unwrap();
    baselines.save("main", &second).unwrap();
    assert_eq!(baselines.load("main", &first.machine).unwrap(), second);
    assert_eq!(baselines.names(), ["main"]);
}

#[test]
fn bad_names_are_refused_before_anything_is_touched() {
    let (folder, baselines) = baselines();
    let results = example();
    for name in [
        "", ".", "..", ".hidden", "a/b", "../a", "a\\b", "a b", "a\0", "a\n", "a:b", "*",
    ] {
        for error in [
            baselines.path(name).unwrap_err(),
            baselines.load(name, &results.machine).unwrap_err(),
            baselines.save(name, &results).unwrap_err(),
            baselines.check(name, &results.machine).unwrap_err(),
        ] {
            assert!(error.is_usage());
            assert!(matches!(error, Error::BaselineName { name: said } if said == name));
        }
    }
    assert_eq!(contents(folder.path()), []);
}

#[test]
fn a_missing_baseline_names_those_that_exist() {
    let (folder, baselines) = baselines();
    let load = || baselines.load("nightly", "m").unwrap_err().to_string();
    assert_eq!(
        load(),
        "there is no baseline `nightly`; none was saved yet: make one with `--save NAME`"
    );
    for name in ["release", "main"] {
        baselines.save(name, &example()).unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    assert_eq!(
        load(),
        "there is no baseline `nightly`; saved are `main`, `release`"
    );
    assert_eq!(
        Baselines::new(folder.path().join("nowhere")).names(),
        Vec::<String>::new()
    );
}

#[test]
fn a_damaged_or_foreign_baseline_is_refused_and_left_byte_for_byte() {
    let (folder, baselines) = baselines();
    let results = example();
    let good = serde_json::to_string_pretty(&results).unwrap();
    let mut elsewhere = example();
    elsewhere.machine = "Other CPU, 64 cores, linux aarch64".to_owned();
    let elsewhere = serde_json::to_string(&elsewhere).unwrap();
    let files: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("cut", good.as_bytes()[..good.len() - 2].to_vec()),
        ("binary", vec![0xff, 0xfe, 0, 1, 2]),
        (
            "format",
            good.replacen("tuneup-bench", "benchy", 1).into_bytes(),
        ),
        (
            "version",
            good.replacen("\"version\": 1", "\"version\": 7", 1)
                .into_bytes(),
        ),
        ("machine", elsewhere.into_bytes()),
    ];
    for (name, bytes) in &files {
        fs::write(folder.path().join(format!("{name}.json")), bytes).unwrap();
    }
    let before = contents(folder.path());
    for (name, _) in files {
        let file = format!("{name}.json");
        for error in [
            baselines.load(name, &results.machine).unwrap_err(),
            baselines.save(name, &results).unwrap_err(),
            baselines.check(name, &results.machine).unwrap_err(),
        ] {
            assert!(error.to_string().contains(&file), "{error}");
            let as_expected = match name {
                "format" | "version" => matches!(error, Error::ForeignResults { .. }),
                "machine" => matches!(error, Error::ForeignBaseline { .. }),
                _ => matches!(error, Error::Json { .. }),
            };
            assert!(as_expected, "{name}: {error:?}");
        }
    }
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_baseline_of_another_machine_names_both() {
    let (_folder, baselines) = baselines();
    baselines.save("main", &example()).unwrap();
    let message = baselines.load("main", "mine").unwrap_err().to_string();
    assert!(
        message.contains(
            "was measured on another machine (Test CPU, 2 cores, linux x86_64; this is mine)"
        ),
        "{message}"
    );
}

#[test]
fn an_interrupted_run_is_not_kept() {
    let (folder, baselines) = baselines();
    let mut results = example();
    baselines.save("main", &results).unwrap();
    let before = contents(folder.path());
    results.interrupted = true;
    for name in ["main", "other"] {
        let error = baselines.save(name, &results).unwrap_err();
        assert!(matches!(error, Error::IncompleteBaseline { name: said } if said == name));
    }
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_folder_is_looked_at_before_anything_is_measured() {
    let (_folder, baselines) = baselines();
    baselines.check("free", "mine").unwrap();
    baselines.save("main", &example()).unwrap();
    baselines.check("main", &example().machine).unwrap();
    assert!(baselines.check("main", "mine").is_err());
}

#[test]
fn changes_are_exact() {
    let before = example();
    let mut now = example();
    let cases = &mut now.benches[0].cases;
    cases[0].time.median_ns = 1_500.0;
    cases[0].heap = Some(HeapUse {
        blocks: 1,
        bytes: 50,
        peak_bytes: 50,
    });
    cases[1].time.median_ns = 125.0;
    // A case that is new has nothing to be compared with, nor has one that is gone.
    cases[1].heap = Some(HeapUse {
        blocks: 9,
        bytes: 9,
        peak_bytes: 9,
    });
    now.benches[1].cases[0].name = "ring".to_owned();
    let changes = now.changes_since(&before, 0.15);
    let change = |name: &str, ratio, blocks, bytes, peak_bytes| Change {
        name: name.to_owned(),
        ratio,
        noise: 0.15,
        blocks,
        bytes,
        peak_bytes,
    };
    assert_eq!(
        changes,
        [
            change(
                "cookbook/duplicates/naive",
                1.5,
                Some(-2),
                Some(2),
                Some(34)
            ),
            change("cookbook/duplicates/fast", 0.5, None, None, None),
        ]
    );
}

#[test]
fn a_change_within_the_noise_is_none() {
    let change = |ratio| Change {
        name: String::new(),
        ratio,
        noise: 0.15,
        blocks: Some(0),
        bytes: Some(-4),
        peak_bytes: Some(0),
    };
    for (ratio, is_visible, is_regression) in [
        (1.0, false, false),
        (1.15, false, false),
        (1.16, true, true),
        (1.0 / 1.15, false, false),
        (0.86, true, false),
    ] {
        assert_eq!(change(ratio).is_visible(), is_visible, "{ratio}");
        assert_eq!(change(ratio).is_regression(), is_regression, "{ratio}");
    }
}

#[test]
fn one_block_or_byte_more_is_a_regression() {
    let change = |blocks, bytes, peak_bytes| Change {
        name: String::new(),
        ratio: 1.0,
        noise: 0.15,
        blocks,
        bytes,
        peak_bytes,
    };
    assert!(change(Some(1), Some(-8), Some(0)).is_regression());
    assert!(change(Some(0), Some(1), Some(0)).is_regression());
    assert!(change(Some(-1), Some(0), Some(1)).is_regression());
    assert!(!change(Some(0), Some(0), Some(0)).is_regression());
    assert!(!change(None, None, None).is_regression());
}

#[test]
fn another_size_is_another_case() {
    let before = example();
    let mut now = example();
    now.benches[0].size += 1;
    let names: Vec<_> = now
        .changes_since(&before, 0.15)
        .into_iter()
        .map(|change| change.name)
        .collect();
    assert!(
        !names.is_empty()
            && names
                .iter()
                .all(|name| !name.starts_with("cookbook/duplicates/")),
        "{names:?}"
    );
}
