//! Lines of functions of all shapes, beside what is counted by hand and by an interpreter.

mod functions;

use std::{collections::BTreeMap, fs, process::Output};

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use crate::profile::{alone, run_alone, workspace};

use functions::{Program, function};

fn lines(arguments: &[&str]) -> Output {
    run_alone(&alone(), "lines", arguments)
}

/// A profile that is saved on the way.
fn saved(command: &str, arguments: &[&str]) -> (Value, Output) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.json");
    let mut all = vec!["-o", path.to_str().unwrap()];
    all.extend(arguments);
    let output = run_alone(&alone(), command, &all);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let saved = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}: {said}"));
    (serde_json::from_str(&saved).unwrap(), output)
}

/// Hits by the lines of a file; on the first line of a function stand its calls.
fn hits(profile: &Value) -> BTreeMap<usize, u64> {
    let mut hits = BTreeMap::new();
    for table in profile["line_tables"].as_array().unwrap() {
        for (index, line) in table["lines"].as_array().unwrap().iter().enumerate() {
            let calls = match index {
                0 => table["calls"].as_u64().unwrap(),
                _ => 0,
            };
            let number = line["number"].as_u64().unwrap() as usize;
            *hits.entry(number).or_default() += line["hits"].as_u64().unwrap() + calls;
        }
    }
    hits
}

#[test]
fn lines_of_all_shapes_are_counted_as_by_hand() {
    const SOURCE: &str = include_str!("../data/lined.txt");
    let (profile, _) = saved("lines", &["^lined::", "--bin", "lined"]);
    let found = hits(&profile);
    for (index, line) in SOURCE.lines().enumerate() {
        let counted = line
            .rsplit_once("// ")
            .and_then(|(_, count)| count.parse::<u64>().ok());
        if let Some(counted) = counted {
            assert_eq!(found.get(&(index + 1)), Some(&counted), "{line}");
        }
    }
    assert_eq!(
        profile["functions"].as_array().unwrap().len(),
        1,
        "the root"
    );
    let later = profile["line_tables"].as_array().unwrap().iter();
    let later: Vec<_> = later.filter(|table| table["is_async"] == true).collect();
    assert_eq!(later.len(), 4);
}

#[test]
fn lines_of_any_function_are_counted_as_by_an_interpreter() {
    let mut runner = TestRunner::new(Config::default());
    let functions = prop::collection::vec(function(), 80);
    let program = Program::of(functions.new_tree(&mut runner).unwrap().current());
    let source = workspace().join("app/src/bin/generated.rs");
    fs::write(&source, &program.text).unwrap();
    let (profile, output) = saved("lines", &["generated::f[0-9]+$", "--bin", "generated"]);
    let expected = program.run();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, expected.printed, "{}", source.display());
    let found = hits(&profile);
    for (number, line) in program.text.lines().enumerate() {
        let number = number + 1;
        assert_eq!(
            found.get(&number).copied().unwrap_or(0),
            expected.hits.get(&number).copied().unwrap_or(0),
            "line {number} of {}: {line}",
            source.display()
        );
    }
    assert!(expected.hits.values().sum::<u64>() > 1_000);
}

#[test]
fn the_lines_of_some_functions_follow_the_functions() {
    let (profile, output) = saved(
        "profile",
        &[
            "--bin",
            "lined",
            "--lines",
            "::factorial$",
            "--lines",
            "::c[a-z]+$",
            "--top",
            "2",
        ],
    );
    let calls = |name: &str| {
        let functions = profile["functions"].as_array().unwrap().iter();
        let mut functions = functions.filter(|function| function["name"] == name);
        functions.next().unwrap()["calls"].as_u64().unwrap()
    };
    assert_eq!((calls("lined::factorial"), calls("lined::callee")), (5, 4));
    let mut names: Vec<&str> = profile["line_tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["function"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "lined::callee",
            "lined::caller",
            "lined::closures",
            "lined::factorial"
        ]
    );
    let said = String::from_utf8(output.stderr).unwrap();
    let functions = said.find("ncalls").unwrap();
    let lines = said.find("Per hit").unwrap();
    assert!(functions < lines, "{said}");
    assert_eq!(said.matches("Per hit").count(), 2, "{said}");
    assert!(
        said.contains("2 more functions have lines; --top 4 shows all"),
        "{said}"
    );
}

#[test]
fn lines_are_shown_with_their_text_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (json, html, text) = (path("l.json"), path("l.html"), path("l.txt"));
    let output = lines(&[
        "lined::labels",
        "--bin",
        "lined",
        "-o",
        &json,
        "-o",
        &html,
        "-o",
        &text,
    ]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    for place in [
        &said,
        &fs::read_to_string(html).unwrap(),
        &fs::read_to_string(text).unwrap(),
    ] {
        assert!(place.contains("if turns == 100 { break"), "{place}");
        assert!(
            place.contains("lined::labels at app/src/bin/lined.rs:"),
            "{place}"
        );
    }
    for (arguments, expected) in [
        (
            &["show", &json, "--lines", "labels"][..],
            "lined::labels at ",
        ),
        (
            &["show", &json, "--lines", "^lined::la.*s$"],
            "lined::labels at ",
        ),
        (
            &["show", &json, "--lines", "labels", "--format", "json"],
            "\"lines\": [",
        ),
    ] {
        let shown = crate::printed(arguments);
        assert!(shown.contains(expected), "{shown}");
    }
    for (pattern, expected) in [
        (
            "nothing",
            "no lines of `nothing` were recorded; those of these functions were: lined::labels",
        ),
        ("(", "`(` is no function and no regular expression"),
    ] {
        let said = crate::complaint(&["show", &json, "--lines", pattern]);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn what_does_not_compile_with_marks_records_its_calls() {
    let (profile, output) = saved(
        "profile",
        &["--bin", "calls", "--lines", "shapes::(unmarked|pair)$"],
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains(
            "they do not compile with marks between their lines:\n  app::shapes::unmarked\n"
        ),
        "{said}"
    );
    let tables = profile["line_tables"].as_array().unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0]["function"], "app::shapes::pair");
    let functions = profile["functions"].as_array().unwrap();
    let unmarked = functions
        .iter()
        .find(|one| one["name"] == "app::shapes::unmarked");
    assert_eq!(unmarked.unwrap()["calls"], 1);
}

#[test]
fn what_is_wrong_is_said_before_a_program_runs() {
    for (arguments, expected) in [
        (&["(", "--bin", "exits"][..], "`(` is no regular expression"),
        (
            &["::nothing$", "--bin", "exits"],
            "no function of the program is chosen",
        ),
        (
            &["work", "--bin", "exits", "-o", "lines.svg"],
            "`lines.svg` has a format for calls",
        ),
        (&[], "required"),
    ] {
        let output = lines(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
        assert!(output.stdout.is_empty());
    }
}
