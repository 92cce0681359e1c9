//! What Criterion is asked for, and reading what it wrote.

use std::path::PathBuf;

use super::*;

#[test]
fn only_what_has_a_meaning_in_a_regular_expression_is_escaped() {
    for (name, escaped) in [
        ("cookbook/word count_2", "cookbook/word count_2"),
        ("a.b+c*d?", r"a\.b\+c\*d\?"),
        ("f(x)[0]{1}|^$", r"f\(x\)\[0\]\{1\}\|\^\$"),
        // Escaped, these would be the ends of a word, and an error.
        ("Vec<u8> × n²", "Vec<u8> × n²"),
        (r"back\slash #1 a-b & ~c", r"back\\slash \#1 a\-b \& \~c"),
    ] {
        assert_eq!(escape(name), escaped);
    }
}

#[test]
fn the_end_of_the_log_is_the_reason() {
    assert_eq!(reason("1\n2\n3\n4\n5\n6\n7\n"), "3\n4\n5\n6\n7");
    assert_eq!(reason("only"), "only");
    assert_eq!(reason(""), "");
}

#[test]
fn a_panic_is_the_reason_whatever_its_backtrace() {
    let log = "warming up\nthread 'main' panicked at a.rs:3:5:\nno text\nstack backtrace:\n   0: a\n   1: b\n   2: c\n   3: d\n";
    assert_eq!(reason(log), "panicked at a.rs:3:5:\nno text");
    let told = format!("{log}error: `a/b` panicked: no text\n");
    assert_eq!(reason(&told), "`a/b` panicked: no text");
}

/// What Criterion leaves of a case.
fn write_case(folder: PathBuf, name: &str, slope: Option<f64>) {
    fs::create_dir_all(&folder).unwrap();
    let estimate = |value: f64| {
        serde_json::json!({
            "confidence_interval": {
                "confidence_level": 0.95,
                "lower_bound": value - 1.0,
                "upper_bound": value + 2.0,
            },
            "point_estimate": value,
            "standard_error": 0.1,
        })
    };
    let files = [
        (
            "benchmark.json",
            serde_json::json!({"group_id": "g", "function_id": name, "value_str": null}),
        ),
        (
            "estimates.json",
            serde_json::json!({
                "mean": estimate(30.0),
                "median": estimate(20.0),
                "slope": slope.map(estimate),
            }),
        ),
        (
            "sample.json",
            serde_json::json!({"sampling_mode": "Linear", "iters": [2.0, 4.0], "times": [50.0, 80.0]}),
        ),
    ];
    for (file, json) in files {
        fs::write(folder.join(file), json.to_string()).unwrap();
    }
}

#[test]
fn cases_are_read_wherever_they_are() {
    let home = tempfile::tempdir().unwrap();
    let group = home.path().join("g");
    write_case(group.join("sloped/new"), "sloped!", Some(10.0));
    write_case(group.join("sloped/base"), "sloped!", Some(99.0));
    write_case(group.join("flat/new"), "flat", None);
    // Cases that are named like folders of Criterion.
    write_case(group.join("new/new"), "new", None);
    write_case(group.join("base/new"), "base", None);
    fs::write(home.path().join("criterion.log"), "noise").unwrap();

    let mut found = collect(home.path(), "g").unwrap();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["base", "flat", "new", "sloped!"]);
    let (flat, sloped) = (&found[1].1, &found[3].1);
    // The mean where there is no slope.
    assert_eq!(
        (flat.estimate_ns, flat.low_ns, flat.high_ns, flat.median_ns),
        (30.0, 29.0, 32.0, 20.0)
    );
    assert_eq!(
        (sloped.estimate_ns, sloped.low_ns, sloped.high_ns),
        (10.0, 9.0, 12.0)
    );
    assert_eq!(sloped.samples_ns, [25.0, 20.0]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("g/case/new");
    write_case(folder.clone(), "case", None);
    fs::write(folder.join("estimates.json"), "{}").unwrap();
    assert!(
        matches!(collect(home.path(), "g"), Err(Error::Session { program, .. }) if program.ends_with("estimates.json"))
    );
    fs::remove_file(folder.join("sample.json")).unwrap();
    fs::remove_file(folder.join("estimates.json")).unwrap();
    assert!(
        matches!(collect(home.path(), "g"), Err(Error::Io { path, .. }) if path.ends_with("estimates.json"))
    );
}
