use super::*;

/// A database with one advisory of this text, and a lock file with `sharp` in this version.
fn judged(file: &str, advisory: &str, version: &str) -> Result<AdvisoriesReport, Error> {
    let folder = tempfile::tempdir().unwrap();
    let about = folder.path().join("crates/sharp");
    fs::create_dir_all(&about).unwrap();
    fs::write(about.join(file), advisory).unwrap();
    let lock = folder.path().join("Cargo.lock");
    let source = "registry+https://github.com/rust-lang/crates.io-index";
    let text = format!(
        "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"sharp\"\nversion = \"{version}\"\nsource = \"{source}\"\n"
    );
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
fn advisories_of_before_2020_are_read() {
    let old = "[advisory]\nid = \"RUSTSEC-2017-0001\"\npackage = \"sharp\"\ndate = \"2017-01-26\"\ntitle = \"Cuts\"\ndescription = \"\"\"\nLong.\n\"\"\"\npatched_versions = [\">= 0.0.14\"]\n";
    let report = judged("RUSTSEC-2017-0001.toml", old, "0.0.13").unwrap();
    assert_eq!(report.vulnerable[0].title, "Cuts");
    assert_eq!(report.vulnerable[0].patched, [">=0.0.14"]);
    let report = judged("RUSTSEC-2017-0001.toml", old, "0.0.14").unwrap();
    assert!(report.vulnerable.is_empty());
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
