//! What is written is read back, and nothing is lost on the way.

use super::*;

/// Results of two groups, every optional part there once and missing once.
pub(in crate::suite) fn example() -> Results {
    let mut results = Results::new(
        "Test CPU, 2 cores, linux x86_64".to_owned(),
        "0123456789ab-dirty".to_owned(),
        1_760_000_000,
        "quick",
    );
    results
        .notes
        .push(("corpus".to_owned(), "12 files, 3.4 MiB".to_owned()));
    let mut naive = case("naive", 1_000.0, Some(3));
    naive.complexity = Some(ComplexityResult {
        class: "O(n²)".to_owned(),
        confidence: 0.97,
        claimed: Some("O(n²)".to_owned()),
        points: vec![(64.0, 4_096.5), (128.0, 16_000.25)],
        fitted: vec![(64.0, 4_000.0), (128.0, 16_000.0)],
    });
    let mut fast = case("fast", 250.0, None);
    fast.ratio = Some(ratio());
    results.benches.push(Bench {
        name: "cookbook/duplicates".to_owned(),
        about: "does it hold a value twice?".to_owned(),
        size: 4_096,
        bytes: None,
        items: Some(4_096),
        cases: vec![naive, fast],
        figures: vec![Figure {
            case: "fast".to_owned(),
            at_most: 0.3,
            ratio: ratio(),
        }],
    });
    results.benches.push(Bench {
        name: "cookbook/queue".to_owned(),
        about: String::new(),
        size: 1,
        bytes: Some(0),
        items: None,
        cases: vec![case("deque", 0.1 + 0.2, Some(0))],
        figures: Vec::new(),
    });
    results
}

fn case(name: &str, median_ns: f64, blocks: Option<u64>) -> BenchCase {
    BenchCase {
        name: name.to_owned(),
        peer: name == "fast",
        time: Time {
            estimate_ns: median_ns * 1.01,
            low_ns: median_ns * 0.98,
            high_ns: median_ns * 1.03,
            median_ns,
            samples_ns: vec![median_ns * 0.99, median_ns, median_ns * 1.02],
        },
        alternating_ns: median_ns * 2.0,
        ratio: None,
        heap: blocks.map(|blocks| HeapUse {
            blocks,
            bytes: blocks * 16,
            peak_bytes: 16,
        }),
        complexity: None,
    }
}

fn ratio() -> PeerRatio {
    PeerRatio {
        to: "naive".to_owned(),
        estimate: 0.25,
        low: 0.24,
        high: 0.26,
    }
}

/// Names and contents of everything in a folder.
pub(in crate::suite) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap_or_default())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn what_is_saved_is_loaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not/there/yet/bench.json");
    let results = example();
    results.save(&path).unwrap();
    assert_eq!(Results::load(&path).unwrap(), results);
}

#[test]
fn a_file_of_this_version_stays_readable() {
    // Baselines outlive the program that wrote them: whoever changes the format has to change its version, too.
    let path = Path::new("tests/data/bench.json");
    assert_eq!(Results::load(path).unwrap(), example());
}

#[test]
fn cases_are_named_after_their_group() {
    let results = example();
    let names: Vec<String> = results.cases().map(|(name, _, _)| name).collect();
    assert_eq!(
        names,
        [
            "cookbook/duplicates/naive",
            "cookbook/duplicates/fast",
            "cookbook/queue/deque"
        ]
    );
}

#[test]
fn a_figure_is_met_up_to_its_limit() {
    let met = |at_most, estimate| {
        let ratio = PeerRatio {
            estimate,
            ..ratio()
        };
        Figure {
            case: String::new(),
            at_most,
            ratio,
        }
        .is_met()
    };
    assert!(met(1.05, 1.05) && met(1.05, 0.2));
    assert!(!met(1.05, 1.051) && !met(1.05, f64::NAN));
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    // A folder of that name cannot be replaced by a file.
    let taken = folder.path().join("bench.json");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("inside"), "kept").unwrap();
    let before = contents(folder.path());
    let error = example().save(&taken).unwrap_err();
    assert!(matches!(error, Error::Io { path, .. } if path == taken));
    assert_eq!(contents(folder.path()), before);
    assert_eq!(fs::read_to_string(taken.join("inside")).unwrap(), "kept");

    // Nor can a folder be made below a file.
    let file = folder.path().join("file");
    fs::write(&file, "kept").unwrap();
    assert!(example().save(&file.join("bench.json")).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
}

#[test]
fn a_reader_sees_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.json");
    let (old, mut new) = (example(), example());
    new.notes.push(("long".to_owned(), "x".repeat(100_000)));
    old.save(&path).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for results in [&new, &old].iter().cycle().take(20) {
                results.save(&path).unwrap();
            }
        });
        let mut reads = 0;
        while !writer.is_finished() || reads == 0 {
            let seen = Results::load(&path).unwrap();
            assert!(seen == old || seen == new);
            reads += 1;
        }
    });
    assert_eq!(
        contents(folder.path()).len(),
        1,
        "no temporary file is left"
    );
}

#[cfg(unix)]
#[test]
fn the_file_is_as_readable_as_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        let path = folder.path().join(name);
        fs::metadata(path).unwrap().permissions().mode()
    };
    fs::write(folder.path().join("plain"), "").unwrap();
    example().save(&folder.path().join("bench.json")).unwrap();
    assert_eq!(mode("bench.json"), mode("plain"));
}

#[test]
fn what_is_not_a_result_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.json");
    let good = serde_json::to_string(&example()).unwrap();
    let damaged = [
        String::new(),
        "no JSON".to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{good} and more"),
        // The header is right, the rest is missing.
        r#"{"format":"tuneup-bench","version":1}"#.to_owned(),
        r#"{"format":7,"version":1}"#.to_owned(),
    ];
    let foreign = [
        "{}".to_owned(),
        good.replacen("tuneup-bench", "other-bench", 1),
        good.replacen("\"version\":1", "\"version\":2", 1),
    ];
    let refused = |text: &str| {
        fs::write(&path, text).unwrap();
        let error = Results::load(&path).unwrap_err();
        assert!(error.to_string().contains("bench.json"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        error
    };
    for text in damaged {
        assert!(matches!(refused(&text), Error::Json { .. }), "{text:.60}");
    }
    for text in foreign {
        assert!(
            matches!(refused(&text), Error::ForeignResults { .. }),
            "{text:.60}"
        );
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(Results::load(&path), Err(Error::Io { .. })));
}

#[test]
fn a_foreign_file_is_named_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    fs::write(&path, r#"{"format":"other","version":9}"#).unwrap();
    let message = Results::load(&path).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "b.json` holds `other` version 9, not `tuneup-bench` version 1; it was left untouched"
        ),
        "{message}"
    );
}
