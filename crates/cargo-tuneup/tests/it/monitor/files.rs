//! The files that are written at the end.

use std::{collections::BTreeSet, fs};

use html5gum::{Token, Tokenizer};
use serde_json::Value;

use super::load::load;
use crate::tuneup;

/// The names of all tags, and what is linked to or loaded. Fails on what the standard calls an error, and on a tag that is not closed.
fn read_page(html: &str) -> (BTreeSet<String>, Vec<String>) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (mut tags, mut references) = (BTreeSet::new(), Vec::new());
    let mut open: Vec<String> = Vec::new();
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) => {
                let name = text(&tag.name);
                for (key, value) in &tag.attributes {
                    if ["href", "src", "xlink:href", "data"].contains(&&text(key)[..]) {
                        references.push(text(value));
                    }
                }
                if !tag.self_closing && !["meta", "br"].contains(&&name[..]) {
                    open.push(name.clone());
                }
                tags.insert(name);
            }
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name))),
            Token::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new());
    (tags, references)
}

#[test]
fn every_form_of_file_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // By a short path, wherever it was built: the page does not show the end of a long command.
    std::os::unix::fs::symlink(load(), path("load")).unwrap();
    let output = tuneup(&[
        "monitor",
        "--interval",
        "20ms",
        "-o",
        &path("watch.html"),
        "-o",
        &path("watch.json"),
        "-o",
        &path("watch.csv"),
        "-o",
        &path("watch.md"),
        "--",
        &path("load"),
        "hold",
        "20",
        "600",
    ]);
    assert!(output.status.success());
    let read = |name: &str| fs::read_to_string(path(name)).unwrap();

    let html = read("watch.html");
    let (tags, references) = read_page(&html);
    assert!(tags.contains("svg") && tags.contains("table"), "{tags:?}");
    assert!(
        references.iter().all(|it| it.starts_with('#')),
        "a page loads nothing: {references:?}"
    );
    for expected in ["Processors", "Memory", "All limits", "hold 20 600"] {
        assert!(html.contains(expected), "{expected}");
    }

    let json: Value = serde_json::from_str(&read("watch.json")).unwrap();
    let series = json["series"].as_array().unwrap();
    let samples = json["samples"].as_u64().unwrap();
    assert_eq!(series.len() as u64, samples, "a short series is kept whole");
    let most = |bucket: &Value| bucket["rss_bytes"][2].as_f64().unwrap_or(0.0);
    let peak = series.iter().map(most).fold(0.0, f64::max);
    assert_eq!(Some(peak), json["metrics"]["rss_bytes"]["peak"].as_f64());

    let csv = read("watch.csv");
    assert_eq!(csv.lines().count() as u64, samples + 1);
    assert!(csv.starts_with("at_s,for_s,cpu_cores_min,"), "{csv}");

    let markdown = read("watch.md");
    assert!(markdown.contains("| memory (RSS) |"), "{markdown}");
    assert!(markdown.contains("In all: "), "{markdown}");
}

/// A full disk: the result is told nevertheless, and so is the file that is missing.
#[test]
fn a_file_that_cannot_be_written_loses_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (full, fine) = (folder.path().join("full.json"), folder.path().join("a.csv"));
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    let output = tuneup(&[
        "monitor",
        "-o",
        full.to_str().unwrap(),
        "-o",
        fine.to_str().unwrap(),
        "--",
        "sh",
        "-c",
        "echo ran",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "ran\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("In all: "), "{said}");
    assert!(said.contains("cannot write `"), "{said}");
    assert!(said.contains("full.json"), "{said}");
    assert!(fs::read_to_string(fine).unwrap().lines().count() > 1);
}

#[test]
fn a_file_of_no_known_form_is_named_before_a_program_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let touched = folder.path().join("touched");
    let line = format!("touch '{}'", touched.display());
    for name in ["watch.doc", "no/such/folder/watch.html"] {
        let output = tuneup(&["monitor", "-o", name, "--", "sh", "-c", &line]);
        assert!(!output.status.success());
        assert!(!touched.exists(), "{name}");
    }
}
