//! What is printed, and files that are damaged, cut off, or something else.

use std::fs;

use serde_json::json;

use super::{
    folder,
    saved::{cache, profile, snapshot, written},
};
use crate::{complaint, printed};

const MS: u64 = 1_000_000;

#[test]
fn a_finding_is_printed_with_its_figures_and_lines_to_copy() {
    let folder = folder();
    let hot = profile(&[
        (0, "app::main", 1, 20 * MS),
        (1, "app::hot", 1_000, 80 * MS),
    ]);
    let path = written(&folder, "p.json", &hot);
    let text = printed(&["advise", &path]);
    let expected =
        "\
1. `app::hot` takes 80.0 % of the time by itself
  where    app::hot at src/main.rs:20
  gain     40.0 % of the recorded time: half of its 80.0 %, if it took half as long; if it took no time, the program would be 5.0 times as fast
  figures  self 80.00 ms, self 80.0 %, calls 1,000, self per call 80.00 µs
  do       See which of its lines take the time, and whether all of that has to be done. Work on nothing else before.
  with     #[profile_lines] (cargo add tuneup-profiling)
  code     use tuneup_profiling::profile_lines;
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains(&format!("from     {path}")), "{text}");
    let page = printed(&["advise", &path, "--format", "markdown"]);
    assert!(
        page.starts_with("**1. \\`app::hot\\` takes 80.0 % of the time by itself**\n\n- where: app::hot at src/main.rs:20\n"),
        "{page}"
    );
    let export = folder.path().join("advice.json");
    printed(&["advise", &path, "--export", export.to_str().unwrap()]);
    let read: serde_json::Value = serde_json::from_slice(&fs::read(export).unwrap()).unwrap();
    assert_eq!(
        read["findings"][0]["title"],
        "`app::hot` takes 80.0 % of the time by itself"
    );
}

#[test]
fn the_fields_of_json_stay_what_they_are() {
    let folder = folder();
    let mut waiting = profile(&[(0, "app::main", 1, 20 * MS), (1, "app::fetch", 8, 80 * MS)]);
    waiting["runnable_ns"] = json!(20 * MS);
    let path = written(&folder, "p.json", &waiting);
    let mut read: serde_json::Value =
        serde_json::from_str(&printed(&["advise", &path, "--format", "json"])).unwrap();
    let finding = &mut read["findings"][0];
    assert!(
        finding["code"]
            .as_str()
            .unwrap()
            .contains("ThreadExecutor::builder().build()?")
    );
    (finding["code"], finding["input"]) = (json!("…"), json!("p.json"));
    assert_eq!(
        read,
        json!({
            "format": "tuneup-advice",
            "version": 1,
            "at_least": 0.05,
            "findings": [{
                "rank": 1,
                "rule": "waiting",
                "title": "the calls of `app::fetch` wait one after the other",
                "where": { "name": "app::fetch", "file": "src/main.rs", "line": 20 },
                "input": "p.json",
                "evidence": {
                    "calls": 8,
                    "calls_for_each_of_the_caller": 8,
                    "waited_ns": 60 * MS,
                    "waited_share": 0.6,
                    "run_ns": 100 * MS,
                },
                "advice": "Let those that do not need each other's results wait at the same time, 8 of them, from where `app::main` makes them.",
                "crate": "tuneup-concurrency",
                "features": [],
                "call": "ThreadExecutor",
                "code": "…",
                "gain": {
                    "share": 0.525,
                    "of": "the run",
                    "is_limit": true,
                    "derivation": "60.00 ms of waiting, and 8 at a time wait 12.5 % of that",
                },
            }],
            "hidden": 0,
            "below": 0,
            "notes": [],
        })
    );
}

#[test]
fn nothing_worth_doing_is_an_answer() {
    let folder = folder();
    let path = written(&folder, "c.json", &cache(9_000, 1_000));
    assert_eq!(printed(&["advise", &path]), "Nothing worth doing.\n");
}

#[test]
fn every_cut_of_every_file_is_refused_by_its_name() {
    let folder = folder();
    let files = [
        profile(&[(0, "app::main", 1, 20 * MS)]),
        snapshot(1, &[("app::word", 0, 9, 9)]),
        cache(1, 2),
        super::saved::bench(),
        super::saved::pipeline(1, 1, 1, 1),
    ];
    for file in files {
        let text = file.to_string();
        for part in [0, 1, text.len() / 3, text.len() / 2, text.len() - 1] {
            let path = folder.path().join("cut.json");
            fs::write(&path, &text[..part]).unwrap();
            let error = complaint(&["advise", path.to_str().unwrap()]);
            assert!(error.contains("cut.json"), "{part}: {error}");
        }
    }
}

#[test]
fn what_is_something_else_is_told_what_is_read() {
    let folder = folder();
    for (name, text) in [
        ("notes.txt", "some words\n"),
        ("lock", "[[package]]\nname = \"app\"\n"),
        ("other.json", "{\"name\": 1}"),
        ("empty.json", "[]"),
        (
            "trace.json",
            "{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\"}",
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let error = complaint(&["advise", path.to_str().unwrap()]);
        assert!(
            error.contains(name) && error.contains("what is read: profiles"),
            "{error}"
        );
    }
}

#[test]
fn what_does_not_go_together_is_named() {
    let folder = folder();
    let one = written(
        &folder,
        "one.json",
        &profile(&[(0, "app::main", 1, 20 * MS)]),
    );
    let mut other = profile(&[(0, "app::main", 1, 20 * MS)]);
    other["program"] = json!("other");
    let other = written(&folder, "other.json", &other);
    let mut damaged = profile(&[(0, "app::main", 1, 20 * MS)]);
    damaged["nodes"][1]["function"] = json!(99);
    let damaged = written(&folder, "damaged.json", &damaged);
    for (arguments, expected) in [
        (&["advise"][..], "<FILE>"),
        (&["advise", "/no/such/file"], "/no/such/file"),
        (&["advise", &damaged], "which is not there"),
        (
            &["advise", &one, "--sizes", "10"],
            "profiles of two sizes or more",
        ),
        (
            &["advise", &one, &one, "--sizes", "10"],
            "there are 1 sizes and 2 profiles",
        ),
        (
            &["advise", &one, &one, "--sizes", "10,0"],
            "a number above 0",
        ),
        (
            &["advise", &one, &one, "--sizes", "10,15"],
            "too near to each other",
        ),
        (
            &["advise", &one, &other, "--sizes", "10,100"],
            "of `app` and of `other`",
        ),
        (
            &["advise", &one, &one, "--size-by", "app::read"],
            "no function `app::read` was called",
        ),
        (
            &["advise", &one, "--at-least", "200%"],
            "between 0 % and 100 %",
        ),
        (&["advise", "--requests", "/no/such/file"], "/no/such/file"),
    ] {
        let error = complaint(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}
