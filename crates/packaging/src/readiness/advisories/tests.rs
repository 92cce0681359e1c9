use super::*;

/// A database with one advisory of this text, and a lock file with `sharp` in this version.
fn judged(file: &str, advisory: &str, version: &str) -> Result<AdvisoriesReport, Error> {
    judged_all(file, advisory, &[version])
}

fn judged_all(file: &str, advisory: &str, versions: &[&str]) -> Result<AdvisoriesReport, Error> {
    let folder = tempfile::tempdir().unwrap();
    let about = folder.path().join("crates/sharp");
    fs::create_dir_all(&about).unwrap();
    fs::write(about.join(file), advisory).unwrap();
    let lock = folder.path().join("Cargo.lock");
    let source = "registry+https://github.com/rust-lang/crates.io-index";
    let mut text = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n".to_owned();
    for version in versions {
        text += &format!(
            "\n[[package]]\nname = \"sharp\"\nversion = \"{version}\"\nsource = \"{source}\"\n"
        );
    }
    fs::write(&lock, text).unwrap();
    find_advisories(&lock, folder.path())
}

fn page(more: &str, versions: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"sharp\"\ndate = \"2024-01-01\"\n{more}\n\n[versions]\n{versions}\n```\n\n# Cuts its user\n\nLong.\n"
    )
}

fn vulnerable(versions: &str, version: &str) -> bool {
    let report = judged("RUSTSEC-2024-0001.md", &page("", versions), version).unwrap();
    assert_eq!(
        (report.packages, report.unknown_packages, report.advisories),
        (1, 1, 1)
    );
    report.vulnerable.len() == 1
}

#[test]
fn a_version_counts_if_it_is_neither_mended_nor_untouched() {
    let versions = "patched = [\">= 1.2.0\", \">= 1.1.4, < 1.2.0\"]\nunaffected = [\"< 1.0.0\"]";
    assert!(!vulnerable(versions, "0.9.0"));
    assert!(vulnerable(versions, "1.0.0"));
    assert!(vulnerable(versions, "1.1.3"));
    assert!(!vulnerable(versions, "1.1.4"));
    assert!(!vulnerable(versions, "2.0.0"));
    // A pre-release comes before what it prepares.
    assert!(vulnerable("patched = [\">= 1.2.0\"]", "1.2.0-alpha.1"));
    assert!(!vulnerable("patched = [\">= 1.2.0\"]", "1.3.0-alpha.1"));
    assert!(vulnerable("patched = []", "7.0.0"));
}

#[test]
fn what_is_withdrawn_does_not_count_and_what_is_a_notice_is_told_apart() {
    let report = judged(
        "a.md",
        &page("withdrawn = \"2024-02-01\"", "patched = []"),
        "1.0.0",
    )
    .unwrap();
    assert!(report.vulnerable.is_empty() && report.informational.is_empty());
    let report = judged(
        "a.md",
        &page("informational = \"unmaintained\"", "patched = []"),
        "1.0.0",
    )
    .unwrap();
    assert!(report.vulnerable.is_empty());
    assert_eq!(
        report.informational[0].informational.as_deref(),
        Some("unmaintained")
    );
}

#[test]
fn an_advisory_counts_once_and_is_held_against_each_version() {
    let versions = "patched = [\">= 1.2.0\"]";
    let report = judged_all("a.md", &page("", versions), &["1.0.0", "1.1.0", "1.2.0"]).unwrap();
    assert_eq!((report.packages, report.advisories), (3, 1));
    let found = report.vulnerable.iter().map(|found| &found.version[..]);
    assert_eq!(found.collect::<Vec<_>>(), ["1.0.0", "1.1.0"]);
}

#[test]
fn a_line_says_where_to_go() {
    for (versions, expected) in [
        (
            "patched = [\"^1.2.3\", \">= 2.0.1\"]\nunaffected = [\"< 1.0.0\"]",
            "(mended in ^1.2.3 or >=2.0.1)",
        ),
        // As RUSTSEC-2020-0051, of what the next major version does not have.
        (
            "patched = []\nunaffected = [\">= 2.0.0\"]",
            "(no version is mended, >=2.0.0 never had it)",
        ),
        ("patched = []", "(no version is mended)"),
    ] {
        let report = judged("a.md", &page("", versions), "1.0.0").unwrap();
        let line = report.vulnerable[0].line();
        assert!(line.ends_with(expected), "{line}");
    }
}

/// Ends of ranges in all forms that the database has, which are compared by their order alone.
#[test]
fn ranges_are_read_in_all_their_forms() {
    // RUSTSEC-2020-0091: an end that keeps the pre-releases of 1.0 out.
    let end = "patched = [\">= 0.4.8, < 1.0.0-0\", \">= 1.1.0\"]";
    assert!(!vulnerable(end, "0.9.0") && vulnerable(end, "1.0.0-rc.1") && vulnerable(end, "1.0.0"));
    // RUSTSEC-2019-0035 and RUSTSEC-2021-0128: a caret with a space, and one that is left out.
    let caret = "patched = [\"^ 0.3.1\", \">= 0.4.2\"]";
    assert!(
        !vulnerable(caret, "0.3.9") && vulnerable(caret, "0.4.1") && vulnerable(caret, "0.3.0")
    );
    let bare = "patched = [\">= 0.26.2\", \"0.25.4\"]\nunaffected = [\"< 0.25.0\"]";
    assert!(
        !vulnerable(bare, "0.25.5") && vulnerable(bare, "0.26.1") && vulnerable(bare, "0.25.3")
    );
    // RUSTSEC-2026-0097: the upper end first.
    let turned = "patched = [\">= 0.10.1\", \"< 0.10.0, >= 0.9.3\"]\nunaffected = [\"< 0.7.0\"]";
    assert!(!vulnerable(turned, "0.9.4") && vulnerable(turned, "0.10.0"));
    assert!(vulnerable(turned, "0.9.2") && !vulnerable(turned, "0.6.9"));
    // RUSTSEC-2020-0071: versions one by one, in no order that they would need.
    let single = "patched = [\">= 0.2.23\"]\nunaffected = [\"=0.2.1\", \"=0.2.0\"]";
    assert!(
        !vulnerable(single, "0.2.1") && vulnerable(single, "0.2.2") && vulnerable(single, "0.1.9")
    );
}

#[test]
fn advisories_of_before_2021_are_read() {
    let old = "[advisory]\nid = \"RUSTSEC-2017-0001\"\npackage = \"sharp\"\ndate = \"2017-01-26\"\ntitle = \"Cuts\"\ndescription = \"\"\"\nLong.\n\"\"\"\npatched_versions = [\">= 0.0.14\"]\n";
    let report = judged("RUSTSEC-2017-0001.toml", old, "0.0.13").unwrap();
    assert_eq!(report.vulnerable[0].title, "Cuts");
    assert_eq!(report.vulnerable[0].patched, [">=0.0.14"]);
    let report = judged("RUSTSEC-2017-0001.toml", old, "0.0.14").unwrap();
    assert!(report.vulnerable.is_empty());
    // The form in between.
    let later = "[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"sharp\"\ndate = \"2020-03-01\"\ntitle = \"Cuts\"\ndescription = \"Long.\"\n\n[versions]\npatched = [\">= 3.2.1\"]\nunaffected = [\"< 3.0.0\"]\n";
    let report = judged_all(
        "RUSTSEC-2020-0001.toml",
        later,
        &["2.9.9", "3.0.0", "3.2.1"],
    )
    .unwrap();
    assert_eq!(report.vulnerable.len(), 1);
    assert_eq!(report.vulnerable[0].version, "3.0.0");
}

#[test]
fn windows_line_ends_are_read() {
    let text = page("", "patched = []").replace('\n', "\r\n");
    assert_eq!(judged("a.md", &text, "1.0.0").unwrap().vulnerable.len(), 1);
}

#[test]
fn what_cannot_be_read_is_named() {
    for text in [
        "",
        "é".repeat(20).as_str(),
        "```toml\nid =\n```\n# T\n\nx\n",
        &page("", "patched = [\"what\"]"),
    ] {
        let error = judged("RUSTSEC-2024-0009.md", text, "1.0.0")
            .unwrap_err()
            .to_string();
        assert!(error.contains("RUSTSEC-2024-0009.md"), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let error = find_advisories(&folder.path().join("Cargo.lock"), folder.path()).unwrap_err();
    assert!(error.to_string().contains("no folder `crates`"), "{error}");
}

#[test]
fn a_folder_without_any_advisory_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("Cargo.lock");
    fs::write(&lock, "version = 4\n").unwrap();
    let about = folder.path().join("crates/base");
    fs::create_dir_all(&about).unwrap();
    let refused = || find_advisories(&lock, folder.path()).unwrap_err();
    assert!(refused().to_string().contains("no advisory in it"));
    // As the checkout of a workspace has it.
    fs::write(about.join("README.md"), "# base\n").unwrap();
    assert!(refused().to_string().contains("no advisory in it"));

    let versions = "patched = []";
    fs::write(about.join("RUSTSEC-2024-0001.md"), page("", versions)).unwrap();
    assert_eq!(
        find_advisories(&lock, folder.path()).unwrap(),
        AdvisoriesReport::default()
    );
}
