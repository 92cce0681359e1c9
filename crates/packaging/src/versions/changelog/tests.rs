use proptest::prelude::*;

use super::*;

fn changelog(text: &str) -> Changelog {
    let path = PathBuf::from("CHANGELOG.md");
    Changelog::of(path, Some(text.to_owned()), text.to_owned())
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn released(text: &str, number: &str) -> String {
    let mut changelog = changelog(text);
    changelog
        .release(&version(number), "2026-05-01", &format!("v{number}"))
        .unwrap();
    changelog.text
}

/// As on <https://keepachangelog.com/en/1.1.0/>.
const KEPT: &str = "# Changelog

All notable changes.

## [Unreleased]

### Added

- v1.1 Brazilian Portuguese translation.

### Removed

- Trademark sign previously shown after the project description in version
  0.3.0

## [1.1.1] - 2023-03-05

### Fixed

- A [thing](#x), see [Unreleased] and [1.1.1].

```
## [9.9.9] - no heading
```

## 0.0.1 - 2014-05-31 [YANKED]

- Old.

[unreleased]: https://github.com/olivierlacan/keep-a-changelog/compare/v1.1.1...HEAD
[1.1.1]: https://github.com/olivierlacan/keep-a-changelog/compare/v1.1.0...v1.1.1
";

#[test]
fn a_release_is_made_of_what_is_unreleased() {
    let text = released(KEPT, "1.2.0");
    let expected = KEPT
        .replace("## [Unreleased]\n", "## [Unreleased]\n\n## [1.2.0] - 2026-05-01\n")
        .replace(
            "compare/v1.1.1...HEAD\n",
            "compare/v1.2.0...HEAD\n[1.2.0]: https://github.com/olivierlacan/keep-a-changelog/compare/v1.1.1...v1.2.0\n",
        );
    assert_eq!(text, expected);
    let after = changelog(&text);
    assert_eq!(after.versions(), ["1.2.0", "1.1.1", "0.0.1"].map(version));
    assert_eq!(after.unreleased(), "");
    assert!(
        after
            .notes(&version("1.2.0"))
            .unwrap()
            .starts_with("### Added\n\n- v1.1 Brazilian")
    );
}

#[test]
fn notes_have_the_links_that_they_use() {
    let kept = changelog(KEPT);
    assert_eq!(
        kept.notes(&version("1.1.1")).unwrap(),
        "### Fixed\n\n- A [thing](#x), see [Unreleased] and [1.1.1].\n\n```\n## [9.9.9] - no heading\n```\n\n\
         [unreleased]: https://github.com/olivierlacan/keep-a-changelog/compare/v1.1.1...HEAD\n\
         [1.1.1]: https://github.com/olivierlacan/keep-a-changelog/compare/v1.1.0...v1.1.1\n"
    );
    // The last version has no links in its notes, though they are below it.
    assert_eq!(kept.notes(&version("0.0.1")).unwrap(), "- Old.\n");
    let error = kept.notes(&version("9.9.9")).unwrap_err().to_string();
    assert!(
        error.contains("`CHANGELOG.md` has no section of 9.9.9"),
        "{error}"
    );
}

#[test]
fn a_link_that_is_defined_twice_is_told_once() {
    let text = "# 1.1.0\n\n- x ([#1])\n\n[#1]: https://one\n\n# 1.0.0\n\n- y ([#1])\n\n[#1]: https://other\n";
    let notes = changelog(text).notes(&version("1.0.0")).unwrap();
    assert_eq!(notes, "- y ([#1])\n\n[#1]: https://one\n");
}

#[test]
fn the_form_of_others_is_kept() {
    for (text, heading) in [
        // tokio
        (
            "# Unreleased\n\n- x\n\n# 1.54.1 (July 1st, 2026)\n\n- y\n",
            "# 1.55.0 (2026-05-01)\n",
        ),
        // ripgrep
        (
            "TBD\n===\n- x\n\n15.2.0 (2026-01-01)\n===================\n- y\n",
            "1.55.0 (2026-05-01)\n===================\n",
        ),
        (
            "## Unreleased\n- x\n## v1.0.0 - 2026-01-01\n- y\n",
            "## v1.55.0 - 2026-05-01\n",
        ),
        (
            "## Unreleased\n- x\n## Version 1.0.0\n- y\n",
            "## Version 1.55.0\n",
        ),
        (
            "## Unreleased\n- x\n## [1.0.0](https://a/1.0.0) – 2026-01-01\n- y\n",
            "## [1.55.0] – 2026-05-01\n",
        ),
        ("## [Unreleased]\n- x\n", "## [1.55.0] - 2026-05-01\n"),
        ("# Unreleased\n- x", "# 1.55.0 - 2026-05-01\n"),
        (
            "## [unreleased] - ReleaseDate\n- x\n",
            "## [1.55.0] - 2026-05-01\n",
        ),
        (
            "## toy 0.1.0-rc.1+b\n- y\n\n## Unreleased\n- x\n",
            "## toy 1.55.0\n",
        ),
    ] {
        let after = released(text, "1.55.0");
        assert!(after.contains(heading), "{after}");
        assert!(
            changelog(&after)
                .notes(&version("1.55.0"))
                .unwrap()
                .contains("- x"),
            "{after}"
        );
        assert!(changelog(&after).unreleased().is_empty(), "{after}");
    }
}

#[test]
fn a_version_within_a_section_is_one_if_its_heading_begins_with_it() {
    let text = "## [Unreleased]\n\n### Rust 1.85.0 is required\n\n- x\n\n## [0.1.0]\n\n### Serde 1.0.0\n\n- y\n";
    let mut one = changelog(text);
    assert_eq!(one.versions(), [version("0.1.0")]);
    assert_eq!(one.unreleased(), "### Rust 1.85.0 is required\n\n- x");
    one.release(&version("1.85.0"), "2026-05-01", "v1.85.0")
        .unwrap();
    assert!(
        one.text
            .contains("\n## [1.85.0]\n\n### Rust 1.85.0 is required\n")
    );
    assert_eq!(
        one.notes(&version("0.1.0")).unwrap(),
        "### Serde 1.0.0\n\n- y\n"
    );
    // Where patches are one level below, as some tools write them.
    let tool = "## [1.1.0](https://a) (2026-01-01)\n\n- x\n\n### [1.0.1](https://b) (2025-01-01)\n\n### Bug Fixes\n\n- y\n";
    let tool = changelog(tool);
    assert_eq!(tool.versions(), [version("1.1.0"), version("1.0.1")]);
    assert_eq!(
        tool.notes(&version("1.0.1")).unwrap(),
        "### Bug Fixes\n\n- y\n"
    );
}

#[test]
fn a_section_of_two_numbers_is_none_of_the_next_version() {
    let text = "# toy 2.0\n\n## Unreleased\n\n- x\n\n## Version 0.1 (2020-01-01)\n\n### 1.85 is enough\n\n- y\n";
    let mut one = changelog(text);
    assert_eq!(one.versions(), []);
    one.add(&[ChangelogEntry::new(ChangelogGroup::Fixed, "It.")]);
    one.release(&version("0.2.0"), "2026-05-01", "v0.2.0")
        .unwrap();
    assert_eq!(
        one.text,
        "# toy 2.0\n\n## Unreleased\n\n## Version 0.2.0 (2026-05-01)\n\n- x\n\n### Fixed\n\n- It.\n\n\
         ## Version 0.1 (2020-01-01)\n\n### 1.85 is enough\n\n- y\n"
    );
    assert_eq!(
        one.notes(&version("0.2.0")).unwrap(),
        "- x\n\n### Fixed\n\n- It.\n"
    );
}

#[test]
fn marked_headings_are_read_without_their_marks() {
    let text = "# Changelog\n\n## **Unreleased**\n\n- One.\n\n## `v0.1.0`\n\n- Old.\n";
    let mut read = changelog(text);
    assert_eq!(read.versions(), [version("0.1.0")]);
    assert_eq!(read.unreleased().trim(), "- One.");
    read.add(&[ChangelogEntry::new(ChangelogGroup::Added, "Two.")]);
    assert!(read.text().find("Two.") < read.text().find("v0.1.0"));
    let released = released(text, "0.2.0");
    assert_eq!(
        changelog(&released).versions(),
        [version("0.2.0"), version("0.1.0")]
    );
    let notes = changelog(&released).notes(&version("0.2.0")).unwrap();
    assert_eq!(notes.trim(), "- One.", "{released}");
}

#[test]
fn entries_join_what_is_there() {
    let mut kept = changelog(KEPT);
    let entry = |group, text| ChangelogEntry::new(group, text);
    let entries = [
        entry(ChangelogGroup::Fixed, "One."),
        entry(ChangelogGroup::Added, "Two."),
        entry(ChangelogGroup::Added, "Two."),
        entry(ChangelogGroup::Removed, "Three."),
        entry(ChangelogGroup::Changed, "Four."),
        entry(
            ChangelogGroup::Added,
            "v1.1 Brazilian Portuguese translation.",
        ),
    ];
    kept.add(&entries);
    assert_eq!(
        kept.unreleased(),
        "### Added\n\n- v1.1 Brazilian Portuguese translation.\n- Two.\n\n### Changed\n\n- Four.\n\n### Removed\n\n\
         - Trademark sign previously shown after the project description in version\n  0.3.0\n- Three.\n\n### Fixed\n\n- One."
    );
    let once = kept.text.clone();
    kept.add(&entries);
    assert_eq!(kept.text, once);
    assert_eq!(kept.versions(), changelog(KEPT).versions());
}

#[test]
fn entries_find_a_place_in_any_text() {
    for (text, expected) in [
        ("", "## [Unreleased]\n\n### Fixed\n\n- It.\n"),
        (
            "# Changelog",
            "# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- It.\n",
        ),
        ("## [Unreleased]", "## [Unreleased]\n\n### Fixed\n\n- It.\n"),
        (
            "## [Unreleased]\n### Fixed\n## 1.0.0\n",
            "## [Unreleased]\n### Fixed\n\n- It.\n## 1.0.0\n",
        ),
        (
            "# C\n\n# 1.0.0 (2026)\n\n* x\n",
            "# C\n\n# Unreleased\n\n## Fixed\n\n* It.\n\n# 1.0.0 (2026)\n\n* x\n",
        ),
        (
            "1.0.0\n=====\nx\n",
            "Unreleased\n==========\n\n## Fixed\n\n- It.\n\n1.0.0\n=====\nx\n",
        ),
        (
            "## [Unreleased]\r\n\r\n### Fixed\r\n\r\n- That.\r\n\r\n## [1.0.0]\r\n",
            "## [Unreleased]\r\n\r\n### Fixed\r\n\r\n- That.\r\n- It.\r\n\r\n## [1.0.0]\r\n",
        ),
        (
            "## [Unreleased]\n\n[Unreleased]: https://x/compare/v1...HEAD\n",
            "## [Unreleased]\n\n### Fixed\n\n- It.\n\n[Unreleased]: https://x/compare/v1...HEAD\n",
        ),
        (
            "## [1.0.0]: https://x\n\n[1.0.0]: https://x\n",
            "## [Unreleased]\n\n### Fixed\n\n- It.\n\n## [1.0.0]: https://x\n\n[1.0.0]: https://x\n",
        ),
    ] {
        let mut changelog = changelog(text);
        changelog.add(&[ChangelogEntry::new(ChangelogGroup::Fixed, "It.")]);
        assert_eq!(changelog.text, expected);
    }
}

#[test]
fn where_no_heading_waits_for_changes_none_is_left() {
    let text = "# Version 0.8.23\n\n- x\n\n# Version 0.8.22\n\n### Added\n\n- y\n";
    let mut changelog = changelog(text);
    changelog.add(&[ChangelogEntry::new(ChangelogGroup::Fixed, "It.")]);
    assert!(
        changelog.text.starts_with("# Unreleased\n"),
        "{}",
        changelog.text
    );
    changelog
        .release(&version("0.8.24"), "2026-05-01", "v0.8.24")
        .unwrap();
    // Groups have the level that they have elsewhere.
    let expected = "# Version 0.8.24\n\n### Fixed\n\n- It.\n\n";
    assert_eq!(changelog.text, format!("{expected}{text}"));
}

#[test]
fn what_cannot_be_released_says_why() {
    let release = |text: &str, number: &str| {
        let mut changelog = changelog(text);
        let outcome = changelog.release(&version(number), "2026-05-01", "v");
        assert_eq!(changelog.text, text);
        outcome.unwrap_err().to_string()
    };
    assert!(release(KEPT, "1.1.1").contains("has 1.1.1 already"));
    for text in [
        "",
        "## [Unreleased]\n",
        "## [Unreleased]\n\n<!-- write\nhere -->\n### Added\n\n## [0.1.0]\n- x\n",
        "## [0.1.0]\n- x\n",
        "## [Unreleased]\n\n[unreleased]: https://x/compare/v1...HEAD\n",
    ] {
        assert!(
            release(text, "2.0.0").contains("nothing under its heading"),
            "{text}"
        );
    }
}

#[test]
fn days_are_those_of_git() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str], seconds: u64| {
        let mut command = std::process::Command::new("git");
        command
            .args(["-c", "user.name=a", "-c", "user.email=b"])
            .args(arguments)
            .current_dir(folder.path());
        command
            .env("TZ", "UTC")
            .env("GIT_COMMITTER_DATE", format!("@{seconds} +0000"));
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"], 0);
    for seconds in [
        0,
        86_399,
        86_400,
        951_782_400,
        951_868_800,
        1_709_164_800,
        1_735_689_599,
        4_107_542_400,
    ] {
        git(&["commit", "--quiet", "--allow-empty", "-m", "x"], seconds);
        let time = UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        assert_eq!(
            date_of(time),
            git(&["log", "-1", "--format=%cs"], 0),
            "{seconds}"
        );
    }
}

/// Lines that a changelog may have, in any order.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        Just("## [Unreleased]"),
        Just("# Unreleased"),
        Just("## [0.1.0] - 2026-01-01"),
        Just("# 0.2.0 (May 1st)"),
        Just("0.3.0"),
        Just("====="),
        Just("-----"),
        Just("### Added"),
        Just("### Fixed:"),
        Just("## Added"),
        Just("- an item"),
        Just("* another"),
        Just("  its second line"),
        Just("```"),
        Just("~~~ toml"),
        Just("<!-- a comment"),
        Just("-->"),
        Just("<!-- next-header -->"),
        Just("[0.1.0]: https://example.org/compare/v0...v0.1.0"),
        Just("[a]:"),
        Just("[é"),
        Just("#"),
        Just("— ünicode\u{a0}"),
        Just(""),
    ];
    prop::collection::vec(line.prop_map(str::to_owned), 0..24)
}

/// Whether each of the lines is there, in this order.
fn are_there(lines: &[String], text: &str) -> bool {
    let mut there = text.trim_start_matches('\u{feff}').lines();
    lines.iter().all(|line| there.any(|other| other == line))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_that_was_written_is_lost(lines in lines(), is_crlf in any::<bool>(), is_ended in any::<bool>(), has_mark in any::<bool>()) {
        let newline = if is_crlf { "\r\n" } else { "\n" };
        let mut text = lines.join(newline);
        if is_ended {
            text.push_str(newline);
        }
        if has_mark {
            text.insert(0, '\u{feff}');
        }
        // The mark stays in front of all, whatever comes first.
        let written: Vec<String> = text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect();
        let mut changelog = changelog(&text);
        let entries = ChangelogGroup::ALL.map(|group| ChangelogEntry::new(group, group.title()));
        changelog.add(&entries);
        prop_assert!(are_there(&written, changelog.text()), "{:?}\n{}", text, changelog.text());
        for entry in &entries {
            prop_assert!(entries::items(changelog.unreleased()).contains(&entry.text[..]), "{:?}\n{}", text, changelog.text());
        }
        prop_assert_eq!(changelog.text().starts_with('\u{feff}'), has_mark);
        let before = changelog.unreleased().to_owned();
        let versions = changelog.versions();
        changelog.release(&version("7.0.0"), "2026-05-01", "v7.0.0").unwrap();
        prop_assert!(are_there(&written, changelog.text()), "{:?}\n{}", text, changelog.text());
        prop_assert_eq!(changelog.versions().len(), versions.len() + 1);
        let notes = changelog.notes(&version("7.0.0")).unwrap();
        let items = |text: &str| text.lines().filter(|line| line.starts_with(['-', '*'])).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(items(&notes), items(&before));
        if is_crlf {
            prop_assert!(!changelog.text().replace("\r\n", "").contains('\n') || lines.len() < 2);
        }
    }
}
