//! The book is complete: topics, source files, pages and the table of contents name the same
//! things, and what a page includes is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use tuneup_benches::cookbook::TOPICS;
use tuneup_benchmarking::harness::Suite;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the benches are a folder of the workspace")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn source(topic: &str) -> String {
    read(&workspace().join(format!("benches/src/cookbook/{topic}.rs")))
}

fn page(topic: &str) -> PathBuf {
    workspace().join(format!("docs/src/cookbook/{topic}.md"))
}

/// The names, without their extension, of a folder's files.
fn stems(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// What stands between `before` and `after`, each time.
fn between<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
    text.split(before)
        .skip(1)
        .map(|rest| rest.split(after).next().unwrap_or(rest).trim())
        .collect()
}

/// The chapters of SUMMARY.md, as paths below docs/src.
fn chapters() -> Vec<String> {
    let summary = read(&workspace().join("docs/src/SUMMARY.md"));
    between(&summary, "](", ')')
        .into_iter()
        .map(String::from)
        .collect()
}

/// The Markdown files below `folder`, but for the table of contents and what is recorded for
/// inclusion.
fn pages_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("recorded") {
            pages_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md")
            && !path.ends_with("SUMMARY.md")
        {
            found.push(path);
        }
    }
}

/// The path without `..`, as text: `a/b/../c` is `a/c`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            normal.pop();
        } else {
            normal.push(part);
        }
    }
    normal
}

#[test]
fn topics_source_files_and_pages_are_the_same() {
    let topics: BTreeSet<String> = TOPICS
        .iter()
        .map(|(topic, _)| String::from(*topic))
        .collect();
    assert_eq!(stems(&workspace().join("benches/src/cookbook")), topics);
    assert_eq!(stems(&workspace().join("docs/src/cookbook")), topics);
    assert_eq!(
        stems(&workspace().join("benches/tests/it/cookbook")),
        topics
    );
}

#[test]
fn the_table_of_contents_names_every_page_and_no_other() {
    let root = workspace().join("docs/src");
    let mut pages = Vec::new();
    pages_below(&root, &mut pages);
    let pages: BTreeSet<PathBuf> = pages.into_iter().collect();
    let listed: Vec<PathBuf> = chapters()
        .iter()
        .map(|chapter| root.join(chapter))
        .collect();
    assert_eq!(
        listed.len(),
        pages.len(),
        "a page is listed twice or not at all"
    );
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), pages);
}

#[test]
fn the_cookbook_has_the_order_of_the_topics() {
    let listed: Vec<String> = chapters()
        .into_iter()
        .filter(|chapter| chapter.starts_with("cookbook/"))
        .collect();
    let expected: Vec<String> = TOPICS
        .iter()
        .map(|(topic, _)| format!("cookbook/{topic}.md"))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn each_page_shows_all_code_between_anchors_and_nothing_that_is_not_there() {
    for (topic, _) in TOPICS {
        let source = source(topic);
        let path = page(topic);
        let file = workspace().join(format!("benches/src/cookbook/{topic}.rs"));
        let mut shown = BTreeSet::new();
        for include in between(&read(&path), "{{#include ", '}') {
            if include.contains("recorded/") {
                continue;
            }
            let (included, anchor) = include.split_once(':').expect("code is included by anchor");
            assert_eq!(
                normal(&path.parent().unwrap().join(included)),
                file,
                "{topic}: {include}"
            );
            let start = source.find(&format!("// ANCHOR: {anchor}\n"));
            let end = source.find(&format!("// ANCHOR_END: {anchor}\n"));
            let (Some(start), Some(end)) = (start, end) else {
                panic!("{topic}: no anchor {anchor}");
            };
            let code = &source[start..end];
            let widest = code.lines().map(|line| line.chars().count()).max();
            assert!(
                widest <= Some(100),
                "{topic}: {anchor} is {widest:?} columns wide"
            );
            assert!(
                shown.insert(anchor.to_string()),
                "{topic}: {anchor} is shown twice"
            );
        }
        let anchors = between(&source, "// ANCHOR: ", '\n')
            .into_iter()
            .map(String::from);
        assert_eq!(shown, anchors.collect(), "{topic}");
        assert!(shown.contains("slow") && shown.contains("fast"), "{topic}");
    }
}

#[test]
fn each_page_includes_the_record_of_each_of_its_groups() {
    for (topic, register) in TOPICS {
        let mut suite = Suite::new();
        register(&mut suite);
        let groups: Vec<String> = suite.groups().map(|group| group.name.clone()).collect();
        let of_topic = format!("cookbook/{topic}");
        assert!(
            groups.iter().all(|group| {
                group
                    .strip_prefix(&of_topic)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }),
            "{topic}: a group is named after its topic, not {groups:?}"
        );
        let text = read(&page(topic));
        let included: Vec<&str> = between(&text, "{{#include ", '}')
            .into_iter()
            .filter_map(|include| include.strip_prefix("../recorded/"))
            .filter_map(|record| record.strip_suffix(".md"))
            .collect();
        assert_eq!(included, groups, "{topic}: in the order of registration");
    }
}

#[test]
fn each_page_says_the_same_things_in_the_same_order() {
    for (topic, _) in TOPICS {
        let text = read(&page(topic));
        let mut rest = text.as_str();
        for heading in [
            "# ",
            "\n## Slow\n",
            "\n## Fast\n",
            "\n## Measured\n",
            "\n## When not to bother\n",
        ] {
            let (_, after) = rest
                .split_once(heading)
                .unwrap_or_else(|| panic!("{topic}: no {heading:?} where it belongs"));
            rest = after;
        }
        assert!(!rest.trim().is_empty(), "{topic}");
    }
}
